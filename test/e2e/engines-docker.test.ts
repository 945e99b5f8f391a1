import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunReport } from '../../src/cli/run/report.ts';
import { type Dockerd, startDockerd } from '../helpers/dockerd.ts';
import { editMain, writeGoApp } from '../helpers/go-app.ts';
import { buildWarm, compiledPackages, makeCacheHome, runSlipway } from '../helpers/run-slipway.ts';

const run = promisify(execFile);

const MAIN = 'example.com/courier';
/** Go takes modules from the mount or not at all when `PROXY=off`. */
const APP = {
  from: 'golang:1.26-alpine',
  beforeRun: ['ARG PROXY'],
  compile: 'GOPROXY=${PROXY:-$(go env GOPROXY)} go build -v -o /out/app .',
};
const NO_DOWNLOADS = ['--build-arg', 'PROXY=off'];

let directory: string;
let dockerd: Dockerd;
let app: string;
/** What one builder that is gone has saved. */
let store: readonly string[];

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-engines-docker-'));
  dockerd = await startDockerd();
  app = await writeGoApp(path.join(directory, 'app'), APP);
  store = ['--store', `type=local,dest=${path.join(directory, 'store')}`, '--scope', 'main'];
  await using first = await freshBuilder();
  const { report, run: built } = await buildWarm([...store, '--builder', first.name, app], { env: first.env });
  expect(built.stderr).toContain(`engine: docker buildx, builder ${first.name} (docker-container)`);
  expect(report, built.stderr).toMatchObject({
    buildExitCode: 0,
    restore: { state: 'nothing-stored' },
    save: { state: 'saved', warnings: [] },
  });
  expect(compiledPackages(built.stderr).length).toBeGreaterThan(50);
}, 600_000);

afterAll(async () => {
  await dockerd.stop();
  await rm(directory, { recursive: true, force: true });
});

interface Builder extends AsyncDisposable {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
}

let builders = 0;

/** A builder whose container is made anew, on a machine that has no packs either. */
async function freshBuilder(): Promise<Builder> {
  builders += 1;
  const name = `ci-${builders}`;
  await dockerd.createBuilder(name);
  const cacheHome = await makeCacheHome();
  return {
    name,
    env: { ...dockerd.env, XDG_CACHE_HOME: cacheHome },
    [Symbol.asyncDispose]: async () => {
      await dockerd.docker('buildx', 'rm', name);
      await rm(cacheHome, { recursive: true });
    },
  };
}

/** Runs what was built: it says the greeting of the last edit. */
async function greets(out: string): Promise<string> {
  return (await run(path.join(out, 'bin/app'))).stdout;
}

describe('the docker-container driver, with a builder that has never seen the code', () => {
  it('`slipway build` compiles nothing but the package that was edited', async () => {
    const greeting = await editMain(app);
    const out = path.join(directory, 'out-build');
    await using fresh = await freshBuilder();
    const flags = [...store, '--builder', fresh.name, ...NO_DOWNLOADS, '-o', out];
    const { report, run: built } = await buildWarm([...flags, app], { env: fresh.env });
    expect(built.stderr).toContain(`builder ${fresh.name} (docker-container), BuildKit v0.33.1`);
    expect(report, built.stderr).toMatchObject({
      restore: { state: 'restored', warnings: [] },
      save: { state: 'saved', warnings: [] },
    });
    expect(compiledPackages(built.stderr)).toEqual([MAIN]);
    expect(await greets(out)).toContain(greeting);
  });

  it('restore and save stand around a plain `docker buildx build`, and buildctl finds the same mounts', async () => {
    const greeting = await editMain(app);
    const out = path.join(directory, 'out-plain');
    await using fresh = await freshBuilder();
    const env = { ...fresh.env, BUILDX_BUILDER: fresh.name };
    const restored = await runSlipway(['restore', ...store, ...NO_DOWNLOADS, app], { env });
    expect(restored).toMatchObject({ exitCode: 0 });
    const words = ['buildx', 'build', '--progress', 'plain', ...NO_DOWNLOADS, '--output', out, app];
    const plain = await run('docker', words, { env: { ...process.env, ...env } });
    expect(compiledPackages(plain.stderr)).toEqual([MAIN]);
    expect(await greets(out)).toContain(greeting);
    const saved = await runSlipway(['save', '--format', 'json', ...store, ...NO_DOWNLOADS, app], { env });
    expect(JSON.parse(saved.stdout), saved.stderr).toMatchObject({ save: { state: 'saved', warnings: [] } });

    await editMain(app);
    const host = `docker-container://buildx_buildkit_${fresh.name}0`;
    const { report, run: again } = await buildWarm([...store, ...NO_DOWNLOADS, app], {
      env: { ...fresh.env, BUILDKIT_HOST: host },
    });
    expect(again.stderr).toContain(`engine: buildctl at ${host}, BuildKit v0.33.1`);
    expect(report, again.stderr).toMatchObject({ restore: { state: 'already-warm' }, save: { state: 'saved' } });
    expect(compiledPackages(again.stderr)).toEqual([MAIN]);
  });

  it('`slipway run -- docker buildx build` does both around it', async () => {
    const greeting = await editMain(app);
    const out = path.join(directory, 'out-run');
    const file = path.join(directory, 'run.json');
    await using fresh = await freshBuilder();
    const words = ['docker', 'buildx', 'build', '--builder', fresh.name, '--progress', 'plain', '--output', out];
    const ran = await runSlipway(['run', ...store, '--report', file, '--', ...words, ...NO_DOWNLOADS, app], {
      env: fresh.env,
    });
    expect(ran.exitCode, ran.stderr).toBe(0);
    const { groups } = JSON.parse(await readFile(file, 'utf8')) as RunReport;
    expect(groups, ran.stderr).toMatchObject([{ restore: { state: 'restored' }, save: { state: 'saved' } }]);
    expect(compiledPackages(ran.stderr)).toEqual([MAIN]);
    expect(await greets(out)).toContain(greeting);
  });
});

describe('the docker driver: the builder inside dockerd', () => {
  it('is restored and saved too', async () => {
    const greeting = await editMain(app);
    const out = path.join(directory, 'out-docker');
    const cacheHome = await makeCacheHome();
    const env = { ...dockerd.env, XDG_CACHE_HOME: cacheHome };
    const { report, run: built } = await buildWarm([...store, '--network', 'host', ...NO_DOWNLOADS, '-o', out, app], {
      env,
    });
    expect(built.stderr).toContain('engine: docker buildx, builder default (docker)');
    expect(report, built.stderr).toMatchObject({
      restore: { state: 'restored', warnings: [] },
      save: { state: 'saved' },
    });
    expect(compiledPackages(built.stderr)).toEqual([MAIN]);
    expect(await greets(out)).toContain(greeting);
    await rm(cacheHome, { recursive: true });
  });
});
