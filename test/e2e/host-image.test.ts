import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { editOne, newHostMachine, ROPE, writeHostApp } from '../helpers/host-app.ts';
import { startModuleProxy } from '../helpers/module-proxy.ts';
import { buildWarm, compiledPackages, makeCacheHome } from '../helpers/run-slipway.ts';
import { startWorker } from '../helpers/worker.ts';

const MAIN = 'example.com/ferry/cmd/one';
const BUILD = ['go', 'build', '-v', '-o', '/dev/null', './cmd/...'];

let directory: string;
let app: string;
let store: readonly string[];

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-host-image-'));
  app = await writeHostApp(path.join(directory, 'app'));
  store = ['--store', `type=local,dest=${path.join(directory, 'store')}`];
});

afterAll(() => rm(directory, { recursive: true, force: true }));

it('a machine warms the image build, and the image build warms the next machine', async () => {
  await using proxy = await startModuleProxy(ROPE);
  const first = await (await newHostMachine(directory, proxy.url)).run(store, BUILD, { cwd: app });
  expect(first.exitCode, first.stderr).toBe(0);
  expect(compiledPackages(first.stderr)).toEqual(expect.arrayContaining(['runtime', 'example.com/rope']));

  // Another directory, another cache directory, no way to any module: all comes from what the machine saved.
  await editOne(app);
  await using worker = await startWorker();
  const cacheHome = await makeCacheHome();
  const env = { ...worker.env, XDG_CACHE_HOME: cacheHome };
  const words = ['--engine', 'buildctl', '--scope', 'main', ...store, app];
  const { report, run } = await buildWarm(words, { env }).finally(() => rm(cacheHome, { recursive: true }));
  expect(run.exitCode, run.stderr).toBe(0);
  expect(compiledPackages(run.stderr)).toEqual([MAIN]);
  expect(report).toMatchObject({ restore: { state: 'restored' }, save: { state: 'saved' } });

  // What the image build added: nothing is left to compile.
  const last = await (await newHostMachine(directory)).run(store, BUILD, { cwd: app });
  expect(last.exitCode, last.stderr).toBe(0);
  expect(compiledPackages(last.stderr)).toEqual([]);
}, 600_000);
