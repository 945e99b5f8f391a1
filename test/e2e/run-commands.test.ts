import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunReport } from '../../src/cli/run/report.ts';
import { makeBuildxHome } from '../helpers/buildx-builder.ts';
import { editMain, formatDockerfile, writeGoApp } from '../helpers/go-app.ts';
import { compiledPackages, makeCacheHome, runSlipway, type SlipwayRun } from '../helpers/run-slipway.ts';
import { toolsBin } from '../helpers/tools.ts';

import { someOf } from '../helpers/some-of.ts';
import { SLICE_SEED } from '../helpers/seeded-slice.ts';
import { startGoWorker } from '../helpers/kept-state.ts';

const run = promisify(execFile);
const hasDocker = await run('docker', ['--version']).then(
  () => true,
  () => false,
);

const MAIN = 'example.com/courier';
/** Go takes modules from the mount or not at all when `PROXY=off`. */
const APP = {
  beforeRun: ['ARG PROXY'],
  compile: 'GOPROXY=${PROXY:-$(go env GOPROXY)} go build -v -o /out/app .',
};

let directory: string;
/** The store after one build on a worker that is gone. */
let seed: string;
let app: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-run-'));
  app = await writeGoApp(path.join(directory, 'an app, ünïcode'), APP);
  seed = `type=local,"dest=${path.join(directory, 'store')}"`;
  await using worker = await startMachine();
  const { report, ran } = await slipwayRun([], ['buildx', 'build', '--progress', 'plain', app], worker);
  expect(ran.exitCode, ran.stderr).toBe(0);
  expect(report.groups).toMatchObject([{ restore: { state: 'nothing-stored' }, save: { state: 'saved' } }]);
  expect(compiledPackages(ran.stderr).length).toBeGreaterThan(50);
}, 600_000);

afterAll(() => rm(directory, { recursive: true, force: true }));

interface Machine extends AsyncDisposable {
  readonly env: Readonly<Record<string, string>>;
  readonly address: string;
}

/** A worker that has never seen the code, with docker and its buildx plugin before it. */
async function startMachine(): Promise<Machine> {
  const worker = await startGoWorker();
  const home = await makeBuildxHome({ isPlugin: true });
  await home.use('ephemeral', worker.address);
  const cacheHome = await makeCacheHome();
  return {
    env: { ...home.env, XDG_CACHE_HOME: cacheHome },
    address: worker.address,
    [Symbol.asyncDispose]: async () => {
      await worker.stop();
      await home[Symbol.asyncDispose]();
      await rm(cacheHome, { recursive: true });
    },
  };
}

/** docker where it is installed, else its plugin alone, which takes the same words. */
function dockerWords(words: readonly string[]): readonly string[] {
  return hasDocker ? ['docker', ...words] : words;
}

let reports = 0;

async function slipwayRun(
  flags: readonly string[],
  command: readonly string[],
  machine: Machine,
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>>; readonly store?: string } = {},
): Promise<{ readonly report: RunReport; readonly ran: SlipwayRun }> {
  reports += 1;
  const file = path.join(directory, `report-${reports}.json`);
  const own = ['--store', options.store ?? seed, '--scope', 'main', '--progress', 'plain', '--report', file, ...flags];
  const words = command[0] === 'buildx' ? dockerWords(command) : command;
  const ran = await runSlipway(['run', ...own, '--', ...words], {
    env: { ...machine.env, ...options.env },
    cwd: options.cwd ?? directory,
  });
  return { report: JSON.parse((await readFile(file, 'utf8')) || '{}') as RunReport, ran };
}

const NO_DOWNLOADS = ['--build-arg', 'PROXY=off'];

describe(`on a worker that has never seen the code (seed ${SLICE_SEED})`, () => {
  it('`docker buildx build` compiles nothing but the package that was edited', async () => {
    await using machine = await startMachine();
    const greeting = await editMain(app);
    const out = path.join(directory, 'out');
    const words = ['buildx', 'build', '--progress', 'plain', ...NO_DOWNLOADS, '--output', out, app];
    const { report, ran } = await slipwayRun([], words, machine);
    expect(ran.exitCode, ran.stderr).toBe(0);
    expect(report.engine).toMatch(/docker buildx, builder ephemeral/);
    expect(report.groups, ran.stderr).toMatchObject([{ restore: { state: 'restored' }, save: { state: 'saved' } }]);
    expect(report.groups[0]?.save.entriesNew).toBeLessThan(12);
    expect(compiledPackages(ran.stderr)).toEqual([MAIN]);
    expect((await run(path.join(out, 'bin/app'))).stdout).toContain(greeting);
  });

  someOf(1, (it) => {
    it('`docker buildx bake` does so for each of its targets, whose common mounts are served once', async () => {
      await using machine = await startMachine();
      const other = await writeGoApp(path.join(directory, 'other'), APP);
      const own = ['--mount=type=cache,target=/go-cache,id=own', '--mount=type=cache,target=/gomod-cache'];
      await writeFile(path.join(app, 'own.Dockerfile'), formatDockerfile({ ...APP, mounts: own }));
      await editMain(app);
      await editMain(other);
      await writeFile(
        path.join(directory, 'docker-bake.hcl'),
        `
variable "OFF" {
  default = lower("OFF")
}
target "base" {
  args = { PROXY = OFF }
  output = ["type=cacheonly"]
}
group "default" {
  targets = ["one", "two", "other"]
}
target "one" {
  inherits = ["base"]
  context = ${JSON.stringify(path.basename(app))}
}
target "two" {
  inherits = ["one"]
  dockerfile = "own.Dockerfile"
}
target "other" {
  inherits = ["base"]
  context = "other"
}
`,
      );
      const { report, ran } = await slipwayRun([], ['buildx', 'bake', '--progress', 'plain'], machine);
      expect(ran.exitCode, ran.stderr).toBe(0);
      expect(report.targets.map(({ name }) => name)).toEqual(['target `one`', 'target `other`', 'target `two`']);
      expect(report.groups, ran.stderr).toMatchObject([{ restore: { state: 'restored' }, save: { state: 'saved' } }]);
      expect(report.groups[0]?.mounts.map(({ kind, id }) => `${kind} ${id}`)).toEqual([
        'gocache /go-cache',
        'gomodcache /gomod-cache',
        'gocache own',
      ]);
      expect(new Set(compiledPackages(ran.stderr))).toEqual(new Set([MAIN]));
    });

    it('`buildctl build` does so, at the address that it names itself', async () => {
      await using machine = await startMachine();
      await editMain(app);
      const words = ['--addr', machine.address, 'build', '--frontend', 'dockerfile.v0', '--progress', 'plain'];
      const local = ['--local', `context=${app}`, '--local', `dockerfile=${app}`, '--opt', 'build-arg:PROXY=off'];
      const { report, ran } = await slipwayRun([], ['buildctl', ...words, ...local], machine);
      expect(ran.exitCode, ran.stderr).toBe(0);
      expect(report.engine).toContain(machine.address);
      expect(report.groups, ran.stderr).toMatchObject([{ restore: { state: 'restored' } }]);
      expect(compiledPackages(ran.stderr)).toEqual([MAIN]);
    });

    it('a script does so, whose build is named', async () => {
      await using machine = await startMachine();
      await editMain(app);
      const script = path.join(directory, 'build-image');
      const client = hasDocker ? 'docker buildx' : 'buildx';
      const build = `${client} build --progress plain --target build --build-arg PROXY=off "${app}"`;
      await writeFile(script, `#!/bin/sh\n${build}\n`, { mode: 0o755 });
      const { report, ran } = await slipwayRun(['--target', 'build', app], [script], machine);
      expect(ran.exitCode, ran.stderr).toBe(0);
      expect(report.groups, ran.stderr).toMatchObject([{ restore: { state: 'restored' } }]);
      expect(compiledPackages(ran.stderr)).toEqual([MAIN]);
    });
  });
});

describe(`whatever the cache does (seed ${SLICE_SEED})`, () => {
  someOf(1, (it) => {
    it('a store that does not answer changes nothing of the command, and is told', async () => {
      await using machine = await startMachine();
      const out = path.join(directory, 'out-dead');
      const words = ['buildx', 'build', '--progress', 'plain', '--output', out, app];
      const { report, ran } = await slipwayRun([], words, machine, {
        store: 'type=registry,ref=127.0.0.1:9/app/cache',
      });
      expect(ran.exitCode, ran.stderr).toBe(0);
      expect(report.groups).toMatchObject([{ restore: { state: 'failed' }, save: { state: 'failed' } }]);
      expect(ran.stderr).toMatch(/warning: the cache could not be restored/);
      expect((await run(path.join(out, 'bin/app'))).stdout).toContain('hello');
    });

    it('a command that fails keeps its exit code and saves nothing, and Ctrl-C ends both', async () => {
      await using machine = await startMachine();
      await editMain(app);
      const store = `type=local,"dest=${path.join(directory, 'none')}"`;
      const failing = ['buildx', 'build', '--progress', 'plain', '--build-arg', 'PROXY=http://127.0.0.1:9', app];
      const failed = await slipwayRun([], failing, machine, { store });
      const plain = await run('sh', ['-c', '"$@"', 'sh', ...(hasDocker ? ['docker'] : []), ...failing], {
        env: { ...toolEnv(), ...machine.env },
      }).catch((error: { code: number }) => error);
      expect(failed.ran.exitCode, failed.ran.stderr).toBe('code' in plain ? plain.code : 0);
      expect(failed.ran.exitCode).not.toBe(0);
      expect(failed.report.groups).toMatchObject([{ save: { state: 'skipped', reason: 'the command failed' } }]);
      let pid = 0;
      const file = path.join(directory, 'interrupted.json');
      const own = ['--store', store, '--scope', 'main', '--report', file];
      const interrupted = await runSlipway(
        ['run', ...own, '--', ...dockerWords(['buildx', 'build', '--progress', 'plain', app])],
        {
          env: machine.env,
          onStart: (started) => {
            pid = started;
          },
          onStderr: (text) => {
            if (/RUN --mount/.test(text)) process.kill(pid, 'SIGINT');
          },
        },
      );
      expect(interrupted.exitCode, interrupted.stderr).toBe(130);
      expect(interrupted.stderr).toMatch(/canceled|interrupt/i);
      expect(await readFile(file, 'utf8')).toBe('');
      expect(existsSync(path.join(directory, 'none', 'snapshots'))).toBe(false);
    });
  });
});

function toolEnv(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${toolsBin()}:${process.env['PATH']}` };
}
