import type { MountKind } from '../core/mount-kind.ts';
import type { PackRecord } from '../pack/types.ts';
import type { StoredAmount } from './types.ts';

/** What packs hold, by the kind of mount, with the entries that the last saved build did not use. */
export function storedAmounts(packs: readonly PackRecord[]): { readonly [kind in MountKind]?: StoredAmount } {
  const amounts: { [kind in MountKind]?: StoredAmount } = {};
  for (const { kind, sizeBytes, entryCount, ages } of packs) {
    const so = amounts[kind] ?? { bytes: 0, entries: 0, entriesIdle: 0 };
    const idle = ages.reduce((count, age) => count + (age > 0 ? 1 : 0), 0);
    amounts[kind] = {
      bytes: so.bytes + sizeBytes,
      entries: so.entries + entryCount,
      entriesIdle: so.entriesIdle + idle,
    };
  }
  return amounts;
}
