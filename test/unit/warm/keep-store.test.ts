import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/core/clock.ts';
import type { Digest } from '../../../src/core/digest.ts';
import { encodeEntryList } from '../../../src/pack/entry-list.ts';
import { CONFIG_MEDIA_TYPE, LAYER_MEDIA_TYPE } from '../../../src/pack/manifest.ts';
import { encodeSnapshot } from '../../../src/pack/snapshot.ts';
import type { PackFacts, Snapshot } from '../../../src/pack/types.ts';
import { writePack } from '../../../src/pack/write-pack.ts';
import { createMemoryStore } from '../../../src/store/backends/memory/memory-store.ts';
import type { Store, StoreKeeper } from '../../../src/store/port.ts';
import { checkStore } from '../../../src/warm/check-store.ts';
import { applyGarbagePlan, planGarbage } from '../../../src/warm/collect-garbage.ts';
import { planUsage } from '../../../src/warm/store-usage.ts';
import { surveyStore } from '../../../src/warm/survey-store.ts';

const HOUR = 3_600_000;
const { signal } = new AbortController();

interface World {
  readonly store: Store & StoreKeeper;
  nowMs: number;
}

function newWorld(): World {
  const clock: Clock = { now: () => world.nowMs, monotonic: () => world.nowMs, sleep: async () => {} };
  const world: World = { store: createMemoryStore(clock), nowMs: 1_000_000 * HOUR };
  return world;
}

interface MadePack {
  readonly bytes: Uint8Array;
  readonly facts: PackFacts;
}

/** A pack of `-d` entries with these contents. */
async function makePack(...contents: readonly string[]): Promise<MadePack> {
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
    {
      kind: 'gocache',
      write: async (chunk) => {
        chunks.push(chunk.slice());
      },
    },
  );
  return { bytes: Buffer.concat(chunks), facts };
}

async function put(world: World, digest: Digest, bytes: Uint8Array, mediaType = LAYER_MEDIA_TYPE): Promise<void> {
  await world.store.writeBlob({ digest, sizeBytes: bytes.length, mediaType }, async function* () {
    yield bytes;
  });
}

interface Saved {
  readonly scope: string;
  readonly sequence: number;
  readonly packs: readonly MadePack[];
  readonly merged?: readonly string[];
}

/** Saves a snapshot as `warm/publish` does: packs and lists, config, manifest. */
async function save(world: World, { scope, sequence, packs, merged = [] }: Saved): Promise<string> {
  const records = [];
  for (const { bytes, facts } of packs) {
    const list = encodeEntryList(facts);
    await put(world, facts.digest, bytes);
    await put(world, list.record.digest, list.bytes);
    const { entries, ...rest } = facts;
    records.push({
      ...rest,
      representation: 'files' as const,
      entryCount: entries.length,
      entryList: list.record,
      ages: new Uint8Array(entries.length),
    });
  }
  const nonce = '0a1b2c3d';
  const snapshot: Snapshot = {
    formatVersion: 1,
    scope,
    sequence,
    nonce,
    createdAtMs: world.nowMs,
    merged,
    packs: records,
    history: [],
    owners: {},
    facts: {},
  };
  const encoded = encodeSnapshot(snapshot);
  await put(world, encoded.configDigest, encoded.config, CONFIG_MEDIA_TYPE);
  await world.store.writeSnapshot({ scope, sequence, nonce }, encoded.manifest);
  return `${sequence}-${nonce}`;
}

const collectAt = async (world: World) => {
  const plan = planGarbage(await surveyStore(world.store, signal), { nowMs: world.nowMs, graceMs: 24 * HOUR });
  await applyGarbagePlan(world.store, plan, { graceMs: 24 * HOUR, signal });
  return plan;
};

describe('usage', () => {
  it('counts a pack that two scopes share once in all, and as nobody’s own', async () => {
    const world = newWorld();
    const [shared, own] = [await makePack('shared '.repeat(500)), await makePack('own')];
    await save(world, { scope: 'main', sequence: 1, packs: [shared] });
    await save(world, { scope: 'pr-1', sequence: 1, packs: [shared, own] });
    const usage = planUsage(await surveyStore(world.store, signal));
    const blobs = (await world.store.listBlobs()) ?? [];
    expect(usage.bytes).toBe(blobs.reduce((sum, blob) => sum + blob.sizeBytes, 0));
    expect(usage.unreferencedBytes).toBe(0);
    const [main, pr] = usage.scopes;
    expect(main?.bytes).toBeGreaterThan(shared.bytes.length);
    expect(main?.ownBytes).toBeLessThan(main?.bytes ?? 0);
    expect((main?.bytes ?? 0) - (main?.ownBytes ?? 0)).toBe((pr?.bytes ?? 0) - (pr?.ownBytes ?? 0));
    await put(world, (await makePack('left over')).facts.digest, (await makePack('left over')).bytes);
    const after = planUsage(await surveyStore(world.store, signal));
    expect(after.bytes).toBe(usage.bytes);
    expect(after.unreferencedBytes).toBe((await makePack('left over')).bytes.length);
  });
});

describe('check', () => {
  it('finds a whole store whole', async () => {
    const world = newWorld();
    await save(world, { scope: 'main', sequence: 1, packs: [await makePack('a', 'b'), await makePack('c')] });
    const check = await checkStore(world.store, await surveyStore(world.store, signal), { signal });
    expect(check).toMatchObject({ snapshots: 1, packs: 2, faults: [] });
  });

  it('names a pack that is gone, one that is damaged, and a snapshot that is none', async () => {
    const world = newWorld();
    const [gone, damaged] = [await makePack('gone'), await makePack('damaged')];
    await save(world, { scope: 'main', sequence: 1, packs: [gone, damaged] });
    await world.store.deleteBlob(gone.facts.digest);
    await world.store.writeSnapshot({ scope: 'main', sequence: 2, nonce: 'ffffffff' }, Buffer.from('<html>'));
    const bad = damaged.bytes.slice();
    bad[bad.length >> 1] = (bad[bad.length >> 1] ?? 0) ^ 1;
    const store = withBlob(world.store, damaged.facts.digest, bad);
    const { faults } = await checkStore(store, await surveyStore(store, signal), { signal });
    expect(faults.map((fault) => fault.subject).sort()).toEqual(
      [gone.facts.digest, damaged.facts.digest, 'main@2-ffffffff'].sort(),
    );
    expect(faults.find((fault) => fault.subject === gone.facts.digest)?.problem).toBe('the pack is gone');
  });

  it('finds an entry list that belongs to another pack', async () => {
    const world = newWorld();
    const [pack, other] = [await makePack('a'), await makePack('b')];
    await save(world, { scope: 'main', sequence: 1, packs: [pack] });
    const store = withBlob(world.store, encodeEntryList(pack.facts).record.digest, encodeEntryList(other.facts).bytes);
    const { faults } = await checkStore(store, await surveyStore(store, signal), { signal });
    expect(faults).toHaveLength(1);
  });
});

describe('gc', () => {
  it('deletes a merged snapshot and what only it named, a day after it was merged', async () => {
    const world = newWorld();
    const [kept, dropped] = [await makePack('kept'), await makePack('dropped')];
    const first = await save(world, { scope: 'main', sequence: 1, packs: [kept, dropped] });
    world.nowMs += 100 * HOUR;
    await save(world, { scope: 'main', sequence: 2, packs: [kept], merged: [first] });
    world.nowMs += 23 * HOUR;
    expect(await collectAt(world)).toEqual({ snapshots: [], blobs: [] });
    world.nowMs += 2 * HOUR;
    const plan = await collectAt(world);
    expect(plan.snapshots.map((name) => name.sequence)).toEqual([1]);
    expect(plan.blobs?.map((blob) => blob.digest)).toContain(dropped.facts.digest);
    expect(await world.store.hasBlob(dropped.facts.digest)).toBe(false);
    expect(await world.store.hasBlob(kept.facts.digest)).toBe(true);
    const check = await checkStore(world.store, await surveyStore(world.store, signal), { signal });
    expect(check).toMatchObject({ snapshots: 1, packs: 1, faults: [] });
    expect(await collectAt(world)).toEqual({ snapshots: [], blobs: [] });
  });

  it('never deletes a snapshot that is not merged, however old, nor one merged in another scope', async () => {
    const world = newWorld();
    const pack = await makePack('a');
    const first = await save(world, { scope: 'main', sequence: 1, packs: [pack] });
    await save(world, { scope: 'pr-1', sequence: 2, packs: [pack], merged: [first] });
    world.nowMs += 10_000 * HOUR;
    expect(await collectAt(world)).toEqual({ snapshots: [], blobs: [] });
  });

  it('leaves the packs of a save that is still running', async () => {
    const world = newWorld();
    const pack = await makePack('half way');
    await put(world, pack.facts.digest, pack.bytes);
    world.nowMs += 23 * HOUR;
    await collectAt(world);
    expect(await world.store.hasBlob(pack.facts.digest)).toBe(true);
    world.nowMs += 2 * HOUR;
    await collectAt(world);
    expect(await world.store.hasBlob(pack.facts.digest)).toBe(false);
  });

  it('leaves the blobs of a snapshot whose format it does not know', async () => {
    const world = newWorld();
    const pack = await makePack('of the future');
    await put(world, pack.facts.digest, pack.bytes);
    const manifest = Buffer.from(JSON.stringify({ schemaVersion: 9, things: [{ digest: pack.facts.digest }] }));
    await world.store.writeSnapshot({ scope: 'main', sequence: 1, nonce: 'ffffffff' }, manifest);
    world.nowMs += 1000 * HOUR;
    expect(await collectAt(world)).toEqual({ snapshots: [], blobs: [] });
  });

  it('refuses when something was written in the future', async () => {
    const world = newWorld();
    await save(world, { scope: 'main', sequence: 1, packs: [await makePack('a')] });
    world.nowMs -= HOUR;
    await expect(collectAt(world)).rejects.toThrow('written in the future');
  });
});

/** The store with other bytes under a digest, as bit rot would leave it. */
function withBlob(store: Store & StoreKeeper, digest: Digest, bytes: Uint8Array): Store & StoreKeeper {
  return {
    ...store,
    readBlob: async (asked, options) => {
      if (asked !== digest) return store.readBlob(asked, options);
      return {
        offset: 0,
        body: (async function* () {
          yield bytes;
        })(),
      };
    },
  };
}
