import {
  isSnapshotBundler,
  type BundledBlob,
  type ReadOptions,
  type SnapshotName,
  type Store,
  type WriteResult,
} from './port.ts';

/** Writes the blobs of one snapshot and then the snapshot. */
export interface SnapshotWriter extends Pick<Store, 'writeBlob'> {
  /** Commits. */
  writeSnapshot(name: SnapshotName, manifest: Uint8Array, options?: ReadOptions): Promise<WriteResult>;
}

/**
 * Straight to the store; but where each object has its price, small blobs wait and ride in one with the snapshot, as long
 * as they find room. Nobody could use them before it anyway.
 */
export function openSnapshotWriter(store: Store): SnapshotWriter {
  if (!isSnapshotBundler(store)) return store;
  const riding: BundledBlob[] = [];
  let room = store.ridingBytes;
  return {
    async writeBlob(blob, source, options) {
      if (blob.sizeBytes > room / 2) return store.writeBlob(blob, source, options);
      room -= blob.sizeBytes;
      const chunks: Uint8Array[] = [];
      for await (const chunk of source()) chunks.push(chunk);
      options?.signal?.throwIfAborted();
      riding.push({ digest: blob.digest, bytes: Buffer.concat(chunks) });
      return { bytesSent: 0 };
    },
    writeSnapshot: (name, manifest, options) => store.writeBundle(name, manifest, riding, options),
  };
}
