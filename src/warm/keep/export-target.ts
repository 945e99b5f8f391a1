import type { BlobDescriptor, BlobSource, SnapshotName, Store } from '../../store/port.ts';

/** Where an export goes: another store, or an image layout. */
export interface ExportTarget {
  readonly description: string;
  /** It has room for one image of a scope, so several snapshots must be one. */
  readonly isOnePerScope: boolean;
  /** Opens the source only for a blob that isn't there; returns how many bytes it took. */
  putBlob(blob: BlobDescriptor, source: BlobSource, signal: AbortSignal): Promise<number>;
  /** After all that the manifest names was put. */
  commit(name: SnapshotName, manifest: Uint8Array, signal: AbortSignal): Promise<void>;
  close(isWhole: boolean): Promise<void>;
}

export function storeTarget(store: Store): ExportTarget {
  return {
    description: store.description,
    isOnePerScope: false,
    putBlob: async (blob, source, signal) => (await store.writeBlob(blob, source, { signal })).bytesSent,
    commit: async (name, manifest, signal) => void (await store.writeSnapshot(name, manifest, { signal })),
    close: async () => undefined,
  };
}
