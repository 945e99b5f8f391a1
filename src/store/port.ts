import type { Digest } from '../core/digest.ts';

/** Bytes known before they are moved. `mediaType` matters to registries only. */
export interface BlobDescriptor {
  readonly digest: Digest;
  readonly sizeBytes: number;
  readonly mediaType: string;
}

/** Where a snapshot is found: its scope and its own name in it (`<sequence>-<random>`, see `docs/formats/snapshot.md`). */
export interface SnapshotName {
  readonly scope: string;
  /** Rises by at least one over every snapshot that was visible when it was written. */
  readonly sequence: number;
  /** 8 lower-case hex digits: tells two writers of the same sequence apart. */
  readonly nonce: string;
}

export interface ReadOptions {
  readonly signal?: AbortSignal;
}

export interface ReadBlobOptions extends ReadOptions {
  /** Start at this byte: what resuming a broken transfer asks for. A store that can't seek starts at 0 and says so. */
  readonly offset?: number;
}

export interface BlobStream {
  /** First byte that `body` holds: the offset that was asked for, or 0. */
  readonly offset: number;
  readonly body: AsyncIterable<Uint8Array>;
  /** Set by `verifiedStore` when the end of `body` is only reached if the whole had the right digest. */
  readonly isVerified?: boolean;
}

/** Called again for each attempt, so a body must be able to start over. */
export type BlobSource = () => AsyncIterable<Uint8Array>;

/**
 * A home for packs and snapshots. Two kinds of things: blobs, named by their digest; and snapshots, small immutable
 * documents (OCI image manifests) with a name under a scope.
 *
 * Promises every backend keeps, held by the contract suite:
 * - A blob is visible only whole: a cut or wrong upload leaves nothing under its name.
 * - `writeBlob` of a blob that is there already is a success and moves nothing. One that has lain there for more than an
 *   hour counts as written now (a service that can't touch an object takes it once more): a collector must not take it
 *   away from under the snapshot that is about to name it.
 * - `writeSnapshot` never replaces: a name that exists with other bytes is an error (`STORE_FAILED`, not retryable); with
 *   the same bytes it is a success that moves nothing, since a repeated attempt may meet its own work.
 * - A snapshot is visible only whole, and every blob it names was written before it.
 * - Something missing is a value (`undefined`), never an exception.
 * - Errors are `SlipwayError`s with a STORE_* or BLOB_* code and `retryable` set by what happened, not by text.
 * - Aborting the signal ends every call soon with the signal's reason and leaves no temporary file behind.
 * - What a read returns is NOT verified here: `verifiedStore` wraps that around every backend.
 */
export interface Store {
  /** As a person would name it: `registry.example.com/app/cache`, `/var/cache/slipway`. Never with credentials. */
  readonly description: string;
  /** What this run may not do here by the service's own rules: an outcome to be told, not a fault. */
  readonly refusal?: Refusal;

  hasBlob(digest: Digest, options?: ReadOptions): Promise<boolean>;
  readBlob(digest: Digest, options?: ReadBlobOptions): Promise<BlobStream | undefined>;
  writeBlob(blob: BlobDescriptor, source: BlobSource, options?: ReadOptions): Promise<WriteResult>;

  /** All snapshots of a scope, newest sequence first; `[]` for a scope nobody wrote. */
  listSnapshots(scope: string, options?: ReadOptions): Promise<readonly SnapshotName[]>;
  /** The bytes of a snapshot's manifest, at most 4 MiB. */
  readSnapshot(name: SnapshotName, options?: ReadOptions): Promise<Uint8Array | undefined>;
  /** Commits: after this returns, every reader of the scope sees it. */
  writeSnapshot(name: SnapshotName, manifest: Uint8Array, options?: ReadOptions): Promise<WriteResult>;
}

/** Why reads or writes are refused, as a clause: `GitHub runs this job with the cache mode `read``. */
export interface Refusal {
  readonly read?: string;
  readonly write?: string;
}

export interface WriteResult {
  /** Bytes of request bodies that went out for this call, retries included: 0 when it was there already. */
  readonly bytesSent: number;
}

/** An optional power: what was read can be refused, and is then read from another place that has it too. */
export interface SecondSource {
  /** What `readBlob` gave was not the blob. True when it is worth reading again. */
  rejectBlob(digest: Digest): boolean;
  /** What `readSnapshot` gave is of no use. True when it is worth reading again. */
  rejectSnapshot(name: SnapshotName): boolean;
}

export function hasSecondSource(store: Store): store is Store & SecondSource {
  return 'rejectBlob' in store && 'rejectSnapshot' in store;
}

/** An optional power: small blobs ride in one with the snapshot that names them, where each object has its price. */
export interface SnapshotBundler {
  /** How many bytes may ride with one snapshot. */
  readonly ridingBytes: number;
  /**
   * Commits as `writeSnapshot` does. The blobs must be among those that the manifest names; they are there for everybody
   * who has read the snapshot, or one after it that names them too.
   */
  writeBundle(
    name: SnapshotName,
    manifest: Uint8Array,
    blobs: readonly BundledBlob[],
    options?: ReadOptions,
  ): Promise<WriteResult>;
}

export interface BundledBlob {
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

export function isSnapshotBundler<T extends object>(store: T): store is T & SnapshotBundler {
  return 'writeBundle' in store;
}

/** An optional power: it can be asked whether this run may write, without anything being written. */
export interface WriteTrial {
  /** Begins a write and takes it back; rejects as the write would. */
  tryWrite(options?: ReadOptions): Promise<void>;
}

export function canTryWrite<T extends object>(store: T): store is T & WriteTrial {
  return 'tryWrite' in store;
}

/** An optional power: it can be asked whether somebody without any credentials could read what lies here. */
export interface PublicReading {
  /** One request or few, never with a credential. Faults are the answer `unknown`; only an abort is thrown. */
  readableByStrangers(options?: ExposureOptions): Promise<Exposure>;
}

export interface ExposureOptions extends ReadOptions {
  /** One that is there: what a stranger may read of the store is seen by it. */
  readonly snapshot?: SnapshotName | undefined;
  /** The caller is about to write: an empty object may be left where there is nothing yet that could be asked for. */
  readonly mayWrite?: boolean;
}

export interface Exposure {
  readonly readable: 'yes' | 'no' | 'unknown';
  /** The description of the store, one of several. */
  readonly store: string;
  /** A clause: `tags/list without a login was answered with 200`. */
  readonly seenBy: string;
}

export function hasPublicReading<T extends object>(store: T): store is T & PublicReading {
  return 'readableByStrangers' in store;
}

/** An optional power: others than this process can be told where a blob is to be had. */
export interface BlobLocator {
  /**
   * Where to GET the blob, without any of this run's lasting credentials: an address that needs none, one that is signed
   * for this blob, or one with a short-lived token that may only read. Undefined where there is none such, or the blob
   * isn't there; where that costs a request of its own, whoever fetches it is answered 404 instead.
   * The address is as seen from this process, is good for some minutes, and is as secret as a password for as long.
   */
  locateBlob(digest: Digest, options?: ReadOptions): Promise<BlobLocation | undefined>;
}

export interface BlobLocation {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export function isBlobLocator<T extends object>(store: T): store is T & BlobLocator {
  return 'locateBlob' in store;
}

/** An optional power: looking after the store. */
export interface StoreKeeper {
  listScopes(options?: ReadOptions): Promise<readonly string[]>;
  /** Blobs with their sizes and ages; a registry can't list blobs and returns undefined. */
  listBlobs(options?: ReadOptions): Promise<readonly StoredBlob[] | undefined>;
  /** Removing what is not there is a success. */
  deleteSnapshot(name: SnapshotName, options?: ReadOptions): Promise<void>;
  deleteBlob(digest: Digest, options?: DeleteBlobOptions): Promise<void>;
  /** Makes a blob as young as one that is written now; nothing where it isn't there, or where blobs have no age. */
  touchBlob(digest: Digest, options?: ReadOptions): Promise<void>;
  /** What time it is by the clock that `writtenAtMs` is told by; a registry's is that of its answers. */
  readClock(options?: ReadOptions): Promise<number>;
  /** Removes what writers that were killed left behind, when it is older than this; returns how many files. */
  deleteStaleUploads(olderThanMs: number, options?: ReadOptions): Promise<number>;
}

export interface DeleteBlobOptions extends ReadOptions {
  /** By the store's clock: a blob written or touched since stays. Nothing stays where blobs have no age. */
  readonly writtenBeforeMs?: number;
}

export interface StoredBlob {
  readonly digest: Digest;
  readonly sizeBytes: number;
  /** Milliseconds since the epoch by the store's own clock. */
  readonly writtenAtMs: number;
}

export function isStoreKeeper(store: Store): store is Store & StoreKeeper {
  return 'listScopes' in store && 'deleteSnapshot' in store;
}
