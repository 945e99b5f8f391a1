import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { createLogger, silentLogger } from '../../../src/core/logger.ts';
import { createMemoryStore } from '../../../src/store/backends/memory/memory-store.ts';
import type { Exposure, ExposureOptions, Store } from '../../../src/store/port.ts';
import { tieredStore } from '../../../src/store/tiers/tiered-store.ts';
import { refusePublic } from '../../../src/warm/refuse-public.ts';
import { fillNearerStores } from '../../../src/warm/store-traffic.ts';
import type { Privacy, StoreContext } from '../../../src/warm/types.ts';
import { contextOf, newWorld, type World } from './signed-world.ts';

let directory: string;
let world: World;
let lines: string[];
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-public-'));
  await writeFile(path.join(directory, 'go.mod'), 'module example.com/app\n');
  world = await newWorld();
  lines = [];
});
afterEach(() => Promise.all([directory, world.directory].map((each) => rm(each, { recursive: true, force: true }))));

const TEAM: Privacy = { goPrivate: 'example.com' };

function context(store: Store, privacy: Privacy | undefined, signal?: AbortSignal): StoreContext {
  const plain = contextOf({ ...world, store: store as World['store'] });
  const logger = createLogger((_level, line) => lines.push(line), true);
  const { options } = plain;
  return { ...plain, logger, ...(signal && { signal }), options: { ...options, ...(privacy && { privacy }) } };
}

/** A store that answers a stranger like this, and counts the questions. */
function answering(ask: (options: ExposureOptions) => Promise<Exposure>): { store: Store; asked: ExposureOptions[] } {
  const asked: ExposureOptions[] = [];
  const readableByStrangers = (options: ExposureOptions = {}): Promise<Exposure> => {
    asked.push(options);
    return ask(options);
  };
  return { store: Object.assign(createMemoryStore(), { readableByStrangers }), asked };
}

const OPEN: Exposure = { store: 'registry.example.com/cache', readable: 'yes', seenBy: '200' };
const checkout = () => ({ directories: [directory], goPrivate: [] });

it('asks nobody where the code is not private, and once for all the builds of a run', async () => {
  const { store, asked } = answering(async () => OPEN);
  expect(await refusePublic(context(store, undefined), checkout())).toBeUndefined();
  expect(await refusePublic(context(store, { goPrivate: 'example.org' }), checkout())).toBeUndefined();
  expect(asked).toEqual([]);
  for (const _ of [1, 2]) {
    const refusal = await refusePublic(context(store, TEAM), checkout());
    expect(refusal).toMatchObject({ code: 'STORE_PUBLIC', message: expect.stringContaining('example.com/app') });
  }
  expect(asked.length).toBe(1);
});

it('refuses nothing for a fault of the question, a silent store, or one that can’t be asked, and says so', async () => {
  const broken = answering(async () => {
    throw new TypeError('odd answer');
  });
  const silent = answering(
    ({ signal }) => new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error))),
  );
  const { readableByStrangers: _, ...dumb } = answering(async () => OPEN).store as Store & {
    readableByStrangers: object;
  };
  for (const store of [broken.store, silent.store, dumb as Store]) {
    expect(await refusePublic(context(store, TEAM), checkout())).toBeUndefined();
  }
  expect(lines).toEqual([
    'can strangers read memory? unknown: odd answer',
    expect.stringMatching(/^can strangers read memory\? unknown: .*timeout/),
    "can strangers read memory? unknown: it can't be asked",
  ]);
});

it('a nearer store that anybody can read is not filled from a farther one, unless that is allowed', async () => {
  const name = { scope: 'main', sequence: 1, nonce: 'a0b1c2d3' };
  for (const [privacy, filled] of [
    [TEAM, []],
    [undefined, [name]],
  ] as const) {
    const [near, far] = [answering(async () => OPEN).store, createMemoryStore()];
    await far.writeSnapshot(name, Buffer.from('{}'));
    const tiers = [near, far].map((store) => ({ store, isReadOnly: false, isStrict: false }));
    const store = tieredStore(tiers, { clock: systemClock, logger: silentLogger });
    await store.listSnapshots('main');
    await store.readSnapshot(name);
    await fillNearerStores(context(store, privacy), [checkout()]);
    expect(await near.listSnapshots('main')).toEqual(filled);
  }
  expect(lines.at(-1)).toMatch(/^no store is filled: anybody can read registry\.example\.com/);
});

it('an abort is no answer', async () => {
  const stop = new AbortController();
  const { store } = answering(async () => {
    stop.abort(new Error('interrupted'));
    throw new Error('cut');
  });
  await expect(refusePublic(context(store, TEAM, stop.signal), checkout())).rejects.toThrow('interrupted');
});
