import { existsSync } from 'node:fs';
import { readdir, utimes } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crash, seededRandom, traceSteps, type Crash } from '../helpers/crash-run.ts';
import { buildPlainly, copyMounts } from '../helpers/faulty-app.ts';
import { buildSmall, checkStore, layGround, storeFlags, type Ground, type Machine } from '../helpers/faulty-ground.ts';
import { startRegistry, type TestRegistry } from '../helpers/registry.ts';
import { countCases } from '../helpers/count-cases.ts';
import { runSlipway } from '../helpers/run-slipway.ts';
import { SUITE_SIZE, sized } from '../helpers/suite-size.ts';
import { seededSlice, SLICE_SEED } from '../helpers/seeded-slice.ts';

/**
 * SIGKILL at the CLI's own steps: each call to the disk, the network or another program. A normal run takes one of the
 * stores and a slice of the steps, as its seed chooses; SLIPWAY_TORTURE=1 takes every step. SLIPWAY_SEED repeats a run.
 */
const SEED = SLICE_SEED;
const IS_TORTURE = SUITE_SIZE === 'torture';
const KILLS_OF_EACH = Number(process.env['SLIPWAY_KILLS'] ?? sized({ slice: 2, published: 15, torture: 0 }));

let ground: Ground;
let registry: TestRegistry;

beforeAll(async () => {
  [ground, registry] = await Promise.all([layGround(), startRegistry({ program: 'registry' })]);
}, 600_000);
afterAll(async () => {
  await ground?.[Symbol.asyncDispose]();
  await registry?.stop();
});

const BACKENDS = [
  { name: 'directory', newStore: (name: string) => `type=local,dest=${path.join(ground.directory, name)}` },
  { name: 'registry', newStore: (name: string) => `type=registry,ref=${registry.host}/${name}` },
] as const;

describe.each(seededSlice(BACKENDS, 1))(`with a $name store (seed ${SEED})`, ({ name, newStore }) => {
  it('a restore that is killed is followed by a right build, with and without slipway', {
    timeout: 3_600_000,
  }, async () => {
    const store = newStore('restored');
    const filled = await runSlipway(['save', ...storeFlags(store), ground.seedApp.directory], {
      env: (await ground.newMachine()).env,
    });
    expect(filled.exitCode, filled.stderr).toBe(0);
    const restoreArgs = (directory: string): string[] => ['restore', ...storeFlags(store), directory];
    const traced = await ground.newApp();
    const { run, steps } = await traceSteps(restoreArgs(traced.directory), { env: (await ground.newMachine()).env });
    expect(run.exitCode, run.stderr).toBe(0);
    expect(steps.length).toBeGreaterThanOrEqual(15);
    const crashes = planCrashes(steps, name === 'directory' ? SEED : SEED + 1);
    const machine = await ground.newMachine();
    const died = await forEachPair(crashes, async (planned, index) => {
      const app = await ground.newApp();
      // Half of them on a machine that holds what others left behind, half on one that downloads everything.
      const mine = index % 2 === 0 ? machine : await ground.newMachine();
      const killed = await crash(restoreArgs(app.directory), planned, { env: mine.env });
      const what = `seed ${SEED}, killed at ${planned.at} + ${planned.delayMs} ms, after ${steps[planned.at - 2]}`;
      const copy = await ground.newApp();
      await copyMounts(ground.worker, app.id, copy.id);
      const wanted = await copy.edit();
      const plain = await buildPlainly(ground.worker, copy.directory);
      expect(plain, `${what}\n${plain.log}`).toMatchObject({ exitCode: 0, output: wanted });
      const next = await buildSmall(ground, { store, app, machine: mine, flags: ['--no-save'] });
      expect(next.run.exitCode, `${what}\n${next.run.stderr}`).toBe(0);
      expect(next.output, what).toBe(next.wanted);
      expect(['restored', 'already-warm'], what).toContain(next.report.restore.state);
      return killed.signalName === 'SIGKILL';
    });
    expect(died.filter(Boolean).length).toBeGreaterThanOrEqual(crashes.length * 0.5);
    countCases({ suite: 'R3', what: 'kills of the whole program', cases: died.filter(Boolean).length, seed: SEED });
    await expectNoGrowth(machine);
    expect((await checkStore(machine, store)).exitCode).toBe(0);
  });

  it('a save that is killed leaves the store whole, and the next one saves', { timeout: 3_600_000 }, async () => {
    const { seedApp } = ground;
    const saveArgs = (store: string): string[] => ['save', ...storeFlags(store), seedApp.directory];
    const { run, steps } = await traceSteps(saveArgs(newStore('traced')), { env: (await ground.newMachine()).env });
    expect(run.exitCode, run.stderr).toBe(0);
    expect(steps.length).toBeGreaterThanOrEqual(15);
    const crashes = planCrashes(steps, name === 'directory' ? SEED + 2 : SEED + 3);
    const machine = await ground.newMachine();
    const died = await forEachPair(crashes, async (planned, index) => {
      const store = newStore(`saved${index}`);
      const killed = await crash(saveArgs(store), planned, { env: machine.env });
      const what = `seed ${SEED}, killed at ${planned.at} + ${planned.delayMs} ms, after ${steps[planned.at - 2]}`;
      const checked = await checkStore(machine, store);
      expect(checked.exitCode, `${what}\n${checked.stdout}${checked.stderr}`).toBe(0);
      const next = await runSlipway(saveArgs(store), { env: machine.env });
      expect(next.exitCode, `${what}\n${next.stderr}`).toBe(0);
      expect(next.stderr, what).toMatch(/save (done|found nothing new)/);
      expect((await checkStore(machine, store)).exitCode, what).toBe(0);
      const app = await ground.newApp();
      const warm = await buildSmall(ground, { store, app, flags: ['--read-only'] });
      expect(warm.output, what).toBe(warm.wanted);
      expect(warm.report.restore, what).toMatchObject({ state: 'restored', warnings: [] });
      return killed.signalName === 'SIGKILL';
    });
    expect(died.filter(Boolean).length).toBeGreaterThanOrEqual(crashes.length * 0.5);
    countCases({ suite: 'R3', what: 'kills of the whole program', cases: died.filter(Boolean).length, seed: SEED });
    const wanted = await seedApp.edit();
    expect(await buildPlainly(ground.worker, seedApp.directory)).toMatchObject({ exitCode: 0, output: wanted });
    await expectNoGrowth(machine);
  });
});

/**
 * Every step in the long form. Else a third of the kills come while a program that was just started is at work; of the
 * steps in as many equal slices as there are other kills, each takes one.
 */
function planCrashes(steps: readonly string[], seed: number): readonly Crash[] {
  const random = seededRandom(seed);
  if (IS_TORTURE) {
    return [...steps, ...steps].map((_, i) => ({
      at: 1 + (i % steps.length),
      delayMs: i < steps.length ? 0 : Math.ceil(random() * 400),
    }));
  }
  const spawns = steps.flatMap((step, index) => (step.startsWith('spawn') ? [index + 1] : []));
  const ofSpawns = Math.ceil(KILLS_OF_EACH / 3);
  const ofSteps = KILLS_OF_EACH - ofSpawns;
  return [
    ...Array.from({ length: ofSteps }, (_, i) => ({
      at: 1 + Math.floor(((i + random()) / ofSteps) * steps.length),
      delayMs: 0,
    })),
    ...Array.from({ length: ofSpawns }, () => ({
      at: spawns[Math.floor(random() * spawns.length)] ?? 1,
      delayMs: Math.ceil(random() * 600),
    })),
  ];
}

/** Two at a time: much of a run is waiting. */
async function forEachPair<T, R>(items: readonly T[], work: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item, index);
  };
  await Promise.all([worker(), worker()]);
  return results;
}

/** What killed runs leave goes once it is a day old: made older here, and swept by the next run. */
async function expectNoGrowth(machine: Machine): Promise<void> {
  const places = [path.join(machine.cacheHome, 'slipway'), machine.temporary];
  const old = new Date(Date.now() - 25 * 3600 * 1000);
  for (const place of places) {
    for (const name of await leftovers(place)) await utimes(path.join(place, name), old, old);
  }
  const swept = await buildSmall(ground, { store: ground.seedStore, machine });
  expect(swept.output).toBe(swept.wanted);
  for (const place of places) expect(await leftovers(place)).toEqual([]);
}

/** Everything but what is kept on purpose: packs and entry lists under their digests, last builds, and Node's compiled code. */
async function leftovers(directory: string): Promise<readonly string[]> {
  if (!existsSync(directory)) return [];
  const names = (await readdir(directory, { recursive: true })).map(String);
  return names.filter(
    (name) => !/^(packs|lists)(\/[0-9a-f]{64})?$|^builds(\/[0-9a-f]{32}\.(json|saved))?$|^code(\/|$)/.test(name),
  );
}
