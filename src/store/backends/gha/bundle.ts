import { digestOf, isDigest, type Digest } from '../../../core/digest.ts';
import { SlipwayError } from '../../../core/errors.ts';
import type { BundledBlob, SnapshotName } from '../../port.ts';
import { formatSnapshotKey, parseSnapshotKey } from '../../snapshot-key.ts';

/** A snapshot with the small blobs that ride with it, one entry of the cache: `docs/formats/store-layout.md`. */
export interface Bundle {
  readonly manifest: Uint8Array;
  readonly blobs: ReadonlyMap<Digest, Uint8Array>;
  /** Blobs that the manifest names and that ride with other snapshots. */
  readonly elsewhere: ReadonlyMap<Digest, SnapshotName>;
}

const MAX_HEADER_BYTES = 1 << 20;
const MAX_MANIFEST_BYTES = 4 << 20;
/** All that may ride with one snapshot: little enough for the time that a small document has. */
export const MAX_RIDING_BYTES: number = 1 << 20;
const MAX_RIDERS_READ_BYTES = 16 << 20;
export const MAX_BUNDLE_BYTES: number = MAX_HEADER_BYTES + 1 + MAX_MANIFEST_BYTES + MAX_RIDERS_READ_BYTES;

interface Header {
  readonly formatVersion: 1;
  readonly manifestBytes: number;
  readonly blobs: readonly { readonly digest: Digest; readonly size: number }[];
  /** By snapshot: its scope, its key, and the blobs that ride with it. */
  readonly elsewhere: readonly { readonly scope: string; readonly key: string; readonly blobs: readonly Digest[] }[];
}

/** A header of one line of JSON, the manifest, then the blobs. */
export function encodeBundle(
  manifest: Uint8Array,
  blobs: readonly BundledBlob[],
  elsewhere: ReadonlyMap<Digest, SnapshotName>,
): Uint8Array {
  const header: Header = {
    formatVersion: 1,
    manifestBytes: manifest.byteLength,
    blobs: blobs.map(({ digest, bytes }) => ({ digest, size: bytes.byteLength })),
    elsewhere: groupBySnapshot(elsewhere),
  };
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), manifest, ...blobs.map(({ bytes }) => bytes)]);
}

/** Throws SNAPSHOT_INVALID or FORMAT_UNKNOWN. Riders whose bytes aren't theirs are left out: they count as missing. */
export function decodeBundle(bytes: Uint8Array): Bundle {
  const end = bytes.subarray(0, MAX_HEADER_BYTES).indexOf(0x0a);
  const header = parseHeader(bytes.subarray(0, Math.max(end, 0)));
  let at = end + 1;
  const take = (size: number): Uint8Array => {
    if (at + size > bytes.byteLength) throw invalid('it ends too early');
    at += size;
    return bytes.subarray(at - size, at);
  };
  const manifest = take(header.manifestBytes);
  const blobs = new Map<Digest, Uint8Array>();
  for (const { digest, size } of header.blobs) {
    const blob = take(size);
    if (digestOf(blob) === digest) blobs.set(digest, blob);
  }
  if (at !== bytes.byteLength) throw invalid('it goes on after its end');
  const elsewhere = new Map<Digest, SnapshotName>();
  for (const { scope, key, blobs: digests } of header.elsewhere) {
    const name = parseSnapshotKey(scope, key);
    if (name) for (const digest of digests) elsewhere.set(digest, name);
  }
  return { manifest, blobs, elsewhere };
}

function groupBySnapshot(elsewhere: ReadonlyMap<Digest, SnapshotName>): Header['elsewhere'] {
  const groups = new Map<string, { scope: string; key: string; blobs: Digest[] }>();
  for (const [digest, name] of elsewhere) {
    const key = formatSnapshotKey(name);
    const id = `${key} ${name.scope}`;
    const group = groups.get(id) ?? { scope: name.scope, key, blobs: [] };
    group.blobs.push(digest);
    groups.set(id, group);
  }
  return [...groups.values()];
}

function parseHeader(bytes: Uint8Array): Header {
  const value = asObject(parseJson(bytes));
  const { formatVersion, manifestBytes, blobs, elsewhere } = value;
  if (typeof formatVersion === 'number' && formatVersion !== 1) {
    throw new SlipwayError('FORMAT_UNKNOWN', `a snapshot's entry of format ${formatVersion} can't be read`, {
      hint: 'A newer slipway wrote it.',
    });
  }
  if (formatVersion !== 1) throw invalid('its header has no format');
  return {
    formatVersion,
    manifestBytes: asSize(manifestBytes, MAX_MANIFEST_BYTES),
    blobs: asArray(blobs).map((one) => {
      const { digest, size } = asObject(one);
      return { digest: asDigest(digest), size: asSize(size, MAX_RIDERS_READ_BYTES) };
    }),
    elsewhere: asArray(elsewhere).map((one) => {
      const { scope, key, blobs: digests } = asObject(one);
      if (typeof scope !== 'string' || typeof key !== 'string') throw invalid('its header names no snapshot');
      return { scope, key, blobs: asArray(digests).map(asDigest) };
    }),
  };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw invalid('its header is no JSON', error);
  }
}

function asObject(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw invalid('its header is no object');
  return value as Record<string, unknown>;
}

function asArray(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid('its header lacks a list');
  return value;
}

function asSize(value: unknown, max: number): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > max) {
    throw invalid('its header has a size out of bounds');
  }
  return value;
}

function asDigest(value: unknown): Digest {
  if (typeof value !== 'string' || !isDigest(value)) throw invalid('its header has a digest that is none');
  return value;
}

function invalid(what: string, cause?: unknown): SlipwayError {
  return new SlipwayError('SNAPSHOT_INVALID', `an entry of the GitHub Actions cache is no snapshot: ${what}`, {
    cause,
  });
}
