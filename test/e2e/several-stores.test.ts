import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foundEntries, madeBy, writeMadeCache } from '../helpers/made-cache.ts';
import { startRegistry, type TestRegistry } from '../helpers/registry.ts';
import { buildWarm, makeCacheHome, runSlipway } from '../helpers/run-slipway.ts';
import { startWorker, type Worker } from '../helpers/worker.ts';
import { someOf } from '../helpers/some-of.ts';
import { SLICE_SEED } from '../helpers/seeded-slice.ts';

let directory: string;
let worker: Worker;
let registry: TestRegistry;
let app: string;
/** Takes connections and never answers. */
let silent: Server;
const homes: string[] = [];

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-several-'));
  worker = await startWorker();
  registry = await startRegistry({ program: 'registry' });
  app = await writeMadeCache(path.join(directory, 'app'));
  silent = createServer();
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  silent?.close();
  await worker?.stop();
  await registry?.stop();
  for (const one of [directory, ...homes]) await rm(one, { recursive: true, force: true });
});

const near = (): string => `type=local,dest=${path.join(directory, 'near')}`;
const far = (): string => `type=registry,ref=${registry.host}/several/cache`;
const dead = (): string => `type=registry,ref=localhost:${(silent.address() as { port: number }).port}/dead`;

/** A build on a machine that has never seen the code, with these stores. */
async function build(stores: readonly string[], machine: string, entry: string, ...more: readonly string[]) {
  const home = await makeCacheHome();
  homes.push(home);
  const flags = stores.flatMap((spec) => ['--store', spec]);
  return buildWarm([...flags, '--scope', 'main', ...more, ...madeBy(machine, entry), app], {
    env: { ...worker.env, XDG_CACHE_HOME: home },
  });
}

const scopesOf = async (spec: string): Promise<readonly string[]> => {
  const { stdout } = await runSlipway(['cache', 'ls', '--format', 'json', '--store', spec]);
  const document = JSON.parse(stdout) as { stores: { snapshots: { scope: string; snapshot: string }[] }[] };
  return document.stores[0]!.snapshots.map(({ scope, snapshot }) => `${scope}@${snapshot}`);
};

it('reads from the far store, fills the near one, and is served there the next time', async () => {
  await build([far()], 'first', 'one');
  // Nothing is saved by a build that makes nothing new; what it read is brought near all the same.
  const { report, run } = await build([near(), far()], 'second', 'one');
  expect(foundEntries(run.stderr)).toEqual(['one']);
  const [nearby, faraway] = report.stores!;
  expect(nearby).toMatchObject({ store: path.join(directory, 'near'), down: { blobs: 0 }, faults: [] });
  expect(faraway!.down.blobs).toBeGreaterThan(0);
  expect(await scopesOf(near())).not.toEqual([]);
  expect((await runSlipway(['cache', 'check', '--store', near()])).exitCode).toBe(0);

  const third = await build([near(), far()], 'third', 'three', '--no-save');
  expect(foundEntries(third.run.stderr)).toContain('one');
  expect(third.report.stores![0]!.down.blobs).toBeGreaterThan(0);
  expect(third.report.stores![1]!.down.blobs).toBe(0);
  expect(third.run.stderr).toMatch(/B from .*near; /);
});

it('saves to both, each whole by itself', async () => {
  const { report } = await build([near(), far()], 'fourth', 'four');
  expect(report.save.state).toBe('saved');
  for (const spec of [near(), far()]) {
    expect(await scopesOf(spec)).toContain(report.save.snapshot);
    expect((await runSlipway(['cache', 'check', '--store', spec])).exitCode).toBe(0);
    const alone = await build([spec], `alone-${spec.length}`, 'unused', '--no-save');
    expect(foundEntries(alone.run.stderr)).toEqual(['four', 'one']);
  }
});

describe(`a store that is not as the other (seed ${SLICE_SEED})`, () => {
  someOf(1, (it) => {
    it('a store that never answers costs its ten seconds once, and the other does the work', async () => {
      const { report, run } = await build([dead(), near()], 'fifth', 'five');
      expect(run.exitCode, run.stderr).toBe(0);
      expect(foundEntries(run.stderr)).toEqual(['four', 'one']);
      expect(report.restore.state).toBe('restored');
      expect(report.save.state).toBe('saved');
      expect(report.restore.phases['read']).toBeLessThan(12);
      const told = run.stderr.split('\n').filter((line) => line.startsWith('slipway: warning'));
      expect(told).toEqual([expect.stringContaining("can't be read, so the other stores must do")]);
      expect(await scopesOf(near())).toContain(report.save.snapshot);
    });

    it('a store that is only read is not written, and --strict-cache makes a dead one count', async () => {
      const before = await scopesOf(far());
      const { report } = await build([near(), `${far()},read-only=true`], 'sixth', 'six');
      expect(report.save.state).toBe('saved');
      expect(await scopesOf(far())).toEqual(before);
      const home = await makeCacheHome();
      homes.push(home);
      const strict = ['build', '--strict-cache', '--scope', 'main', ...madeBy('seventh', 'seven'), app];
      const dear = await runSlipway([...strict, '--store', `${dead()},timeout=1s`, '--store', near()], {
        env: { ...worker.env, XDG_CACHE_HOME: home },
      });
      expect(dear.exitCode).toBe(3);
    });
  });
});
