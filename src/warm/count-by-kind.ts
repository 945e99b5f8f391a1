import type { MountKind } from '../core/mount-kind.ts';
import type { BytesByKind } from './types.ts';

export interface KindCounter {
  /** A listener that counts for this kind what it hands on. */
  with(kind: MountKind, onBytes: (bytes: number) => void): (bytes: number) => void;
  bytes(): BytesByKind;
}

/** Bytes by the kind of mount that they are for. A kind of which nothing moved is absent. */
export function countByKind(): KindCounter {
  const counts: { [kind in MountKind]?: number } = {};
  return {
    with: (kind, onBytes) => (bytes) => {
      if (bytes > 0) counts[kind] = (counts[kind] ?? 0) + bytes;
      onBytes(bytes);
    },
    bytes: () => ({ ...counts }),
  };
}

export function sumByKind({ gocache = 0, gomodcache = 0 }: BytesByKind): number {
  return gocache + gomodcache;
}
