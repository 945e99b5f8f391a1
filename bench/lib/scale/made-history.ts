import { readFile } from 'node:fs/promises';
import { encodeEntryList } from '../../../src/pack/entry-list.ts';
import { CONFIG_MEDIA_TYPE, LAYER_MEDIA_TYPE } from '../../../src/pack/manifest.ts';
import { recordOf } from '../../../src/pack/plan-snapshot.ts';
import { encodeSnapshot } from '../../../src/pack/snapshot.ts';
import type { PackRecord, Snapshot } from '../../../src/pack/types.ts';
import { forEachLimited } from '../../../src/store/each-limited.ts';
import type { Store } from '../../../src/store/port.ts';
import { formatSnapshotKey } from '../../../src/store/snapshot-key.ts';
import type { VerifiedPack } from '../../../src/warm/verify-extract.ts';

export interface HistoryShape {
  readonly scopes: number;
  readonly snapshotsPerScope: number;
}

/**
 * A history as savers leave it whom nobody cleans up after: each snapshot names the same packs and has merged all before
 * it. The first scope is `main`.
 */
export async function makeHistory(store: Store, packs: readonly VerifiedPack[], shape: HistoryShape): Promise<void> {
  const records: PackRecord[] = [];
  for (const { facts, file } of packs) {
    const list = encodeEntryList(facts);
    await store.writeBlob({ ...facts, mediaType: LAYER_MEDIA_TYPE }, async function* () {
      yield await readFile(file);
    });
    await store.writeBlob({ ...list.record, mediaType: LAYER_MEDIA_TYPE }, async function* () {
      yield list.bytes;
    });
    records.push(recordOf({ facts, entryList: list.record }, new Uint8Array(facts.entries.length)));
  }
  const { signal } = new AbortController();
  const scopes = Array.from({ length: shape.scopes }, (_, at) => (at === 0 ? 'main' : `branch-${at}`));
  const places = scopes.flatMap((scope) =>
    Array.from({ length: shape.snapshotsPerScope }, (_, at) => ({ scope, sequence: at + 1 })),
  );
  // The newest last, since GitHub's cache knows the order of its entries alone.
  const isNewest = ({ sequence }: { sequence: number }): boolean => sequence === shape.snapshotsPerScope;
  for (const list of [places.filter((place) => !isNewest(place)), places.filter(isNewest)]) {
    await forEachLimited(list, { concurrency: 8, signal }, ({ scope, sequence }) =>
      writeOne(store, { scope, sequence, records }),
    );
  }
}

interface MadeSnapshot {
  readonly scope: string;
  readonly sequence: number;
  readonly records: readonly PackRecord[];
}

async function writeOne(store: Store, { scope, sequence, records }: MadeSnapshot): Promise<void> {
  const merged = Array.from({ length: sequence - 1 }, (_, at) =>
    formatSnapshotKey({ scope, sequence: at + 1, nonce: nonceOf(at + 1) }),
  );
  const name = { scope, sequence, nonce: nonceOf(sequence) };
  const snapshot: Snapshot = {
    formatVersion: 1,
    ...name,
    createdAtMs: Date.now(),
    merged: merged.toSorted(),
    packs: records,
    history: [],
    owners: {},
    facts: {},
  };
  const { manifest, config, configDigest } = encodeSnapshot(snapshot);
  await store.writeBlob(
    { digest: configDigest, sizeBytes: config.byteLength, mediaType: CONFIG_MEDIA_TYPE },
    async function* () {
      yield config;
    },
  );
  await store.writeSnapshot(name, manifest);
}

function nonceOf(sequence: number): string {
  return ((sequence * 2_654_435_761) % 2 ** 32).toString(16).padStart(8, '0');
}
