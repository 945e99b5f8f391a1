import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { editMain, writeGoApp } from '../helpers/go-app.ts';
import { buildWarm, compiledPackages, makeCacheHome } from '../helpers/run-slipway.ts';
import { type Worker } from '../helpers/worker.ts';
import { startGoWorker } from '../helpers/kept-state.ts';

let directory: string;
let home: string;
let worker: Worker;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-no-cache-'));
  home = await makeCacheHome();
  worker = await startGoWorker();
});

afterAll(async () => {
  await worker?.stop();
  await rm(directory, { recursive: true, force: true });
  await rm(home, { recursive: true, force: true });
});

/**
 * BuildKit forgets a step's cache mounts when it loads a build with `--no-cache` (PruneCacheMounts in
 * github.com/moby/buildkit/blob/v0.33.1/worker/base/worker.go#L441-L467), and the build makes new ones under the same key:
 * these are what save finds.
 */
it('--no-cache skips restore with one line, compiles all, and save sees what that build made', async () => {
  const app = await writeGoApp(path.join(directory, 'app'));
  const build = (engine: Worker, ...flags: string[]) => {
    const store = ['--store', `type=local,dest=${path.join(directory, 'store')}`, '--scope', 'main'];
    return buildWarm([...store, ...flags, app], { env: { ...engine.env, XDG_CACHE_HOME: home } });
  };
  const cold = await build(worker);
  expect(cold.report.save.state, cold.run.stderr).toBe('saved');
  await editMain(app);

  const bare = await build(worker, '--no-cache');
  expect(bare.report.restore.state).toBe('skipped');
  expect(bare.run.stderr.match(/`--no-cache`/g)).toHaveLength(1);
  expect(compiledPackages(bare.run.stderr).length).toBeGreaterThan(50);
  // What Go compiles twice from the same input has the same name, so that only the edited package is new.
  expect(bare.report.save, bare.run.stderr).toMatchObject({ state: 'saved', warnings: [] });
  expect(bare.report.save.entriesNew).toBeGreaterThan(0);
  expect(bare.report.save.entriesNew).toBeLessThan(20);
  expect(bare.report.save.entriesUsed).toBeGreaterThan(100);

  await using fresh = await startGoWorker();
  const after = await build(fresh);
  expect(after.report.restore.state, after.run.stderr).toBe('restored');
  expect(compiledPackages(after.run.stderr)).toEqual([]);
});
