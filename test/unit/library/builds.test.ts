import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { UserBuild } from '../../../src/buildkit/types.ts';
import {
  build,
  isSlipwayError,
  openMemoryStore,
  planBuild,
  restore,
  save,
  type BuildOptions,
  type MountOptions,
  type ProgressEvent,
} from '../../../src/index.ts';
import { scriptEngine, type ScriptEngine } from '../../helpers/script-engine.ts';
import { outputFile } from '../pack/pack-fixtures.ts';

vi.setConfig({ testTimeout: 60_000 });

const OUTPUT = outputFile('what a build made');

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-library-'));
  await mkdir(path.join(directory, 'app'));
  const step = 'RUN --mount=type=cache,id=go,target=/go-cache GOCACHE=/go-cache go build .';
  await writeFile(path.join(directory, 'app/Dockerfile'), `FROM golang:1.26\n${step}\n`);
});
afterEach(async () => rm(directory, { recursive: true, force: true }));

interface Machine {
  readonly engine: ScriptEngine;
  readonly env: Readonly<Record<string, string>>;
  readonly builds: readonly UserBuild[];
}

/** A machine with mounts and a cache directory of its own. The engine runs the real helper scripts. */
async function newMachine(name: string, exitCode = 0): Promise<Machine> {
  const home = path.join(directory, name);
  await mkdir(path.join(home, 'engine'), { recursive: true });
  const builds: UserBuild[] = [];
  const engine = scriptEngine({
    directory: path.join(home, 'engine'),
    build: async (mount, userBuild) => {
      builds.push(userBuild);
      await mkdir(path.join(mount('go'), path.dirname(OUTPUT.path)), { recursive: true });
      await writeFile(path.join(mount('go'), OUTPUT.path), OUTPUT.bytes);
      return { seconds: 600, exitCode };
    },
  });
  return { engine, builds, env: { PATH: process.env['PATH'] ?? '', HOME: home, USER: 'ann' } };
}

const optionsOf = ({ engine, env }: Machine): MountOptions => ({ cwd: directory, context: 'app', engine, env });

describe('the use-cases of the library', () => {
  it('fill on one machine what was built and saved on another, and print nothing', async () => {
    const printed = [vi.spyOn(process.stdout, 'write'), vi.spyOn(process.stderr, 'write')];
    const store = openMemoryStore();
    const [one, two] = [await newMachine('one'), await newMachine('two')];
    const events: ProgressEvent[] = [];
    const onEvent = (event: ProgressEvent): void => void events.push(event);
    const first = await build({ ...optionsOf(one), store, scope: 'main', onEvent, tags: ['app'], save: false });
    expect(first.report).toMatchObject({ buildExitCode: 0, scope: 'main', restore: { state: 'nothing-stored' } });
    expect(first.report.save.state).toBe('skipped');
    expect(events).toContainEqual({ type: 'phase', phase: 'build', state: 'start' });
    expect(one.builds[0]).toMatchObject({ context: path.join(directory, 'app'), tags: ['app'], file: undefined });
    expect(await save({ ...optionsOf(one), store, scope: 'main' })).toMatchObject({ state: 'saved', entriesNew: 1 });
    const restored = await restore({ ...optionsOf(two), store, scope: 'main' });
    expect(restored, restored.reason).toMatchObject({ state: 'restored', entriesRestored: 1 });
    expect(await readdir(path.join(two.engine.mount('go'), path.dirname(OUTPUT.path)))).toEqual([
      path.basename(OUTPUT.path),
    ]);
    expect(printed.map((each) => each.mock.calls)).toEqual([[], []]);
    vi.restoreAllMocks();
  });

  it('say what they would do, and do nothing', async () => {
    const machine = await newMachine('one');
    const plan = await planBuild({ ...optionsOf(machine), store: openMemoryStore(), buildArgs: { A: '1' } });
    expect(plan).toMatchObject({ writeScope: 'dev-ann', store: 'memory', restore: { snapshots: [] } });
    expect(plan.mounts.map(({ target }) => target)).toEqual(['/go-cache']);
    expect([machine.engine.ran, machine.builds]).toEqual([[], []]);
  });

  it('leave a failed build to its report', async () => {
    const machine = await newMachine('one', 7);
    const { report } = await build({ ...optionsOf(machine), store: openMemoryStore() });
    expect([report.buildExitCode, report.save.state]).toEqual([7, 'skipped']);
  });

  it('take the build in the words of docker buildx build', async () => {
    const machine = await newMachine('one');
    const buildArgs = { A: '1', FROM_ENV: undefined };
    const more = { buildContexts: { deps: '../deps' }, secrets: ['id=t'], labels: { l: 'x' }, noCache: true };
    const env = { ...machine.env, DOCKER_DEFAULT_PLATFORM: 'linux/arm64' };
    const options = { ...optionsOf(machine), env, store: openMemoryStore(), buildArgs, ...more };
    await build({ ...options, file: 'app/Dockerfile', buildxFlags: ['--network=none'] });
    expect(machine.builds[0]).toMatchObject({
      file: path.join(directory, 'app/Dockerfile'),
      platforms: ['linux/arm64'],
      buildArgs: ['A=1', 'FROM_ENV'],
      buildContexts: ['deps=../deps'],
      secrets: ['id=t'],
      labels: ['l=x'],
      noCache: true,
      passthrough: ['--network=none'],
    });
  });

  it('end at an abort, before and in the middle', async () => {
    const machine = await newMachine('one');
    const reason = new Error('enough');
    const options = { ...optionsOf(machine), store: openMemoryStore() };
    const before = await thrown(() => build({ ...options, signal: AbortSignal.abort(reason) }));
    expect(before).toMatchObject({ code: 'INTERRUPTED', cause: reason });
    const abort = new AbortController();
    const onEvent = ({ type }: ProgressEvent): void => {
      if (type === 'phase') abort.abort(reason);
    };
    expect(await thrown(() => restore({ ...options, signal: abort.signal, onEvent }))).toMatchObject({
      code: 'INTERRUPTED',
    });
    expect(machine.builds).toEqual([]);
  });

  it.each([
    [{ scop: 'main' }, 'USAGE', 'there is no option `scop`', 'Did you mean `scope`?'],
    [{ cacheTimeoutSeconds: -1 }, 'USAGE', "`cacheTimeoutSeconds` can't be `-1`", /^Write/],
    [{ trust: 'al' }, 'USAGE', "`trust` can't be `al`", /Did you mean `all`/],
    [{ store: 5 }, 'USAGE', '`store` is neither', /type=registry/],
    [{ store: 'type=gcx' }, 'STORE_SPEC_INVALID', 'gcx', /./],
    [{ scope: ':pins' }, 'USAGE', ":pins` can't be saved under", undefined],
    [{ context: '-' }, 'USAGE', 'standard input', /directory/],
    [{ context: 'none' }, 'DOCKERFILE_MISSING', 'there is no Dockerfile', /./],
    [{ target: 'none' }, 'TARGET_UNKNOWN', 'none', /./],
  ])('refuse %j', async (wrong, code, message, hint) => {
    const options = { ...optionsOf(await newMachine('one')), ...wrong } as BuildOptions;
    const error = await thrown(() => build(options));
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
    if (hint !== undefined) expect(error.hint).toMatch(hint);
  });

  it('keep the signing key out of what children inherit, and leave the caller’s environment alone', async () => {
    const machine = await newMachine('one');
    const env = Object.freeze({ ...machine.env, SLIPWAY_SIGNING_KEY: 'no key at all' });
    const error = await thrown(() => build({ ...optionsOf(machine), env, store: openMemoryStore() }));
    expect(error.code).toBe('CONFIG_INVALID');
    expect(`${error.message} ${error.hint}`).toContain('SLIPWAY_SIGNING_KEY');
    expect(env.SLIPWAY_SIGNING_KEY).toBe('no key at all');
  });
});

async function thrown(act: () => Promise<unknown>) {
  const error: unknown = await act().then(
    () => undefined,
    (each: unknown) => each,
  );
  if (!isSlipwayError(error)) throw new Error(`no SlipwayError: ${String(error)}`);
  return error;
}
