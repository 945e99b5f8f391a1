import type { Digest } from '../../../core/digest.ts';
import type { SnapshotName } from '../../port.ts';
import type { Bundle } from './bundle.ts';

/** What this process knows of blobs that ride with snapshots: which one each is in, and the bytes of those read last. */
export interface Riders {
  /** Takes note of a snapshot's entry that was read or written. */
  learn(name: SnapshotName, bundle: Omit<Bundle, 'manifest'>): void;
  held(digest: Digest): Uint8Array | undefined;
  locate(digest: Digest): SnapshotName | undefined;
}

/** More is read anew: a fresh worker reads at most as many as it has packs. */
const MAX_HELD_BYTES = 32 << 20;

export function createRiders(maxHeldBytes: number = MAX_HELD_BYTES): Riders {
  const places = new Map<Digest, SnapshotName>();
  const held = new Map<Digest, Uint8Array>();
  let heldBytes = 0;

  const hold = (digest: Digest, bytes: Uint8Array): void => {
    if (held.has(digest)) return;
    held.set(digest, bytes);
    heldBytes += bytes.byteLength;
    for (const [oldest, { byteLength }] of held) {
      if (heldBytes <= maxHeldBytes) return;
      held.delete(oldest);
      heldBytes -= byteLength;
    }
  };

  return {
    learn(name, { blobs, elsewhere }) {
      for (const [digest, place] of elsewhere) if (!places.has(digest)) places.set(digest, place);
      for (const [digest, bytes] of blobs) {
        places.set(digest, name);
        hold(digest, bytes);
      }
    },
    held: (digest) => held.get(digest),
    locate: (digest) => places.get(digest),
  };
}
