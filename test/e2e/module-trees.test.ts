import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startModuleProxy, type ModuleProxy } from '../helpers/module-proxy.ts';
import { buildWarm, makeCacheHome } from '../helpers/run-slipway.ts';
import { mainOf, TREE_MODULES, writeTreeApp, type TreeApp } from '../helpers/tree-world.ts';
import { startWorker, type Worker } from '../helpers/worker.ts';

let directory: string;
let home: string;
let worker: Worker;
let proxy: ModuleProxy;
let fresh = 0;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-trees-'));
  home = await makeCacheHome();
  proxy = await startModuleProxy(...TREE_MODULES);
  worker = await startWorker();
  const seeded = await build('seed', { mounts: freshMounts() });
  expect(seeded.report.save.state, seeded.log).toBe('saved');
  expect(seeded.zips).toEqual(['deep.example', 'lib.example']);
});

afterAll(async () => {
  await worker?.stop();
  await proxy?.[Symbol.asyncDispose]();
  for (const each of [directory, home]) await rm(each, { recursive: true, force: true });
});

/** Mounts that no build has used: as on a worker that has never seen the code. */
function freshMounts(): readonly string[] {
  fresh += 1;
  return ['go-cache', 'gomod-cache'].map((name) => `--mount=type=cache,target=/${name},id=${name}-${fresh}`);
}

/** Builds the program in mounts of its own, unless told which, and answers whose zips Go asked the proxy for. */
async function build(name: string, app: Partial<TreeApp> = {}, flags: readonly string[] = []) {
  const asked = proxy.requests.length;
  const mounts = app.mounts ?? freshMounts();
  const context = await writeTreeApp(path.join(directory, name), { proxy: proxy.url, ...app, mounts });
  const store = `type=local,dest=${path.join(directory, 'store')}`;
  const { report, run } = await buildWarm(
    ['--modules', 'trees', '--store', store, '--scope', name, ...flags, context],
    { env: { ...worker.env, XDG_CACHE_HOME: home, SLIPWAY_TRUST: 'all' } },
  );
  const zips = proxy.requests.slice(asked).filter((url) => url.endsWith('.zip'));
  return {
    report,
    log: run.stderr,
    said: /SAID (.*)/.exec(run.stderr)?.[1],
    zips: [...new Set(zips.map((url) => url.split('/')[1]))].sort(),
    exitCode: report.buildExitCode,
  };
}

describe('a fresh worker', () => {
  it('builds from the stored directories alone, and Go asks for no zip', async () => {
    const { report, said, zips, exitCode, log } = await build('seed');
    expect(exitCode, log).toBe(0);
    expect(report.restore.state, log).toBe('restored');
    expect(said, log).toBe('used one');
    expect(zips).toEqual([]);
  });
});
