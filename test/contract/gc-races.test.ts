import { mkdtemp, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Clock } from '../../src/core/clock.ts';
import { hexOf, type Digest } from '../../src/core/digest.ts';
import { openDirStore } from '../../src/store/backends/dir/dir-store.ts';
import { createMemoryStore } from '../../src/store/backends/memory/memory-store.ts';
import { openObjectStore } from '../../src/store/backends/object/object-store.ts';
import { verifiedStore } from '../../src/store/decorators/verified.ts';
import type { SnapshotName, Store, StoreKeeper } from '../../src/store/port.ts';
import { applyGarbage } from '../../src/warm/keep/apply-garbage.ts';
import { checkStore } from '../../src/warm/keep/check-store.ts';
import { isReservedScope, pinSnapshot, targetOf, unpinSnapshot } from '../../src/warm/keep/pins.ts';
import { planGarbage, refuseSkew, type GarbagePolicy } from '../../src/warm/keep/plan-garbage.ts';
import { findDigests, surveyStore } from '../../src/warm/survey-store.ts';
import { countCases } from '../helpers/count-cases.ts';
import { seededRandom } from '../helpers/crash-run.ts';
import { createGcModel, type GcModel } from '../helpers/gc-model.ts';
import { DAY, HOUR } from '../helpers/kept-world.ts';
import { createMemoryBucket } from '../helpers/memory-bucket.ts';
import { SLICE_SEED } from '../helpers/seeded-slice.ts';
import { sized } from '../helpers/suite-size.ts';
import { createTurns, type Turns } from '../helpers/turns.ts';
import { entriesOf, warmClient, type WarmClient } from '../helpers/warm-client.ts';

/**
 * Reliability plan R14: clean-up while others save, restore and pin, on a clock that the test moves, with writers whose
 * own clocks are days off. Calls happen one at a time in an order that the seed draws; after each that changes the store
 * every visible snapshot must be whole.
 */
const PUSHERS = 8;
const PULLERS = 4;
const RUNNERS = 3;
const { rounds, days } = sized({
  slice: { rounds: 2, days: 3 },
  published: { rounds: 25, days: 14 },
  torture: { rounds: 500, days: 90 },
});
/** From then on snapshots of pull requests may go: two or three rounds later. Those of `main` have been replaced by then. */
const KEEP_MS = 10 * HOUR;
/** Far from the machine's time, so that a time of the real disk can't pass for one of these. */
const START = Date.UTC(2001, 0, 1);
const { signal } = new AbortController();

type Kept = Store & StoreKeeper;

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-gc-races-'));
});
afterAll(() => rm(directory, { recursive: true, force: true, maxRetries: 3 }));

interface Backend {
  readonly name: string;
  readonly open: (clock: Clock, root: string) => Kept;
  /** How much older than by its last use it may take a blob for. */
  readonly slackMs: number;
  /** How many times the rounds: those in memory cost little. */
  readonly factor: number;
}

const BACKENDS: readonly Backend[] = [
  { name: 'memory', slackMs: 0, factor: 3, open: (clock) => createMemoryStore(clock) },
  {
    name: 'a directory',
    slackMs: HOUR,
    factor: 1,
    open: (clock, root) => agedDirStore(path.join(root, 'store'), clock),
  },
  {
    name: 'the layout of object stores',
    slackMs: HOUR,
    factor: 2,
    open: (clock) => openObjectStore(createMemoryBucket({ nowMs: () => clock.now() }), clock),
  },
];

/** A directory whose disk's clock is the test's. */
function agedDirStore(root: string, clock: Clock): Kept {
  const inner = openDirStore(root, clock);
  const age = async (digest: Digest): Promise<void> => {
    const file = path.join(root, 'blobs', 'sha256', hexOf(digest).slice(0, 2), hexOf(digest));
    const found = await stat(file).catch(() => undefined);
    const isReal = found !== undefined && found.mtimeMs > START + 1000 * DAY;
    if (isReal) await utimes(file, clock.now() / 1000, clock.now() / 1000);
  };
  return {
    ...inner,
    writeBlob: async (blob, source, options) => {
      const result = await inner.writeBlob(blob, source, options);
      await age(blob.digest);
      return result;
    },
    touchBlob: async (digest, options) => {
      await inner.touchBlob(digest, options);
      await age(digest);
    },
    readClock: async () => clock.now(),
  };
}

interface Ground {
  readonly store: Kept;
  readonly turns: Turns;
  readonly random: () => number;
  readonly root: string;
  readonly model: GcModel;
}

interface GroundOptions {
  readonly mostMsPerCall: number;
  readonly graceMs: number;
}

async function newGround(
  { open, slackMs }: (typeof BACKENDS)[number],
  { mostMsPerCall, graceMs }: GroundOptions,
): Promise<Ground> {
  const root = await mkdtemp(path.join(directory, 'ground-'));
  const random = seededRandom(SLICE_SEED);
  const turns = createTurns({ random, startMs: START, mostMsPerCall });
  const store = verifiedStore(open(turns.clock, root)) as Kept;
  return { store, turns, random, root, model: createGcModel({ store, graceMs, slackMs, keepMs: KEEP_MS }) };
}

/** After each call: what the model forbids has not happened. */
async function expectAllowed(ground: Ground, call: string, hasFailed: boolean): Promise<void> {
  expect(await ground.model.after(call, hasFailed, ground.turns.clock.now()), `seed ${SLICE_SEED}`).toEqual([]);
}

async function collect(store: Kept, policy: GarbagePolicy, ourMs: number): Promise<number> {
  const nowMs = await store.readClock();
  refuseSkew(nowMs, ourMs);
  const survey = await surveyStore(store, { signal });
  const plan = planGarbage(survey, policy, nowMs);
  const done = await applyGarbage(store, { survey, plan, graceMs: policy.graceMs, nowMs, signal });
  return done.snapshots + done.blobs;
}

/** A clock that is off by this much. */
function skewed(clock: Clock, byMs: number): Clock {
  return { ...clock, now: () => clock.now() + byMs };
}

function client(ground: Ground, scope: string, machine: string, skewMs = 0, abort?: AbortSignal): WarmClient {
  return warmClient({
    store: ground.turns.viewOf(ground.store),
    scope,
    workDirectory: path.join(ground.root, machine),
    clock: skewed(ground.turns.clock, skewMs),
    ...(abort && { signal: abort }),
  });
}

/** Exactly this, without a warning, and nothing in the store that a check would find. */
async function expectUnion(ground: Ground, contents: ReadonlySet<string>, round: number): Promise<void> {
  const reader = warmClient({
    store: ground.store,
    scope: 'main',
    workDirectory: path.join(ground.root, `reader-${round}`),
  });
  const { entries, warnings } = await reader.pull();
  expect(warnings, `seed ${SLICE_SEED}`).toEqual([]);
  expect([...entries.values()].sort(), `seed ${SLICE_SEED}`).toEqual([...contents].sort());
  const check = await checkStore(ground.store, await surveyStore(ground.store, { signal }), { signal });
  expect(check.faults, `seed ${SLICE_SEED}`).toEqual([]);
}

describe.each(BACKENDS)('$name', { timeout: 3_600_000 }, (backend) => {
  const { name } = backend;
  const races = rounds * backend.factor;
  test(`${PUSHERS} pushers, ${PULLERS} pullers, gc and pins at once lose nothing (seed ${SLICE_SEED})`, async () => {
    const graceMs = 3 * HOUR;
    const ground = await newGround(backend, { mostMsPerCall: 2_000, graceMs });
    const { store, turns, random } = ground;
    /** What saves that were killed have left without a name. */
    const leftBehind: string[] = [];
    const pushed = new Set<string>();
    const pinned = new Map<string, SnapshotName>();
    let [collected, killed] = [0, 0];
    for (let round = 0; round < races; round += 1) {
      const push = async (index: number): Promise<void> => {
        // What a killed save had left is found there by the next one, just when gc may be about to delete it.
        const again = index < 2 ? [] : leftBehind.splice(0, 1);
        const contents = [`round ${round} of ${index}`, ...again];
        // Two of them are always killed, most often after their packs are there and before they are named.
        const abort = index < 2 || random() < 0.2 ? new AbortController() : undefined;
        const skewMs = (Math.floor(random() * 21) - 10) * DAY;
        const scope = index === PUSHERS - 1 ? `pr-${round}` : 'main';
        const machine = client(ground, scope, `pusher-${index}`, skewMs, abort?.signal);
        const pushing = machine.push(contents.map((content) => [content]));
        if (abort !== undefined) {
          const at = turns.calls + Math.floor(random() * 150);
          aborts.push(() => turns.calls >= at && abort.abort(new Error('killed')));
        }
        try {
          await pushing;
          if (scope === 'main') for (const content of contents) pushed.add(content);
        } catch (error) {
          if (abort?.signal.aborted !== true) throw error;
          killed += 1;
          if (scope === 'main') leftBehind.push(contents[0]!);
        }
      };
      const pull = async (index: number): Promise<void> => {
        const before = new Set(pushed);
        const { entries, warnings } = await client(ground, 'main', `puller-${round}-${index}`).pull();
        expect(warnings, `seed ${SLICE_SEED}`).toEqual([]);
        for (const file of entriesOf(before).keys()) expect(entries.has(file), `seed ${SLICE_SEED}`).toBe(true);
      };
      const gc = async (mostTurnsBefore: number): Promise<void> => {
        for (let turn = random() * mostTurnsBefore; turn > 1; turn -= 1) await turns.viewOf(store).readClock();
        const keepNewest = Math.floor(random() * 3);
        // Pull requests expire; `main` is written in each round, so nothing of it does.
        const policy = { graceMs, maxScopeBytes: 2 ** 31, keepNewest: 0, keepMs: KEEP_MS };
        collected += await collect(turns.viewOf(store), { ...policy, keepNewest }, turns.clock.now());
        const wrong = turns.clock.now() + (random() < 0.5 ? -10 : 10) * DAY;
        await expect(collect(turns.viewOf(store), policy, wrong)).rejects.toThrow("this machine's");
      };
      const pin = async (): Promise<void> => {
        const view = turns.viewOf(store);
        const [newest] = await view.listSnapshots('main', { signal });
        if (newest !== undefined) {
          await pinSnapshot(view, newest, signal);
          pinned.set(targetOf(newest), newest);
        }
        const [oldest] = pinned.values();
        if (pinned.size > 3 && oldest !== undefined) {
          pinned.delete(targetOf(oldest));
          await unpinSnapshot(view, oldest, signal);
        }
      };
      const aborts: (() => unknown)[] = [];
      const work = [
        ...Array.from({ length: PUSHERS }, (_, index) => push(index)),
        ...Array.from({ length: PULLERS }, (_, index) => pull(index)),
        // Two of them, so that they also meet each other; and one right after, for which nothing has got older since.
        gc(1).then(() => gc(1)),
        gc(20),
        pin(),
      ];
      await turns.run(work, async (call, hasFailed) => {
        for (const abort of aborts) abort();
        await expectAllowed(ground, call, hasFailed);
      });
      await expectUnion(ground, new Set([...pushed, ...(await extraOf(ground, pushed))]), round);
      for (const one of pinned.values()) expect(await store.readSnapshot(one), targetOf(one)).toBeDefined();
      // What this round leaves without a name is ripe in the next one.
      turns.pass((graceMs / HOUR + 1 + random() * 4) * HOUR);
    }
    // When all is quiet, what is left is what is named, and nothing else.
    const quiet = { graceMs, maxScopeBytes: 2 ** 31, keepNewest: 0 };
    for (let pass = 0; pass < 3; pass += 1) {
      turns.pass(5 * HOUR);
      collected += await collect(store, quiet, turns.clock.now());
    }
    await expectNothingStray(ground);
    expect(collected).toBeGreaterThan(0);
    expect(killed).toBeGreaterThan(0);
    // Half of the saves may be killed; each of the others makes four changes.
    expect(ground.model.changes).toBeGreaterThan(races * PUSHERS * 2);
    countCases({
      suite: 'R14',
      what: 'changes of a store in races with gc, the model checked after each',
      cases: ground.model.changes,
      seed: SLICE_SEED,
    });
    countCases({ suite: 'R14', what: 'saves killed in races with gc', cases: killed, seed: SLICE_SEED });
  });

  test(`${days} days of ${RUNNERS} runners, gc each night (seed ${SLICE_SEED})`, async () => {
    const ground = await newGround(backend, { mostMsPerCall: 20_000, graceMs: DAY });
    const { store, turns, random } = ground;
    const pushed = new Set<string>();
    const skews = Array.from({ length: RUNNERS }, (_, index) => (index - 1) * 10 * DAY);
    for (let day = 0; day < days; day += 1) {
      for (let quarter = 0; quarter < 4; quarter += 1) {
        const work = skews.map(async (skewMs, runner) => {
          const contents = [`day ${day} quarter ${quarter} runner ${runner}`];
          await client(ground, 'main', `runner-${runner}`, skewMs).push([contents]);
          for (const content of contents) pushed.add(content);
        });
        if (quarter === 0) {
          const policy = { graceMs: DAY, maxScopeBytes: 2 ** 31, keepNewest: 0 };
          work.push(collect(turns.viewOf(store), policy, turns.clock.now()).then(() => undefined));
        }
        await turns.run(work, (call, hasFailed) => expectAllowed(ground, call, hasFailed));
        turns.pass(6 * HOUR + random() * 60_000);
      }
      await expectUnion(ground, pushed, day);
      // A day of saves and the day of grace before it: more would mean that the store grows for ever.
      expect((await store.listSnapshots('main')).length).toBeLessThanOrEqual(RUNNERS * 4 * 3);
    }
    countCases({
      suite: 'R14',
      what: `simulated days of ${RUNNERS} runners on ${name}`,
      cases: days,
      seed: SLICE_SEED,
    });
  });
});

/** What killed saves had committed all the same: the kill came between the commit and its answer. */
async function extraOf(ground: Ground, pushed: ReadonlySet<string>): Promise<readonly string[]> {
  const reader = warmClient({ store: ground.store, scope: 'main', workDirectory: path.join(ground.root, 'extra') });
  const { entries } = await reader.pull();
  return [...entries.values()].filter((content) => !pushed.has(content));
}

async function expectNothingStray({ store }: Ground): Promise<void> {
  const named = new Set<Digest>();
  for (const scope of await store.listScopes()) {
    for (const name of await store.listSnapshots(scope)) {
      for (const digest of findDigests((await store.readSnapshot(name))!)) named.add(digest);
      if (!isReservedScope(scope)) expect(await store.readSnapshot(name)).toBeDefined();
    }
  }
  const stray = (await store.listBlobs())!.filter(({ digest }) => !named.has(digest));
  expect(stray, `seed ${SLICE_SEED}`).toEqual([]);
}
