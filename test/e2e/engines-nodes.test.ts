import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeBuildxHome } from '../helpers/buildx-builder.ts';
import { elfMachine } from '../helpers/elf.ts';
import { buildWarm, compiledPackages, makeCacheHome, runSlipway } from '../helpers/run-slipway.ts';
import { editTinyApp, TINY_MAIN, writeTinyApp } from '../helpers/tiny-app.ts';
import { toolPath } from '../helpers/tools.ts';
import { startWorker } from '../helpers/worker.ts';

const run = promisify(execFile);

const [AMD64, ARM64] = [62, 183];
const BOTH = ['--platform', 'linux/amd64,linux/arm64'];

let directory: string;
let app: string;
let store: readonly string[];

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-nodes-'));
  app = await writeTinyApp(path.join(directory, 'app'));
  store = ['--store', `type=local,dest=${path.join(directory, 'store')}`, '--scope', 'main'];
  await using cold = await freshBuilder();
  const out = path.join(directory, 'out-cold');
  const { report, run: built } = await buildWarm([...store, ...BOTH, '-o', out, app], { env: cold.env });
  expect(built.stderr).toContain('builder pair (remote)');
  expect(report, built.stderr).toMatchObject({ buildExitCode: 0, save: { state: 'saved', warnings: [] } });
  expect(compiledPackages(built.stderr).filter((name) => name === 'runtime')).toHaveLength(2);
  expect(await elfMachine(path.join(out, 'linux_amd64/bin/app'))).toBe(AMD64);
  expect(await elfMachine(path.join(out, 'linux_arm64/bin/app'))).toBe(ARM64);
});

afterAll(() => rm(directory, { recursive: true, force: true }));

/** Two workers that have never seen the code, joined into one builder: the second one is given what is for arm64. */
async function freshBuilder(): Promise<{ readonly env: Readonly<Record<string, string>> } & AsyncDisposable> {
  const plain = await startWorker();
  const arm = await startWorker({ ociConfig: ['gc = false', 'platforms = ["linux/amd64", "linux/arm64"]'] });
  const home = await makeBuildxHome();
  await home.use('pair', plain.address);
  const append = ['create', '--name', 'pair', '--append', '--platform', 'linux/arm64', '--driver', 'remote'];
  await run(toolPath('buildx'), [...append, arm.address], { env: { ...process.env, ...home.env } });
  const cacheHome = await makeCacheHome();
  return {
    env: { ...home.env, XDG_CACHE_HOME: cacheHome },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([plain.stop(), arm.stop()]);
      await home[Symbol.asyncDispose]();
      await rm(cacheHome, { recursive: true });
    },
  };
}

it('restores and saves on every node that a build uses: two fresh ones compile nothing but the package that was edited', async () => {
  await editTinyApp(app);
  await using warm = await freshBuilder();
  const restored = await runSlipway(['restore', '--format', 'json', ...store, ...BOTH, app], { env: warm.env });
  expect(JSON.parse(restored.stdout), restored.stderr).toMatchObject({ restore: { state: 'restored', warnings: [] } });
  const out = path.join(directory, 'out-warm');
  const words = ['build', '--progress', 'plain', ...BOTH, '--output', out, app];
  const plain = await run(toolPath('buildx'), words, { env: { ...process.env, ...warm.env } });
  expect(compiledPackages(plain.stderr)).toEqual([TINY_MAIN, TINY_MAIN]);
  expect(await elfMachine(path.join(out, 'linux_arm64/bin/app'))).toBe(ARM64);
  const saved = await runSlipway(['save', '--format', 'json', ...store, ...BOTH, app], { env: warm.env });
  expect(JSON.parse(saved.stdout), saved.stderr).toMatchObject({ save: { state: 'saved', warnings: [] } });
});

it('has one store for all platforms: one fresh worker cross-compiles from it', async () => {
  await editTinyApp(app);
  await using worker = await startWorker();
  const cacheHome = await makeCacheHome();
  const out = path.join(directory, 'out-one');
  const flags = [...store, '--platform', 'linux/arm64', '-o', out];
  const { report, run: built } = await buildWarm([...flags, app], {
    env: { ...worker.env, XDG_CACHE_HOME: cacheHome },
  });
  expect(report, built.stderr).toMatchObject({ restore: { state: 'restored' }, save: { state: 'saved' } });
  expect(compiledPackages(built.stderr)).toEqual([TINY_MAIN]);
  expect(await elfMachine(path.join(out, 'bin/app'))).toBe(ARM64);
  await rm(cacheHome, { recursive: true });
});
