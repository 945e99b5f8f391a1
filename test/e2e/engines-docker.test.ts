import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunReport } from '../../src/cli/run/report.ts';
import { type Dockerd, startDockerd } from '../helpers/dockerd.ts';
import { buildWarm, compiledPackages, makeCacheHome, runSlipway } from '../helpers/run-slipway.ts';
import { seededSlice, SLICE_SEED } from '../helpers/seeded-slice.ts';
import { editTinyApp, TINY_MAIN, writeTinyApp } from '../helpers/tiny-app.ts';

const run = promisify(execFile);

let directory: string;
let dockerd: Dockerd;
let app: string;
/** What one builder that is gone has saved. */
let store: readonly string[];

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-engines-docker-'));
  dockerd = await startDockerd();
  app = await writeTinyApp(path.join(directory, 'app'));
  store = ['--store', `type=local,dest=${path.join(directory, 'store')}`, '--scope', 'main'];
  await using first = await freshBuilder();
  const { report, run: built } = await buildWarm([...store, '--builder', first.name, app], { env: first.env });
  expect(built.stderr).toContain(`engine: docker buildx, builder ${first.name} (docker-container)`);
  expect(report, built.stderr).toMatchObject({
    buildExitCode: 0,
    restore: { state: 'nothing-stored' },
    save: { state: 'saved', warnings: [] },
  });
  expect(compiledPackages(built.stderr)).toContain('runtime');
});

afterAll(async () => {
  await dockerd?.stop();
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

/** What the built program says. */
async function said(out: string): Promise<string> {
  return (await run(path.join(out, 'bin/app'))).stderr;
}

const CASES: readonly (readonly [string, () => Promise<void>])[] = [
  [
    '`slipway build` compiles nothing but the package that was edited',
    async () => {
      const words = await editTinyApp(app);
      const out = path.join(directory, 'out-build');
      await using fresh = await freshBuilder();
      const flags = [...store, '--builder', fresh.name, '-o', out];
      const { report, run: built } = await buildWarm([...flags, app], { env: fresh.env });
      expect(built.stderr).toContain(`builder ${fresh.name} (docker-container), BuildKit v0.33.1`);
      expect(report, built.stderr).toMatchObject({
        restore: { state: 'restored', warnings: [] },
        save: { state: 'saved', warnings: [] },
      });
      expect(compiledPackages(built.stderr)).toEqual([TINY_MAIN]);
      expect(await said(out)).toContain(words);
    },
  ],
  [
    'restore and save stand around a plain `docker buildx build`, and buildctl finds the same mounts',
    async () => {
      const words = await editTinyApp(app);
      const out = path.join(directory, 'out-plain');
      await using fresh = await freshBuilder();
      const env = { ...fresh.env, BUILDX_BUILDER: fresh.name };
      expect(await runSlipway(['restore', ...store, app], { env })).toMatchObject({ exitCode: 0 });
      const command = ['buildx', 'build', '--progress', 'plain', '--output', out, app];
      const plain = await run('docker', command, { env: { ...process.env, ...env } });
      expect(compiledPackages(plain.stderr)).toEqual([TINY_MAIN]);
      expect(await said(out)).toContain(words);
      const saved = await runSlipway(['save', '--format', 'json', ...store, app], { env });
      expect(JSON.parse(saved.stdout), saved.stderr).toMatchObject({ save: { state: 'saved', warnings: [] } });

      await editTinyApp(app);
      const host = `docker-container://buildx_buildkit_${fresh.name}0`;
      const { report, run: again } = await buildWarm([...store, app], { env: { ...fresh.env, BUILDKIT_HOST: host } });
      expect(again.stderr).toContain(`engine: buildctl at ${host}, BuildKit v0.33.1`);
      expect(report.save, again.stderr).toMatchObject({ state: 'saved', warnings: [] });
      expect(compiledPackages(again.stderr)).toEqual([TINY_MAIN]);
    },
  ],
  [
    '`slipway run -- docker buildx build` does both around it',
    async () => {
      const words = await editTinyApp(app);
      const out = path.join(directory, 'out-run');
      const file = path.join(directory, 'run.json');
      await using fresh = await freshBuilder();
      const command = ['docker', 'buildx', 'build', '--builder', fresh.name, '--progress', 'plain', '--output', out];
      const ran = await runSlipway(['run', ...store, '--report', file, '--', ...command, app], { env: fresh.env });
      expect(ran.exitCode, ran.stderr).toBe(0);
      const { groups } = JSON.parse(await readFile(file, 'utf8')) as RunReport;
      expect(groups, ran.stderr).toMatchObject([{ restore: { state: 'restored' }, save: { state: 'saved' } }]);
      expect(compiledPackages(ran.stderr)).toEqual([TINY_MAIN]);
      expect(await said(out)).toContain(words);
    },
  ],
];

describe(`the docker-container driver, with a builder that has never seen the code (seed ${SLICE_SEED})`, () => {
  it.each(seededSlice(CASES, 1))('%s', (_what, check) => check());
});

describe('the docker driver: the builder inside dockerd 20.10', () => {
  it('is restored and saved too, on the network that the build names', async () => {
    const words = await editTinyApp(app);
    const out = path.join(directory, 'out-docker');
    const env = { ...dockerd.env, XDG_CACHE_HOME: await makeCacheHome() };
    const flags = [...store, '--network', 'host', '-o', out];
    const { report, run: built } = await buildWarm([...flags, app], { env });
    expect(built.stderr).toContain('engine: docker buildx, builder default (docker)');
    expect(report, built.stderr).toMatchObject({
      restore: { state: 'restored', warnings: [] },
      save: { state: 'saved', warnings: [] },
    });
    expect(compiledPackages(built.stderr)).toEqual([TINY_MAIN]);
    expect(await said(out)).toContain(words);
    await rm(env.XDG_CACHE_HOME, { recursive: true });
  });

  it('has no named contexts, so a mount with `from=` stays cold, and slipway says why', async () => {
    const seeded = path.join(directory, 'seeded');
    await mkdir(seeded);
    await writeFile(path.join(seeded, 'Dockerfile'), SEEDED);
    const env = { ...dockerd.env, XDG_CACHE_HOME: await makeCacheHome() };
    const { report, run: built } = await buildWarm([...store, '--network', 'host', seeded], { env });
    expect(report, built.stderr).toMatchObject({ buildExitCode: 0, restore: { state: 'failed' } });
    expect(built.stderr).toMatch(/the build starts cold: the builder knows no named contexts, .* Docker 23 or newer/);
    await rm(env.XDG_CACHE_HOME, { recursive: true });
  });
});

const SEEDED = `FROM busybox:1.37 AS seed
RUN mkdir /cache
FROM busybox:1.37
ENV GOCACHE=/go-cache
RUN --mount=type=cache,target=/go-cache,from=seed,source=/cache ls /go-cache
`;
