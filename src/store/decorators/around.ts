import {
  canTryWrite,
  hasPublicReading,
  isBlobLocator,
  isSnapshotBundler,
  isStoreKeeper,
  type BlobLocator,
  type PublicReading,
  type SnapshotBundler,
  type Store,
  type StoreKeeper,
  type WriteTrial,
} from '../port.ts';
import { formatSnapshotKey } from '../snapshot-key.ts';

/** One call of a store, for those who wrap all of them alike. */
export interface StoreCall {
  readonly name:
    | keyof Store
    | keyof StoreKeeper
    | keyof SnapshotBundler
    | keyof WriteTrial
    | keyof PublicReading
    | keyof BlobLocator;
  /** Does it add to the store? Clean-up doesn't count. */
  readonly isWrite: boolean;
  /** The digest, scope or snapshot it is about, for messages. */
  readonly subject: string;
}

export type Around = <T>(
  call: StoreCall,
  run: (signal?: AbortSignal) => Promise<T>,
  signal?: AbortSignal,
) => Promise<T>;

/** A store whose every call goes through `around`; it keeps the powers that the inner one has. */
export function aroundStore(inner: Store, around: Around): Store {
  const store: Store = {
    description: inner.description,
    ...(inner.refusal && { refusal: inner.refusal }),
    hasBlob: (digest, options) =>
      around(read('hasBlob', digest), (signal) => inner.hasBlob(digest, { ...options, signal }), options?.signal),
    readBlob: (digest, options) =>
      around(read('readBlob', digest), (signal) => inner.readBlob(digest, { ...options, signal }), options?.signal),
    writeBlob: (blob, source, options) =>
      around(
        write('writeBlob', blob.digest),
        (signal) => inner.writeBlob(blob, source, { ...options, signal }),
        options?.signal,
      ),
    listSnapshots: (scope, options) =>
      around(
        read('listSnapshots', scope),
        (signal) => inner.listSnapshots(scope, { ...options, signal }),
        options?.signal,
      ),
    readSnapshot: (name, options) =>
      around(
        read('readSnapshot', `${name.scope}@${formatSnapshotKey(name)}`),
        (signal) => inner.readSnapshot(name, { ...options, signal }),
        options?.signal,
      ),
    writeSnapshot: (name, manifest, options) =>
      around(
        write('writeSnapshot', `${name.scope}@${formatSnapshotKey(name)}`),
        (signal) => inner.writeSnapshot(name, manifest, { ...options, signal }),
        options?.signal,
      ),
  };
  return {
    ...store,
    ...(isSnapshotBundler(inner) && aroundBundler(inner, around)),
    ...(isStoreKeeper(inner) && aroundKeeper(inner, around)),
    ...(canTryWrite(inner) && aroundTrial(inner, around)),
    ...(hasPublicReading(inner) && aroundPublicReading(inner, around)),
    ...(isBlobLocator(inner) && aroundLocator(inner, around)),
  };
}

function aroundBundler(inner: SnapshotBundler, around: Around): SnapshotBundler {
  return {
    ridingBytes: inner.ridingBytes,
    writeBundle: (name, manifest, blobs, options) =>
      around(
        write('writeBundle', `${name.scope}@${formatSnapshotKey(name)}`),
        (signal) => inner.writeBundle(name, manifest, blobs, { ...options, signal }),
        options?.signal,
      ),
  };
}

function aroundTrial(inner: WriteTrial, around: Around): WriteTrial {
  return {
    tryWrite: (options) =>
      around(write('tryWrite', ''), (signal) => inner.tryWrite({ ...options, signal }), options?.signal),
  };
}

function aroundPublicReading(inner: PublicReading, around: Around): PublicReading {
  return {
    readableByStrangers: (options) =>
      around(
        read('readableByStrangers', ''),
        (signal) => inner.readableByStrangers({ ...options, signal }),
        options?.signal,
      ),
  };
}

function aroundLocator(inner: BlobLocator, around: Around): BlobLocator {
  return {
    locateBlob: (digest, options) =>
      around(read('locateBlob', digest), (signal) => inner.locateBlob(digest, { ...options, signal }), options?.signal),
  };
}

function aroundKeeper(inner: StoreKeeper, around: Around): StoreKeeper {
  return {
    listScopes: (options) =>
      around(read('listScopes', ''), (signal) => inner.listScopes({ ...options, signal }), options?.signal),
    listBlobs: (options) =>
      around(read('listBlobs', ''), (signal) => inner.listBlobs({ ...options, signal }), options?.signal),
    deleteSnapshot: (name, options) =>
      around(
        read('deleteSnapshot', `${name.scope}@${formatSnapshotKey(name)}`),
        (signal) => inner.deleteSnapshot(name, { ...options, signal }),
        options?.signal,
      ),
    deleteBlob: (digest, options) =>
      around(read('deleteBlob', digest), (signal) => inner.deleteBlob(digest, { ...options, signal }), options?.signal),
    touchBlob: (digest, options) =>
      around(read('touchBlob', digest), (signal) => inner.touchBlob(digest, { ...options, signal }), options?.signal),
    readClock: (options) =>
      around(read('readClock', ''), (signal) => inner.readClock({ ...options, signal }), options?.signal),
    deleteStaleUploads: (olderThanMs, options) =>
      around(
        read('deleteStaleUploads', ''),
        (signal) => inner.deleteStaleUploads(olderThanMs, { ...options, signal }),
        options?.signal,
      ),
  };
}

function read(name: StoreCall['name'], subject: string): StoreCall {
  return { name, subject, isWrite: false };
}

function write(name: StoreCall['name'], subject: string): StoreCall {
  return { name, subject, isWrite: true };
}
