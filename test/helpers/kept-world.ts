import { createHash } from 'node:crypto';
import type { Clock } from '../../src/core/clock.ts';
import type { Digest } from '../../src/core/digest.ts';
import { encodeEntryList } from '../../src/pack/entry-list.ts';
import { CONFIG_MEDIA_TYPE, LAYER_MEDIA_TYPE } from '../../src/pack/manifest.ts';
import { encodeSnapshot } from '../../src/pack/snapshot.ts';
import type { PackFacts, Snapshot } from '../../src/pack/types.ts';
import { writePack } from '../../src/pack/write-pack.ts';
import { createMemoryStore } from '../../src/store/backends/memory/memory-store.ts';
import { verifiedStore } from '../../src/store/decorators/verified.ts';
import type { Store, StoreKeeper } from '../../src/store/port.ts';

export const HOUR = 3_600_000;
export const DAY: number = 24 * HOUR;

/** A store and its clock. */
export interface World {
  readonly store: Store & StoreKeeper;
  nowMs: number;
}

export function newWorld(): World {
  const clock: Clock = { now: () => world.nowMs, monotonic: () => world.nowMs, sleep: async () => {} };
  const store = verifiedStore(createMemoryStore(clock)) as Store & StoreKeeper;
  const world: World = { store, nowMs: 1_000_000 * HOUR };
  return world;
}

export interface MadePack {
  readonly bytes: Uint8Array;
  readonly facts: PackFacts;
}

/** A pack of `-d` entries with these contents. */
export async function makePack(...contents: readonly string[]): Promise<MadePack> {
  const chunks: Uint8Array[] = [];
  const members = contents
    .map((content) => {
      const hex = createHash('sha256').update(content).digest('hex');
      return { path: `${hex.slice(0, 2)}/${hex}-d`, sizeBytes: Buffer.byteLength(content), body: Buffer.from(content) };
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const facts = await writePack(
    (async function* () {
      yield* members;
    })(),
    { kind: 'gocache', write: async (chunk) => void chunks.push(chunk.slice()) },
  );
  return { bytes: Buffer.concat(chunks), facts };
}

export async function putBlob(
  store: Store,
  digest: Digest,
  bytes: Uint8Array,
  mediaType: string = LAYER_MEDIA_TYPE,
): Promise<void> {
  await store.writeBlob({ digest, sizeBytes: bytes.length, mediaType }, async function* () {
    yield bytes;
  });
}

export interface SavedSnapshot {
  readonly scope: string;
  readonly sequence: number;
  readonly packs: readonly MadePack[];
  readonly nonce?: string;
  readonly merged?: readonly string[];
  /** By the writer's clock. */
  readonly createdAtMs?: number;
  /** In how many builds running the packs' entries were not used; all of a pack alike. */
  readonly ages?: readonly number[];
  readonly facts?: Snapshot['facts'];
}

/** Saves a snapshot as `warm/publish` does: packs and lists, config, manifest. Returns its key. */
export async function saveSnapshot(world: World, saved: SavedSnapshot): Promise<string> {
  const { scope, sequence, packs, nonce = '0a1b2c3d', merged = [], createdAtMs = world.nowMs, ages = [] } = saved;
  const records = [];
  for (const [index, { bytes, facts }] of packs.entries()) {
    const list = encodeEntryList(facts);
    await putBlob(world.store, facts.digest, bytes);
    await putBlob(world.store, list.record.digest, list.bytes);
    const { entries, ...rest } = facts;
    records.push({
      ...rest,
      representation: 'files' as const,
      entryCount: entries.length,
      entryList: list.record,
      ages: new Uint8Array(entries.length).fill(ages[index] ?? 0),
    });
  }
  const encoded = encodeSnapshot({
    formatVersion: 1,
    scope,
    sequence,
    nonce,
    createdAtMs,
    merged,
    packs: records,
    history: [],
    owners: {},
    facts: saved.facts ?? {},
  });
  await putBlob(world.store, encoded.configDigest, encoded.config, CONFIG_MEDIA_TYPE);
  await world.store.writeSnapshot({ scope, sequence, nonce }, encoded.manifest);
  return `${sequence}-${nonce}`;
}

/** The store with other bytes under a digest, as bit rot would leave it, until it is deleted. */
export function withRottenBlob(store: Store & StoreKeeper, digest: Digest, bytes: Uint8Array): Store & StoreKeeper {
  let isThere = true;
  const rotten: Store & StoreKeeper = {
    ...store,
    readBlob: async (asked, options) => {
      if (asked !== digest || !isThere) return store.readBlob(asked, options);
      return {
        offset: 0,
        body: (async function* () {
          yield bytes;
        })(),
      };
    },
    deleteBlob: async (asked, options) => {
      if (asked === digest) isThere = false;
      await store.deleteBlob(asked, options);
    },
  };
  return verifiedStore(rotten) as Store & StoreKeeper;
}
