import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeBuildxHome } from '../helpers/buildx-builder.ts';
import { makeEmbeddedHome } from '../helpers/embedded-home.ts';
import { editMain, writeGoApp } from '../helpers/go-app.ts';
import { leftOvers } from '../helpers/left-overs.ts';
import { buildWarm, compiledPackages, makeCacheHome } from '../helpers/run-slipway.ts';
import { startWorker } from '../helpers/worker.ts';
import { seededSample, SLICE_SEED } from '../helpers/seeded-slice.ts';

const run = promisify(execFile);

/** Go takes modules from the mount or not at all when `PROXY=off`. */
const PROXY_AT_WILL = {
  beforeRun: ['ARG PROXY'],
  compile: 'GOPROXY=${PROXY:-$(go env GOPROXY)} go build -v -o /out/app .',
};
const NO_DOWNLOADS = ['--build-arg', 'PROXY=off'];
const hasDocker = await run('docker', ['--version']).then(
  () => true,
  () => false,
);

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-engines-'));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

/** A worker that has never seen the code, behind one engine. */
interface FreshEngine extends AsyncDisposable {
  readonly env: Readonly<Record<string, string>>;
  readonly flags: readonly string[];
  /** The one line that says which engine it became. */
  readonly said: RegExp;
}

const engines: Readonly<Record<string, () => Promise<FreshEngine>>> = {
  'buildctl with BUILDKIT_HOST': async () => {
    const worker = await startWorker();
    const env = { ...worker.env, XDG_CACHE_HOME: await makeCacheHome() };
    const said = new RegExp(`engine: buildctl at ${worker.address}, BuildKit v0\\.33\\.1`);
    return fresh({ env, flags: [], said }, [worker.stop, () => rm(env.XDG_CACHE_HOME, { recursive: true })]);
  },
  'buildx on its own with a remote builder': () => freshBuildx(false),
  'private buildkitd': async () => {
    const home = await makeEmbeddedHome();
    const said = new RegExp(`engine: private buildkitd \\(state in ${home.directory}/slipway/buildkitd\\)`);
    const check = async (): Promise<void> => {
      expect(await leftOvers(home.directory)).toEqual([]);
      await home[Symbol.asyncDispose]();
    };
    return fresh({ env: home.env, flags: [], said }, [check]);
  },
};

async function freshBuildx(isPlugin: boolean): Promise<FreshEngine> {
  const worker = await startWorker();
  const home = await makeBuildxHome({ isPlugin });
  await home.use('ephemeral', worker.address);
  const env = { ...home.env, XDG_CACHE_HOME: await makeCacheHome() };
  const said = /engine: docker buildx, builder ephemeral \(remote\), BuildKit v0\.33\.1/;
  const cleanUp = [worker.stop, () => home[Symbol.asyncDispose](), () => rm(env.XDG_CACHE_HOME, { recursive: true })];
  return fresh({ env, flags: isPlugin ? ['--builder', 'ephemeral'] : [], said }, cleanUp);
}

function fresh(
  engine: Omit<FreshEngine, keyof AsyncDisposable>,
  cleanUp: readonly (() => PromiseLike<void>)[],
): FreshEngine {
  const dispose = async (): Promise<void> => {
    for (const step of cleanUp) await step();
  };
  return { ...engine, [Symbol.asyncDispose]: dispose };
}

/** A normal run takes one. */
const TAKEN = seededSample(Object.keys(engines), 1);

describe.each(TAKEN)(`%s (seed ${SLICE_SEED})`, (name) => {
  const start = engines[name]!;
  it('builds cold and saves; a fresh worker then compiles nothing but the package that was edited', async () => {
    const app = await writeGoApp(path.join(directory, name.replaceAll(' ', '-')), PROXY_AT_WILL);
    const store = path.join(app, '..', `store-${name.replaceAll(' ', '-')}`);
    const flags = ['--store', `type=local,dest=${store}`, '--scope', 'main'];
    {
      await using cold = await start();
      const { report, run: first } = await buildWarm([...flags, ...cold.flags, app], { env: cold.env });
      expect(report, first.stderr).toMatchObject({
        buildExitCode: 0,
        restore: { state: 'nothing-stored' },
        save: { state: 'saved' },
      });
      expect(first.stderr.match(/engine: /g)).toHaveLength(1);
      expect(first.stderr).toMatch(cold.said);
      expect(compiledPackages(first.stderr).length).toBeGreaterThan(50);
    }
    const greeting = await editMain(app);
    await using warm = await start();
    const out = `${app}-out`;
    const { report, run: second } = await buildWarm([...flags, ...warm.flags, ...NO_DOWNLOADS, '-o', out, app], {
      env: warm.env,
    });
    expect(report, second.stderr).toMatchObject({ buildExitCode: 0, restore: { state: 'restored', warnings: [] } });
    expect(compiledPackages(second.stderr)).toEqual(['example.com/courier']);
    expect((await run(path.join(out, 'bin/app'))).stdout).toContain(greeting);
  });
});

/** The last one that saved, and one that is another: docker and its plugin, unless buildx was it. */
const SAVER = TAKEN.at(-1) ?? '';
const isBuildx = !SAVER.startsWith('buildx');
const other = isBuildx ? (hasDocker ? 'docker with the buildx plugin' : 'buildx') : 'private buildkitd';

it(`${other} restores what another engine saved, and saves`, async () => {
  const app = await writeGoApp(path.join(directory, 'other'), PROXY_AT_WILL);
  const store = path.join(directory, `store-${SAVER.replaceAll(' ', '-')}`);
  const greeting = await editMain(app);
  await using engine = await (isBuildx ? freshBuildx(hasDocker) : engines['private buildkitd']!());
  const flags = ['--store', `type=local,dest=${store}`, '--scope', 'main', ...engine.flags, ...NO_DOWNLOADS];
  const out = `${app}-out`;
  const { report, run: built } = await buildWarm([...flags, '-o', out, app], { env: engine.env });
  expect(built.stderr).toMatch(engine.said);
  expect(report, built.stderr).toMatchObject({
    restore: { state: 'restored' },
    save: { state: 'saved', warnings: [] },
  });
  expect(compiledPackages(built.stderr)).toEqual(['example.com/courier']);
  expect((await run(path.join(out, 'bin/app'))).stdout).toContain(greeting);
});
