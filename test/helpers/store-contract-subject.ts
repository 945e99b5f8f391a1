import { randomBytes } from 'node:crypto';
import { digestOf } from '../../src/core/digest.ts';
import type { BlobDescriptor, BlobSource, SnapshotName, Store } from '../../src/store/port.ts';

/** One backend under test. */
export interface ContractSubject {
  readonly store: Store;
  /** The same storage through a second instance, as another process would open it. */
  readonly other: Store;
  /** Does the storage itself tell two writers of one snapshot name apart? */
  readonly hasExclusiveSnapshots: boolean;
  /** In how many places a blob is written: several stores as one. */
  readonly copies?: number;
  /** Names of what unfinished writes left behind, where that can be seen. */
  leftovers?(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** What a kind of storage can't do: known before one is opened, so that the suite has the tests that fit. */
export interface ContractLimits {
  /** It can't be listed: of a scope's snapshots the newest is found, and perhaps others. */
  readonly isHeadOnly?: boolean;
  /** It can't be looked after: no list of scopes or blobs, no deletes. */
  readonly hasNoKeeper?: boolean;
}

export interface TestBlob {
  readonly blob: BlobDescriptor;
  readonly bytes: Buffer;
  readonly source: BlobSource;
}

/** A blob nobody wrote before. */
export function newBlob(sizeBytes: number = 1000, chunkBytes: number = 64 * 1024): TestBlob {
  const bytes = randomBytes(sizeBytes);
  return { bytes, blob: describeBlob(bytes), source: sourceOf(bytes, chunkBytes) };
}

export function describeBlob(bytes: Uint8Array): BlobDescriptor {
  return { digest: digestOf(bytes), sizeBytes: bytes.byteLength, mediaType: 'application/octet-stream' };
}

export function sourceOf(bytes: Uint8Array, chunkBytes: number = 64 * 1024): BlobSource {
  return async function* () {
    for (let at = 0; at < bytes.byteLength; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  };
}

export async function readAll(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

let scopes = 0;

/** A scope nobody used before. */
export function newScope(): string {
  scopes += 1;
  return `scope-${process.pid}-${scopes}-${randomBytes(4).toString('hex')}`;
}

export function newName(scope: string, sequence: number = 1): SnapshotName {
  return { scope, sequence, nonce: randomBytes(4).toString('hex') };
}

/**
 * A manifest no other is equal to. Registries look whether what it names is there, so its config is written first; its
 * `note` pads it to any size.
 */
export async function newManifest(store: Store, name: SnapshotName, note: string = ''): Promise<Uint8Array> {
  const { sequence, nonce } = name;
  const random = randomBytes(8).toString('hex');
  const config = Buffer.from(JSON.stringify({ 'dev.slipway.snapshot': { sequence, nonce }, random }));
  const blob = describeBlob(config);
  await store.writeBlob(blob, sourceOf(config));
  const descriptor = (mediaType: string): object => ({ mediaType, digest: blob.digest, size: blob.sizeBytes });
  const manifest = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: descriptor('application/vnd.oci.image.config.v1+json'),
    layers: [descriptor('application/vnd.oci.image.layer.v1.tar+gzip')],
    annotations: { note },
  };
  return Buffer.from(JSON.stringify(manifest));
}

export async function writeNew(store: Store, name: SnapshotName): Promise<Uint8Array> {
  const manifest = await newManifest(store, name);
  await store.writeSnapshot(name, manifest);
  return manifest;
}
