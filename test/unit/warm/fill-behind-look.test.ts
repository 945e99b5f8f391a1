import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Engine } from '../../../src/buildkit/types.ts';
import { restore } from '../../../src/warm/restore.ts';
import { save } from '../../../src/warm/save.ts';
import { readStoredState, type StoredState } from '../../../src/warm/stored-state.ts';
import { goSumOf, moduleFiles, outputFile } from '../pack/pack-fixtures.ts';
import { type LocatedWorld, type Machine, openLocatedWorld, STEP } from './located-world.ts';

// Real shells, the real program and a real server, on machines that have other things to do.
vi.setConfig({ testTimeout: 60_000 });

const MODULE = moduleFiles();
const ZIP = MODULE.find(({ path: name }) => name.endsWith('.zip'))!;
const WITH_MODULES = STEP.replace('GOCACHE', '--mount=type=cache,id=mod,target=/mod GOMODCACHE=/mod GOCACHE');

let world: LocatedWorld;
beforeEach(async () => {
  world = await openLocatedWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

/** The store also has a module, which this machine fetches and checks. */
async function fillWithModule(): Promise<void> {
  await world.fillStore();
  await world.writeFile('go.mod', 'module app.example/app\n');
  await world.writeFile('go.sum', await goSumOf(MODULE));
  await world.writeDockerfile(WITH_MODULES);
  const { engine, context } = await world.machine('first', world.store);
  await world.fill(engine, MODULE, 'mod');
  expect(await save(context, await world.plan(), {})).toMatchObject({ state: 'saved', packsMoved: 1 });
}

async function storedState({ context }: Machine): Promise<StoredState> {
  return readStoredState(context, ['main']);
}

const isIn = (machine: Machine, mount: string, name: string): boolean =>
  existsSync(path.join(machine.engine.mount(mount), name));

/** What the server hands out waits until the inject build is over. */
function packsAfterInject(engine: Engine): Engine {
  const injected = Promise.withResolvers<void>();
  let count = 0;
  world.alter = async () => {
    // The first request only tries whether the builder gets here.
    if (count++ > 0) await injected.promise;
    return false;
  };
  return {
    ...engine,
    runHelper: async (build, run) => {
      await engine.runHelper(build, run);
      if (build.dockerfile.includes('inject.sh')) injected.resolve();
    },
  };
}

it('modules are put in place while the builder fetches the build cache', async () => {
  await fillWithModule();
  const fresh = await world.machine('fresh', world.located(), { cacheTimeoutSeconds: 30 });
  const context = { ...fresh.context, engine: packsAfterInject(fresh.engine) };
  const outcome = await restore(context, await world.plan());
  expect(outcome.report).toMatchObject({ state: 'restored', packsMoved: 3, warnings: [] });
  expect(outcome.report.entriesRestored).toBe(4 + MODULE.length);
  expect(fresh.engine.ran).toEqual(['probe.sh', 'inject.sh']);
  await world.expectAllIn(fresh);
  expect(isIn(fresh, 'mod', ZIP.path)).toBe(true);
  // A mount without it counts as thrown away since the restore.
  expect(isIn(fresh, 'mod', '.slipway/marker')).toBe(true);
  await world.fill(fresh.engine, [outputFile(Buffer.from('new'))]);
  const saved = await save(fresh.context, await world.plan(), { restored: outcome });
  expect(saved).toMatchObject({ state: 'saved', entriesNew: 1, warnings: [] });
});

it('a mount that holds anything is not filled before this machine has seen what', async () => {
  await world.fillStore();
  const fresh = await world.machine('fresh', world.located());
  await world.fill(fresh.engine, [outputFile(Buffer.from('somebody was here'))]);
  const outcome = await restore(fresh.context, await world.plan());
  expect(outcome.report).toMatchObject({ state: 'restored', packsMoved: 2 });
  expect(outcome.entriesBefore).toBe(1);
  expect(fresh.engine.ran).toEqual(['probe.sh', 'inject.sh']);
  expect(world.served).toHaveLength(2);
  await world.expectAllIn(fresh);
});

it('where modules are there and the build cache is not, all of it is there afterwards', async () => {
  await fillWithModule();
  const fresh = await world.machine('fresh', world.located());
  await world.fill(fresh.engine, MODULE, 'mod');
  const outcome = await restore(fresh.context, await world.plan());
  expect(outcome.report).toMatchObject({ state: 'restored', entriesRestored: 4, warnings: [] });
  await world.expectAllIn(fresh);
  expect(isIn(fresh, 'mod', '.slipway/marker')).toBe(true);
});

it('nothing is fetched onto a disk that has no room for it and the modules', async () => {
  await fillWithModule();
  const fresh = await world.machine('fresh', world.located(), { isStrict: false });
  const state = await storedState(fresh);
  const packs = state.packs.map((pack) => (pack.kind === 'gocache' ? pack : { ...pack, uncompressedBytes: 2 ** 50 }));
  const said: string[] = [];
  const engine: Engine = {
    ...fresh.engine,
    runHelper: (build, run) => {
      const onLogLine = (line: string): void => {
        said.push(line);
        build.onLogLine?.(line);
      };
      return fresh.engine.runHelper({ ...build, onLogLine }, run);
    },
  };
  const stored = Promise.resolve({ ...state, packs });
  const outcome = await restore({ ...fresh.context, engine }, await world.plan(), undefined, stored);
  expect(outcome.report.state).toBe('failed');
  expect(outcome.report.reason).toContain('too little');
  expect(said).toContain('slipway-looked');
  expect(said).not.toContain('slipway-filling');
  expect(world.served).toEqual([]);
});

it('what the fetch has written by then does not count as missing room', async () => {
  await world.fillStore();
  // The look's question and that of the fetch: whoever asks later has no room.
  const df = await world.writeFile(
    'bin/df',
    '#!/bin/sh\necho x >> "$0.asked"\n[ "$(wc -l < "$0.asked")" -le 2 ] && free=99999999 || free=1\necho disk 1 1 $free 1 /\n',
    0o755,
  );
  const shell = ['env', `PATH=${path.dirname(df)}:${process.env['PATH']}`, 'sh'];
  const fresh = await world.machine('fresh', world.located(), {}, shell);
  const outcome = await restore(fresh.context, await world.plan());
  expect(outcome.report).toMatchObject({ state: 'restored', packsMoved: 2 });
  expect(existsSync(`${df}.asked`)).toBe(true);
});

it.each([true, false])('what nobody vouches for is marked so: %s', async (isUnsigned) => {
  await world.fillStore();
  const fresh = await world.machine('fresh', world.located());
  const state = await storedState(fresh);
  const unsigned = new Set(isUnsigned ? state.packs.map(({ digest }) => digest) : []);
  await restore(fresh.context, await world.plan(), undefined, Promise.resolve({ ...state, unsigned }));
  expect(fresh.engine.ran).toEqual(['probe.sh']);
  expect(isIn(fresh, 'go', '.slipway/unsigned')).toBe(isUnsigned);
});

it('an abort ends what the builder fetches', async () => {
  await world.fillStore();
  const controller = new AbortController();
  let count = 0;
  world.alter = async (_digest, response) => {
    if (count++ === 0) return false;
    response.writeHead(200).write('x');
    controller.abort(new Error('enough of this'));
    return true;
  };
  const fresh = await world.machine('fresh', world.located(), { cacheTimeoutSeconds: 60 });
  const context = { ...fresh.context, signal: controller.signal };
  await expect(restore(context, await world.plan())).rejects.toThrow('enough of this');
  expect(isIn(fresh, 'go', '.slipway/marker')).toBe(false);
});

it('modules that can not be had end the restore with their fault, and what the builder fetches', async () => {
  await fillWithModule();
  const state = await storedState(await world.machine('reader', world.store));
  const modules = new Set(state.packs.filter(({ kind }) => kind === 'gomodcache').map(({ digest }) => digest));
  const located = world.located();
  const broken: typeof located = {
    ...located,
    readBlob: (digest, options) => {
      if (modules.has(digest)) throw new Error('the store is out of order');
      return located.readBlob(digest, options);
    },
  };
  const fresh = await world.machine('fresh', broken, { isStrict: false, cacheTimeoutSeconds: 600 });
  let count = 0;
  world.alter = async (_digest, response) => {
    if (count++ === 0) return false;
    // Never answers: only what stops the fill ends this.
    await new Promise((resolve) => response.once('close', resolve));
    return true;
  };
  const { report } = await restore(fresh.context, await world.plan());
  expect(report.state).toBe('failed');
});
