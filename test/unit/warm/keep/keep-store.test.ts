import { describe, expect, it } from 'vitest';
import { digestOf, type Digest } from '../../../../src/core/digest.ts';
import { SlipwayError } from '../../../../src/core/errors.ts';
import { encodeEntryList } from '../../../../src/pack/entry-list.ts';
import type { Store, StoreKeeper } from '../../../../src/store/port.ts';
import { applyGarbage } from '../../../../src/warm/keep/apply-garbage.ts';
import { checkStore } from '../../../../src/warm/keep/check-store.ts';
import { encodePin, pinSnapshot, unpinSnapshot } from '../../../../src/warm/keep/pins.ts';
import { planGarbage, refuseSkew, type GarbagePolicy } from '../../../../src/warm/keep/plan-garbage.ts';
import { applyRepair, planRepair } from '../../../../src/warm/keep/repair-store.ts';
import { planUsage, readEntryLists } from '../../../../src/warm/keep/store-usage.ts';
import { surveyStore } from '../../../../src/warm/survey-store.ts';
import {
  DAY,
  HOUR,
  makePack,
  newWorld,
  putBlob,
  saveSnapshot,
  withRottenBlob,
  type World,
} from '../../../helpers/kept-world.ts';

const { signal } = new AbortController();
const POLICY: GarbagePolicy = { graceMs: DAY, maxScopeBytes: Number.POSITIVE_INFINITY, keepNewest: 0 };
const survey = (world: World) => surveyStore(world.store, { signal });

async function plan(world: World, policy: Partial<GarbagePolicy> = {}) {
  return planGarbage(await survey(world), { ...POLICY, ...policy }, await world.store.readClock());
}

async function collect(world: World, policy: Partial<GarbagePolicy> = {}) {
  const found = await survey(world);
  const planned = planGarbage(found, { ...POLICY, ...policy }, world.nowMs);
  const graceMs = policy.graceMs ?? DAY;
  const done = await applyGarbage(world.store, { survey: found, plan: planned, graceMs, nowMs: world.nowMs, signal });
  return {
    snapshots: planned.snapshots.map(({ name, reason }) => `${name.scope}@${name.sequence} ${reason}`),
    blobs: planned.blobs?.map(({ digest }) => digest) ?? [],
    planned,
    done,
  };
}

async function checkOf(store: Store & StoreKeeper) {
  return checkStore(store, await surveyStore(store, { signal }), { signal });
}

const keysOf = async (world: World, scope = 'main'): Promise<string[]> =>
  (await world.store.listSnapshots(scope)).map(({ sequence, nonce }) => `${sequence}-${nonce}`);
const has = (world: World, { facts }: { facts: { digest: Digest } }) => world.store.hasBlob(facts.digest);

describe('usage', () => {
  const usageOf = async (world: World) => {
    const found = await survey(world);
    return planUsage(found, await readEntryLists(world.store, found, signal), world.nowMs);
  };

  it('counts a pack that two scopes share once in all, and as nobody’s own', async () => {
    const world = newWorld();
    const [shared, own] = [await makePack('shared '.repeat(500)), await makePack('own')];
    await saveSnapshot(world, { scope: 'main', sequence: 1, packs: [shared] });
    await saveSnapshot(world, { scope: 'pr-1', sequence: 1, packs: [shared, own] });
    const usage = await usageOf(world);
    const blobs = (await world.store.listBlobs()) ?? [];
    expect(usage.bytes).toBe(blobs.reduce((sum, blob) => sum + blob.sizeBytes, 0));
    expect(usage.unreferencedBytes).toBe(0);
    const [main, pr] = usage.scopes;
    expect(main?.bytes).toBeGreaterThan(shared.bytes.length);
    expect(main?.ownBytes).toBeLessThan(main?.bytes ?? 0);
    expect((main?.bytes ?? 0) - (main?.ownBytes ?? 0)).toBe((pr?.bytes ?? 0) - (pr?.ownBytes ?? 0));
    const stray = await makePack('left over');
    await putBlob(world.store, stray.facts.digest, stray.bytes);
    const after = await usageOf(world);
    expect(after.bytes).toBe(usage.bytes);
    expect(after.unreferencedBytes).toBe(stray.bytes.length);
  });

  it('tells kinds, waste and growth', async () => {
    const world = newWorld();
    const [living, dead] = [await makePack('living'), await makePack('dead', 'also dead')];
    await saveSnapshot(world, { scope: 'main', sequence: 1, packs: [living, dead], ages: [0, 8] });
    world.nowMs += 3 * DAY;
    await saveSnapshot(world, { scope: 'pr-1', sequence: 1, packs: [living], nonce: 'ffffffff' });
    const { scopes } = await usageOf(world);
    const [main, pr] = scopes;
    expect(main?.kinds).toMatchObject({ gocache: living.bytes.length + dead.bytes.length, gomodcache: 0 });
    expect(main?.kinds.documents).toBe((main?.bytes ?? 0) - (main?.kinds.gocache ?? 0));
    expect(main?.restoreBytes).toBe(living.bytes.length + dead.bytes.length);
    expect(main?.wasteBytes).toBe(dead.bytes.length);
    // The shared pack was written once more, so it is young again.
    expect(main?.growth).toMatchObject({ week: main?.bytes, month: main?.bytes });
    expect(main?.growth.day).toBeLessThan(main?.bytes ?? 0);
    expect(pr?.growth.day).toBe(pr?.bytes);
  });
});

describe('check', () => {
  it('finds a whole store whole', async () => {
    const world = newWorld();
    await saveSnapshot(world, { scope: 'main', sequence: 1, packs: [await makePack('a', 'b'), await makePack('c')] });
    expect(await checkOf(world.store)).toMatchObject({ snapshots: 1, packs: 2, faults: [] });
  });

  it('names a pack that is gone, one that is damaged, and a snapshot that is none', async () => {
    const world = newWorld();
    const [gone, damaged] = [await makePack('gone'), await makePack('damaged')];
    await saveSnapshot(world, { scope: 'main', sequence: 1, packs: [gone, damaged] });
    await world.store.deleteBlob(gone.facts.digest);
    await world.store.writeSnapshot({ scope: 'main', sequence: 2, nonce: 'ffffffff' }, Buffer.from('<html>'));
    const { faults } = await checkOf(withRottenBlob(world.store, damaged.facts.digest, flipped(damaged.bytes)));
    expect(faults.map((fault) => fault.subject).sort()).toEqual(
      [gone.facts.digest, damaged.facts.digest, 'main@2-ffffffff'].sort(),
    );
    expect(faults.find((fault) => fault.subject === gone.facts.digest)?.problem).toBe('the pack is gone');
    expect(faults.find((fault) => fault.subject === damaged.facts.digest)?.corrupt).toBe(damaged.facts.digest);
  });

  it('finds an entry list that belongs to another pack', async () => {
    const world = newWorld();
    const [pack, other] = [await makePack('a'), await makePack('b')];
    await saveSnapshot(world, { scope: 'main', sequence: 1, packs: [pack] });
    const list = encodeEntryList(pack.facts).record.digest;
    const { faults } = await checkOf(withRottenBlob(world.store, list, encodeEntryList(other.facts).bytes));
    expect(faults).toEqual([expect.objectContaining({ subject: pack.facts.digest, corrupt: list })]);
  });

  it('tells what only merged snapshots name apart', async () => {
    const world = newWorld();
    const [kept, dropped] = [await makePack('kept'), await makePack('dropped')];
    const first = await saveSnapshot(world, { scope: 'main', sequence: 1, packs: [kept, dropped] });
    await saveSnapshot(world, { scope: 'main', sequence: 2, packs: [kept], merged: [first] });
    await world.store.deleteBlob(dropped.facts.digest);
    expect((await checkOf(world.store)).faults).toEqual([
      { subject: dropped.facts.digest, kind: 'pack', problem: 'the pack is gone', isMerged: true },
    ]);
    await pinSnapshot(world.store, { scope: 'main', sequence: 1, nonce: '0a1b2c3d' }, signal);
    expect((await checkOf(world.store)).faults[0]?.isMerged).toBeUndefined();
  });
});

describe('repair', () => {
  async function repair(world: World, store: Store & StoreKeeper = world.store) {
    const found = await surveyStore(store, { signal });
    const check = await checkStore(store, found, { signal });
    const planned = await planRepair(found, check, (digest) => store.hasBlob(digest));
    const done = await applyRepair(store, { survey: found, plan: planned, signal, createdAtMs: world.nowMs });
    return { planned, done };
  }

  it('writes a snapshot without what is broken, and readers find the rest', async () => {
    const world = newWorld();
    const [good, gone, rotten] = [await makePack('good'), await makePack('gone'), await makePack('rotten')];
    const one = await saveSnapshot(world, { scope: 'main', sequence: 3, packs: [good, gone] });
    const two = await saveSnapshot(world, { scope: 'main', sequence: 4, packs: [rotten], nonce: 'ffffffff' });
    await saveSnapshot(world, { scope: 'well', sequence: 1, packs: [good], nonce: 'eeeeeeee' });
    await world.store.deleteBlob(gone.facts.digest);
    const store = withRottenBlob(world.store, rotten.facts.digest, flipped(rotten.bytes));
    const { planned, done } = await repair(world, store);
    expect(planned.scopes).toEqual([
      { scope: 'main', drop: [gone.facts.digest, rotten.facts.digest].sort(), keepsPacks: 1 },
    ]);
    expect(done.written).toEqual([expect.objectContaining({ scope: 'main', sequence: 5 })]);
    const { snapshots } = await surveyStore(store, { signal });
    const [newest, ...older] = snapshots.filter(({ name }) => name.scope === 'main');
    expect(newest?.snapshot?.packs.map(({ digest }) => digest)).toEqual([good.facts.digest]);
    expect(newest?.snapshot?.merged).toEqual([one, two].sort());
    expect(older.every(({ mergedBy }) => mergedBy.length === 1)).toBe(true);
    // What has other bytes under its name is gone, so that the pack can be written again.
    expect(await store.hasBlob(rotten.facts.digest)).toBe(false);
    expect((await checkOf(store)).faults.every(({ isMerged }) => isMerged === true)).toBe(true);
    expect((await repair(world, store)).planned).toMatchObject({ scopes: [], snapshots: [], left: [] });
  });

  it('leaves a whole store as it is', async () => {
    const world = newWorld();
    await saveSnapshot(world, { scope: 'main', sequence: 1, packs: [await makePack('a')] });
    const { planned } = await repair(world);
    expect(planned).toEqual({ scopes: [], blobs: [], snapshots: [], left: [] });
    expect(await keysOf(world)).toHaveLength(1);
  });

  it('deletes a snapshot that can’t be read only where nothing good hangs on it', async () => {
    const world = newWorld();
    const [shared, own] = [await makePack('shared'), await makePack('own')];
    await saveSnapshot(world, { scope: 'main', sequence: 1, packs: [shared] });
    const html = { scope: 'main', sequence: 2, nonce: 'aaaaaaaa' };
    await world.store.writeSnapshot(html, Buffer.from(`<html>${shared.facts.digest}</html>`));
    const only = { scope: 'main', sequence: 3, nonce: 'bbbbbbbb' };
    await putBlob(world.store, own.facts.digest, own.bytes);
    await world.store.writeSnapshot(only, Buffer.from(`<html>${own.facts.digest}</html>`));
    const { planned } = await repair(world);
    expect(planned.snapshots).toEqual([html]);
    expect(planned.left).toEqual([
      { subject: 'main@3-bbbbbbbb', reason: expect.stringContaining('no other') as string },
    ]);
    expect(await keysOf(world)).toEqual(['3-bbbbbbbb', '1-0a1b2c3d']);
  });

  it('leaves a snapshot of a newer format alone', async () => {
    const world = newWorld();
    await saveSnapshot(world, { scope: 'main', sequence: 1, packs: [await makePack('a')] });
    const [name] = await world.store.listSnapshots('main');
    const manifest = JSON.parse(Buffer.from((await world.store.readSnapshot(name!))!).toString()) as {
      config: { digest: Digest; size: number };
    };
    const found = await world.store.readBlob(manifest.config.digest);
    const chunks: Uint8Array[] = [];
    for await (const chunk of found!.body) chunks.push(chunk);
    const newer = Buffer.from(Buffer.concat(chunks).toString().replace('"formatVersion":1', '"formatVersion":9'));
    const digest: Digest = digestOf(newer);
    await putBlob(world.store, digest, newer);
    manifest.config = { ...manifest.config, digest, size: newer.length };
    const future = { scope: 'main', sequence: 2, nonce: 'cccccccc' };
    await world.store.writeSnapshot(future, Buffer.from(JSON.stringify(manifest)));
    const { planned } = await repair(world);
    expect(planned.left).toEqual([{ subject: 'main@2-cccccccc', reason: 'a newer slipway may read it' }]);
    world.nowMs += 1000 * DAY;
    expect((await collect(world, { keepMs: DAY })).snapshots).toEqual(['main@1 expired']);
    expect(await keysOf(world)).toEqual(['2-cccccccc']);
  });

  it('goes on where the store deletes no blobs', async () => {
    const world = newWorld();
    const rotten = await makePack('rotten');
    await saveSnapshot(world, { scope: 'main', sequence: 1, packs: [rotten] });
    const store: Store & StoreKeeper = {
      ...withRottenBlob(world.store, rotten.facts.digest, flipped(rotten.bytes)),
      deleteBlob: async () => {
        throw new SlipwayError('STORE_FAILED', 'the registry does not delete');
      },
    };
    const { done } = await repair(world, store);
    expect(done.refused).toEqual([`${rotten.facts.digest}: the registry does not delete`]);
    expect(done.written).toHaveLength(1);
  });
});

describe('gc', () => {
  it('deletes a merged snapshot and what only it named, a day after it was merged', async () => {
    const world = newWorld();
    const [kept, dropped] = [await makePack('kept'), await makePack('dropped')];
    const first = await saveSnapshot(world, { scope: 'main', sequence: 1, packs: [kept, dropped] });
    world.nowMs += 100 * HOUR;
    await saveSnapshot(world, { scope: 'main', sequence: 2, packs: [kept], merged: [first] });
    world.nowMs += 23 * HOUR;
    expect(await collect(world)).toMatchObject({ snapshots: [], blobs: [] });
    world.nowMs += 2 * HOUR;
    const { snapshots, blobs, done } = await collect(world);
    expect(snapshots).toEqual(['main@1 merged']);
    expect(blobs).toContain(dropped.facts.digest);
    expect(done).toMatchObject({ snapshots: 1, blobs: blobs.length, left: 0 });
    expect(await has(world, dropped)).toBe(false);
    expect(await has(world, kept)).toBe(true);
    expect(await checkOf(world.store)).toMatchObject({ snapshots: 1, packs: 1, faults: [] });
    expect(await collect(world)).toMatchObject({ snapshots: [], blobs: [] });
  });

  it('never deletes a snapshot that is not merged, however old, nor one merged in another scope', async () => {
    const world = newWorld();
    const pack = await makePack('a');
    const first = await saveSnapshot(world, { scope: 'main', sequence: 1, packs: [pack] });
    await saveSnapshot(world, { scope: 'pr-1', sequence: 2, packs: [pack], merged: [first] });
    world.nowMs += 10_000 * HOUR;
    expect(await collect(world)).toMatchObject({ snapshots: [], blobs: [] });
  });

  it('leaves the packs of a save that is still running', async () => {
    const world = newWorld();
    const pack = await makePack('half way');
    await putBlob(world.store, pack.facts.digest, pack.bytes);
    world.nowMs += 23 * HOUR;
    await collect(world);
    expect(await has(world, pack)).toBe(true);
    world.nowMs += 2 * HOUR;
    await collect(world);
    expect(await has(world, pack)).toBe(false);
  });

  it('leaves a stray pack that a save has just found there and is about to name', async () => {
    const world = newWorld();
    const pack = await makePack('found again');
    await putBlob(world.store, pack.facts.digest, pack.bytes);
    world.nowMs += 2 * DAY;
    const found = await survey(world);
    const planned = planGarbage(found, POLICY, world.nowMs);
    expect(planned.blobs?.map(({ digest }) => digest)).toEqual([pack.facts.digest]);
    await putBlob(world.store, pack.facts.digest, pack.bytes);
    const run = { survey: found, plan: planned, graceMs: DAY, nowMs: world.nowMs, signal };
    expect(await applyGarbage(world.store, run)).toMatchObject({ blobs: 0, left: 1 });
    expect(await has(world, pack)).toBe(true);
  });

  it('leaves a pack that a snapshot has named since, though it was not touched', async () => {
    const world = newWorld();
    const pack = await makePack('named since');
    await putBlob(world.store, pack.facts.digest, pack.bytes);
    world.nowMs += 2 * DAY;
    const found = await survey(world);
    const planned = planGarbage(found, POLICY, world.nowMs);
    const untouched: World = { ...world, store: { ...world.store, writeBlob: async () => ({ bytesSent: 0 }) } };
    await saveSnapshot(untouched, { scope: 'main', sequence: 1, packs: [pack] });
    await applyGarbage(world.store, { survey: found, plan: planned, graceMs: DAY, nowMs: world.nowMs, signal });
    expect(await has(world, pack)).toBe(true);
  });

  it('looks for such snapshots again while it deletes', async () => {
    const world = newWorld();
    const stray = await Promise.all(Array.from({ length: 120 }, (_, nth) => makePack(`stray ${nth}`)));
    const pack = await makePack('named meanwhile');
    for (const { facts, bytes } of [...stray, pack]) await putBlob(world.store, facts.digest, bytes);
    world.nowMs += 2 * DAY;
    const found = await survey(world);
    const planned = planGarbage(found, POLICY, world.nowMs);
    expect(planned.blobs?.at(-1)?.digest).toBe(pack.facts.digest);
    const untouched: World = { ...world, store: { ...world.store, writeBlob: async () => ({ bytesSent: 0 }) } };
    let deletes = 0;
    const racing: Store & StoreKeeper = {
      ...world.store,
      deleteBlob: async (...args) => {
        if ((deletes += 1) === 1) await saveSnapshot(untouched, { scope: 'main', sequence: 1, packs: [pack] });
        await world.store.deleteBlob(...args);
      },
    };
    await applyGarbage(racing, { survey: found, plan: planned, graceMs: DAY, nowMs: world.nowMs, signal });
    expect(await has(world, stray[0]!)).toBe(false);
    expect(await has(world, pack)).toBe(true);
  });

  it('takes nothing for garbage that a save brings while it looks', async () => {
    const world = newWorld();
    const pack = await makePack('saved meanwhile');
    let isSaved = false;
    const racing: Store & StoreKeeper = {
      ...world.store,
      listScopes: async (options) => {
        const scopes = await world.store.listScopes(options);
        if (!isSaved) await saveSnapshot(world, { scope: 'main', sequence: 1, packs: [pack] });
        isSaved = true;
        return scopes;
      },
    };
    const found = await surveyStore(racing, { signal });
    expect(found.snapshots).toEqual([]);
    expect(planGarbage(found, { ...POLICY, graceMs: 0 }, world.nowMs + 1).blobs).toEqual([]);
  });

  it('takes a snapshot for new that is written while it looks, and leaves what that one has merged', async () => {
    const world = newWorld();
    const pack = await makePack('a');
    const first = await saveSnapshot(world, { scope: 'main', sequence: 1, packs: [pack] });
    world.nowMs += 30 * DAY;
    const racing: Store & StoreKeeper = {
      ...world.store,
      listScopes: async (options) => {
        await saveSnapshot(world, { scope: 'main', sequence: 2, packs: [pack], merged: [first], nonce: 'ffffffff' });
        return world.store.listScopes(options);
      },
    };
    const found = await surveyStore(racing, { signal });
    expect(found.snapshots.map(({ mergedBy }) => mergedBy.length)).toEqual([0, 1]);
    expect(planGarbage(found, POLICY, world.nowMs).snapshots).toEqual([]);
  });

  it('deletes neither of two snapshots that each say to have merged the other', async () => {
    const world = newWorld();
    const pack = await makePack('a');
    await saveSnapshot(world, { scope: 'main', sequence: 1, packs: [pack], merged: ['2-0a1b2c3d'] });
    await saveSnapshot(world, { scope: 'main', sequence: 2, packs: [pack] });
    world.nowMs += 30 * DAY;
    expect(await collect(world)).toMatchObject({ snapshots: [], blobs: [] });
  });

  it('does nothing where the store fails while it looks', async () => {
    const world = newWorld();
    await saveSnapshot(world, { scope: 'main', sequence: 1, packs: [await makePack('a')] });
    const ill: Store & StoreKeeper = {
      ...world.store,
      readBlob: () => Promise.reject(new SlipwayError('STORE_UNREACHABLE', 'the store is ill')),
    };
    await expect(surveyStore(ill, { signal })).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
  });

  it('leaves unfinished uploads alone for a day, however short the grace time is', async () => {
    const world = newWorld();
    const asked: number[] = [];
    const store: Store & StoreKeeper = {
      ...world.store,
      deleteStaleUploads: async (olderThanMs) => {
        asked.push(olderThanMs);
        return 0;
      },
    };
    await collect({ ...world, store }, { graceMs: 0 });
    expect(asked).toEqual([DAY]);
  });

  it('leaves the blobs of a snapshot whose format it does not know', async () => {
    const world = newWorld();
    const pack = await makePack('of the future');
    await putBlob(world.store, pack.facts.digest, pack.bytes);
    const manifest = Buffer.from(JSON.stringify({ schemaVersion: 9, things: [{ digest: pack.facts.digest }] }));
    await world.store.writeSnapshot({ scope: 'main', sequence: 1, nonce: 'ffffffff' }, manifest);
    world.nowMs += 1000 * HOUR;
    expect(await collect(world)).toMatchObject({ snapshots: [], blobs: [] });
  });

  it('refuses when something was written in the future, or its clock is not ours', async () => {
    const world = newWorld();
    await saveSnapshot(world, { scope: 'main', sequence: 1, packs: [await makePack('a')] });
    world.nowMs -= HOUR;
    await expect(collect(world)).rejects.toThrow('written in the future');
    expect(() => refuseSkew(world.nowMs, world.nowMs + 4 * 60_000)).not.toThrow();
    expect(() => refuseSkew(world.nowMs, world.nowMs + 6 * 60_000)).toThrow('6 minutes behind');
    expect(() => refuseSkew(world.nowMs, world.nowMs - 6 * 60_000)).toThrow('6 minutes ahead of');
  });

  it('believes no writer’s clock', async () => {
    const world = newWorld();
    const pack = await makePack('a');
    const first = await saveSnapshot(world, { scope: 'main', sequence: 1, packs: [pack] });
    const createdAtMs = world.nowMs - 10 * DAY;
    await saveSnapshot(world, { scope: 'main', sequence: 2, packs: [pack], merged: [first], createdAtMs });
    world.nowMs += HOUR;
    // A writer from ten days ago has merged it, but by the store's clock that was an hour ago.
    expect((await plan(world)).snapshots).toEqual([]);
    // Where the store tells no ages, a snapshot is no older than one that its writer has seen.
    const blind = { ...world, store: { ...world.store, listBlobs: async () => undefined } };
    expect((await plan(blind)).snapshots).toEqual([]);
    world.nowMs += DAY;
    expect((await plan(world)).snapshots).toHaveLength(1);
    expect((await plan(blind)).snapshots).toHaveLength(1);
    expect((await plan(blind)).blobs).toBeUndefined();
  });

  it('takes snapshots from the future for new where the store tells no ages', async () => {
    const world = newWorld();
    const pack = await makePack('a');
    const first = await saveSnapshot(world, { scope: 'main', sequence: 1, packs: [pack] });
    const createdAtMs = world.nowMs + 10 * DAY;
    await saveSnapshot(world, { scope: 'main', sequence: 2, packs: [pack], merged: [first], createdAtMs });
    const blind = { ...world, store: { ...world.store, listBlobs: async () => undefined } };
    world.nowMs += 9 * DAY;
    expect((await plan({ ...blind, nowMs: world.nowMs })).snapshots).toEqual([]);
  });

  it('deletes nothing that a merger replaced which has gone meanwhile', async () => {
    const world = newWorld();
    const pack = await makePack('a');
    const first = await saveSnapshot(world, { scope: 'main', sequence: 1, packs: [pack] });
    await saveSnapshot(world, { scope: 'main', sequence: 2, packs: [pack], merged: [first] });
    world.nowMs += 2 * DAY;
    const found = await survey(world);
    const planned = planGarbage(found, POLICY, world.nowMs);
    await world.store.deleteSnapshot({ scope: 'main', sequence: 2, nonce: '0a1b2c3d' });
    const run = { survey: found, plan: planned, graceMs: DAY, nowMs: world.nowMs, signal };
    expect(await applyGarbage(world.store, run)).toMatchObject({ snapshots: 0, left: 1 });
    expect(await keysOf(world)).toEqual(['1-0a1b2c3d']);
  });

  it('expires what is older than --keep-days, its blobs a grace time later', async () => {
    const world = newWorld();
    const [old, young] = [await makePack('old'), await makePack('young')];
    await saveSnapshot(world, { scope: 'gone', sequence: 1, packs: [old] });
    world.nowMs += 31 * DAY;
    await saveSnapshot(world, { scope: 'main', sequence: 1, packs: [young], nonce: 'ffffffff' });
    expect((await plan(world, { keepMs: 30 * DAY, keepNewest: 1 })).snapshots).toEqual([]);
    expect((await plan(world, { keepMs: 30 * DAY, scope: 'main' })).snapshots).toEqual([]);
    const first = await collect(world, { keepMs: 30 * DAY });
    expect(first).toMatchObject({ snapshots: ['gone@1 expired'], blobs: [] });
    expect(first.planned.spared).toContain(old.facts.digest);
    // Somebody may have read the snapshot a moment ago.
    expect(await has(world, old)).toBe(true);
    expect(await collect(world, { keepMs: 30 * DAY })).toMatchObject({ snapshots: [], blobs: [] });
    world.nowMs += 25 * HOUR;
    expect((await collect(world, { keepMs: 30 * DAY })).blobs).toContain(old.facts.digest);
    expect(await has(world, old)).toBe(false);
    expect(await has(world, young)).toBe(true);
  });

  it('expires nothing that is younger than the grace time', async () => {
    const world = newWorld();
    await saveSnapshot(world, { scope: 'main', sequence: 1, packs: [await makePack('a')] });
    world.nowMs += 2 * HOUR;
    expect((await plan(world, { keepMs: HOUR })).snapshots).toEqual([]);
    expect((await plan(world, { keepMs: HOUR, graceMs: HOUR })).snapshots).toHaveLength(1);
  });

  it('makes nothing young that another snapshot still names', async () => {
    const world = newWorld();
    const [shared, own] = [await makePack('shared'), await makePack('own')];
    await saveSnapshot(world, { scope: 'gone', sequence: 1, packs: [shared, own] });
    world.nowMs += 31 * DAY;
    await saveSnapshot(world, { scope: 'main', sequence: 1, packs: [shared], nonce: 'ffffffff' });
    const { spared } = await plan(world, { keepMs: 30 * DAY });
    expect(spared).toContain(own.facts.digest);
    expect(spared).not.toContain(shared.facts.digest);
  });

  it('keeps the newest N, merged or not', async () => {
    const world = newWorld();
    const pack = await makePack('a');
    const merged: string[] = [];
    for (let sequence = 1; sequence <= 5; sequence += 1) {
      merged.push(await saveSnapshot(world, { scope: 'main', sequence, packs: [pack], merged: [...merged] }));
    }
    world.nowMs += 2 * DAY;
    expect((await plan(world, { keepNewest: 3 })).snapshots.map(({ name }) => name.sequence)).toEqual([2, 1]);
    expect((await collect(world, { keepNewest: 2 })).snapshots).toHaveLength(3);
    expect(await keysOf(world)).toHaveLength(2);
  });

  it('cuts a scope down to its cap, least recently used first, never what the last build used', async () => {
    const world = newWorld();
    const packs = await Promise.all(['a', 'b', 'c', 'd'].map((text) => makePack(text.repeat(2000))));
    const first = await saveSnapshot(world, { scope: 'main', sequence: 1, packs: packs.slice(0, 2), ages: [9, 0] });
    const second = await saveSnapshot(world, {
      ...{ scope: 'main', sequence: 2, packs: packs.slice(2), ages: [3, 0], nonce: 'ffffffff' },
    });
    const sizes = packs.map(({ bytes, facts }) => bytes.length + encodeEntryList(facts).record.sizeBytes);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    expect((await plan(world, { maxScopeBytes: total })).trims).toEqual([]);
    const { trims, overCap } = await plan(world, { maxScopeBytes: total - 1 });
    expect(trims).toEqual([
      { scope: 'main', drop: [packs[0]!.facts.digest], bytes: total, bytesAfter: total - sizes[0]! },
    ]);
    expect(overCap).toEqual([]);
    const tight = await collect(world, { maxScopeBytes: 1 });
    expect(tight.planned.overCap).toEqual([{ scope: 'main', bytes: sizes[1]! + sizes[3]! }]);
    expect(tight.done.written).toEqual([expect.objectContaining({ scope: 'main', sequence: 3 })]);
    const { snapshots } = await survey(world);
    expect(snapshots[0]?.snapshot?.packs.map(({ digest }) => digest).sort()).toEqual(
      [packs[1]!.facts.digest, packs[3]!.facts.digest].sort(),
    );
    expect(snapshots[0]?.snapshot?.merged).toEqual([first, second].sort());
    expect(await has(world, packs[0]!)).toBe(true);
    world.nowMs += 25 * HOUR;
    await collect(world, { maxScopeBytes: 1 });
    expect(await has(world, packs[0]!)).toBe(false);
    expect(await checkOf(world.store)).toMatchObject({ snapshots: 1, faults: [] });
    expect((await collect(world, { maxScopeBytes: 1 })).done.written).toEqual([]);
  });

  it('looks after one scope alone where that is asked for', async () => {
    const world = newWorld();
    const pack = await makePack('a');
    for (const scope of ['main', 'pr-1', 'x'.repeat(200)]) {
      const nonce = scope.length === 4 ? '0a1b2c3d' : 'ffffffff';
      const first = await saveSnapshot(world, { scope, sequence: 1, packs: [pack], nonce });
      await saveSnapshot(world, { scope, sequence: 2, packs: [pack], merged: [first], nonce });
    }
    const stray = await makePack('stray');
    await putBlob(world.store, stray.facts.digest, stray.bytes);
    world.nowMs += 2 * DAY;
    const only = await plan(world, { scope: 'x'.repeat(200) });
    expect(only.snapshots.map(({ name }) => name.scope.slice(0, 1))).toEqual(['x']);
    // Whose the stray one was nobody knows.
    expect(only.blobs?.map(({ digest }) => digest)).not.toContain(stray.facts.digest);
    expect((await plan(world)).blobs?.map(({ digest }) => digest)).toContain(stray.facts.digest);
  });
});

describe('pins', () => {
  const FIRST = { scope: 'main', sequence: 1, nonce: '0a1b2c3d' };

  async function mergedWorld() {
    const world = newWorld();
    const [kept, dropped] = [await makePack('kept'), await makePack('dropped')];
    const first = await saveSnapshot(world, { scope: 'main', sequence: 1, packs: [kept, dropped] });
    await saveSnapshot(world, { scope: 'main', sequence: 2, packs: [kept], merged: [first] });
    world.nowMs += 1000 * DAY;
    return { world, dropped };
  }

  it('keep a snapshot and its blobs from gc until they are taken away', async () => {
    const { world, dropped } = await mergedWorld();
    expect(await pinSnapshot(world.store, FIRST, signal)).toBe('pinned');
    expect(await pinSnapshot(world.store, FIRST, signal)).toBe('was-pinned');
    expect(await collect(world, { keepMs: DAY })).toMatchObject({ snapshots: ['main@2 expired'] });
    world.nowMs += 10 * DAY;
    expect(await collect(world, { keepMs: DAY })).toMatchObject({ snapshots: [] });
    expect(await has(world, dropped)).toBe(true);
    expect((await checkOf(world.store)).faults).toEqual([]);
    expect((await survey(world)).snapshots.map(({ isPinned }) => isPinned)).toEqual([true]);
    expect(await unpinSnapshot(world.store, FIRST, signal)).toBe(true);
    expect(await unpinSnapshot(world.store, FIRST, signal)).toBe(false);
    await collect(world, { keepMs: DAY });
    world.nowMs += 10 * DAY;
    await collect(world, { keepMs: DAY });
    expect(await world.store.listBlobs()).toEqual([]);
  });

  it('keep the blobs of a snapshot that somebody else has deleted', async () => {
    const { world, dropped } = await mergedWorld();
    await pinSnapshot(world.store, FIRST, signal);
    await world.store.deleteSnapshot(FIRST);
    world.nowMs += 10 * DAY;
    await collect(world);
    expect(await has(world, dropped)).toBe(true);
  });

  it('that are there before gc deletes keep their snapshot visible all the time', async () => {
    const { world } = await mergedWorld();
    const found = await survey(world);
    const planned = planGarbage(found, POLICY, world.nowMs);
    expect(planned.snapshots).toHaveLength(1);
    await pinSnapshot(world.store, FIRST, signal);
    const deleted: unknown[] = [];
    const watched: Store & StoreKeeper = {
      ...world.store,
      deleteSnapshot: async (name, options) => {
        deleted.push(name);
        await world.store.deleteSnapshot(name, options);
      },
    };
    const run = { survey: found, plan: planned, graceMs: DAY, nowMs: world.nowMs, signal };
    expect(await applyGarbage(watched, run)).toMatchObject({ snapshots: 0 });
    expect(deleted).toEqual([]);
  });

  it('that are set while gc looks are seen', async () => {
    const { world } = await mergedWorld();
    const racing: Store & StoreKeeper = {
      ...world.store,
      listSnapshots: async (scope, options) => {
        const names = await world.store.listSnapshots(scope, options);
        if (scope === 'main') await pinSnapshot(world.store, FIRST, signal);
        return names;
      },
    };
    const { snapshots } = await surveyStore(racing, { signal });
    expect(snapshots.filter(({ isPinned }) => isPinned).map(({ name }) => name.sequence)).toEqual([1]);
  });

  it('are no scope of their own', async () => {
    const { world } = await mergedWorld();
    await pinSnapshot(world.store, FIRST, signal);
    const { snapshots, pins } = await survey(world);
    expect(new Set(snapshots.map(({ name }) => name.scope))).toEqual(new Set(['main']));
    expect(pins.map(({ target }) => target)).toEqual(['main@1-0a1b2c3d']);
  });

  it('refuse what is not there, and leave nothing', async () => {
    const { world } = await mergedWorld();
    await expect(pinSnapshot(world.store, { ...FIRST, sequence: 9 }, signal)).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    });
    // Collected right after the pin was written.
    const racing = {
      ...world.store,
      writeSnapshot: async (...args: Parameters<Store['writeSnapshot']>) => {
        const result = await world.store.writeSnapshot(...args);
        await world.store.deleteSnapshot(FIRST);
        return result;
      },
    };
    await expect(pinSnapshot(racing, FIRST, signal)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    expect((await survey(world)).pins).toEqual([]);
  });

  it('that come while gc deletes win', async () => {
    for (const at of ['before the delete', 'right after it']) {
      const { world, dropped } = await mergedWorld();
      const found = await survey(world);
      const planned = planGarbage(found, POLICY, world.nowMs);
      const manifest = (await world.store.readSnapshot(FIRST))!;
      const pin = () => world.store.writeSnapshot({ ...FIRST, scope: ':pins' }, encodePin(manifest, FIRST));
      const racing: Store & StoreKeeper = {
        ...world.store,
        deleteSnapshot: async (name) => {
          if (at === 'before the delete') await pin();
          await world.store.deleteSnapshot(name);
          if (at === 'right after it') await pin();
        },
      };
      const run = { survey: found, plan: planned, graceMs: DAY, nowMs: world.nowMs, signal };
      await applyGarbage(racing, run);
      expect(await world.store.readSnapshot(FIRST)).toEqual(manifest);
      expect(await has(world, dropped)).toBe(true);
    }
  });

  it('say so when what they should hold can’t be read', async () => {
    const world = newWorld();
    await world.store.writeSnapshot(FIRST, Buffer.from('<html>'));
    await expect(pinSnapshot(world.store, FIRST, signal)).rejects.toMatchObject({ code: 'SNAPSHOT_INVALID' });
  });
});

describe('signatures', () => {
  it('a snapshot that nobody vouches for replaces none', async () => {
    const world = newWorld();
    const pack = await makePack('a');
    const first = await saveSnapshot(world, { scope: 'main', sequence: 1, packs: [pack] });
    await saveSnapshot(world, { scope: 'main', sequence: 2, packs: [pack], merged: [first], nonce: 'eeeeeeee' });
    world.nowMs += 2 * DAY;
    const judge = (_: Uint8Array, { sequence }: { sequence: number }) => ({
      isSigned: sequence === 1,
      isBelieved: sequence === 1,
      text: 'ann',
    });
    const found = await surveyStore(world.store, { signal, judge });
    expect(planGarbage(found, POLICY, world.nowMs).snapshots).toEqual([]);
  });

  it('nor does it fill up its scope', async () => {
    const world = newWorld();
    await saveSnapshot(world, { scope: 'main', sequence: 1, packs: [await makePack('a')] });
    const fat = await makePack('b'.repeat(5000), 'c'.repeat(5000));
    await saveSnapshot(world, { scope: 'main', sequence: 2, packs: [fat], ages: [9], nonce: 'eeeeeeee' });
    const judge = (_: Uint8Array, { sequence }: { sequence: number }) => ({
      isSigned: sequence === 1,
      isBelieved: sequence === 1,
      text: 'ann',
    });
    const whole = await surveyStore(world.store, { signal });
    const maxScopeBytes = planGarbage(whole, { ...POLICY, maxScopeBytes: 1 }, world.nowMs).trims[0]?.bytesAfter;
    expect(maxScopeBytes).toBeGreaterThan(0);
    const policy = { ...POLICY, maxScopeBytes: maxScopeBytes ?? 0 };
    expect(planGarbage(whole, policy, world.nowMs).trims).toHaveLength(1);
    const found = await surveyStore(world.store, { signal, judge });
    expect(planGarbage(found, policy, world.nowMs)).toMatchObject({ trims: [], overCap: [] });
  });
});

function flipped(bytes: Uint8Array): Uint8Array {
  const bad = bytes.slice();
  bad[bad.length >> 1] = (bad[bad.length >> 1] ?? 0) ^ 1;
  return bad;
}
