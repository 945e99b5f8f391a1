import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeEmbeddedHome, type EmbeddedHome } from '../helpers/embedded-home.ts';
import { leftOvers, processesOf } from '../helpers/left-overs.ts';
import { runSlipway, type RunSlipwayOptions, type SlipwayRun } from '../helpers/run-slipway.ts';
import { seededSample, SLICE_SEED } from '../helpers/seeded-slice.ts';

let directory: string;
let home: EmbeddedHome;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-private-'));
  home = await makeEmbeddedHome();
});

afterAll(async () => {
  await home?.[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

/** A context whose one step is `command`, over a mount that it leaves something in. */
async function writeContext(name: string, command: string): Promise<string> {
  const context = path.join(directory, name);
  await mkdir(context, { recursive: true });
  const lines = ['FROM busybox:1.37', `RUN --mount=type=cache,target=/c touch /c/begun && ${command}`, ''];
  await writeFile(path.join(context, 'Dockerfile'), lines.join('\n'));
  return context;
}

function build(context: string, options: RunSlipwayOptions = {}): Promise<SlipwayRun> {
  return runSlipway(['build', '--progress', 'plain', context], { ...options, env: { ...home.env, ...options.env } });
}

const stateDirectory = (): string => path.join(home.directory, 'slipway', 'buildkitd');

it('leaves no process and no mount behind, and builds on its own state the next time', async () => {
  const context = await writeContext('twice', 'echo made $((2 - 1)) time');
  const first = await build(context);
  expect(first.exitCode, first.stderr).toBe(0);
  expect(first.stderr).toContain(`engine: private buildkitd (state in ${stateDirectory()})`);
  expect(first.stderr).toContain('made 1 time');
  expect(await leftOvers(home.directory)).toEqual([]);
  const second = await build(context);
  expect(second.exitCode, second.stderr).toBe(0);
  expect(second.stderr).toMatch(/#\d+ CACHED/);
  expect(second.stderr).not.toContain('made 1 time');
  expect(await leftOvers(home.directory)).toEqual([]);
  expect((await readdir(stateDirectory())).filter((name) => name.endsWith('.log'))).toEqual([]);
});

const SIGNALS = [
  ['SIGKILL', null],
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const;

it.each(seededSample(SIGNALS, 1))(
  `is gone after a %s to slipway in the middle of a step, and so is the step (seed ${SLICE_SEED})`,
  async (signal, exitCode) => {
    const context = await writeContext(`hang-${signal}`, 'echo step-begins && sleep 4711');
    let pid = 0;
    let begun = false;
    const running = build(context, {
      onStart: (started) => {
        pid = started;
      },
      onStderr: (text) => {
        begun ||= text.includes('step-begins\n');
      },
    });
    await expect.poll(() => begun, { timeout: 120_000 }).toBe(true);
    expect(await processesOf('sleep 4711')).not.toEqual([]);
    process.kill(pid, signal);
    expect((await running).exitCode).toBe(exitCode);
    await expect.poll(() => leftOvers(home.directory), { timeout: 30_000 }).toEqual([]);
    await expect.poll(() => processesOf('sleep 4711'), { timeout: 30_000 }).toEqual([]);
    const after = await build(await writeContext(`after-${signal}`, `echo right-again ${signal}`));
    expect(after.exitCode, after.stderr).toBe(0);
    expect(after.stderr).toContain(`right-again ${signal}`);
  },
);

it('listens elsewhere where its state has a path that is too long for a socket, and leaves nothing there', async () => {
  const long = path.join(home.directory, 'a-cache-directory-of-'.padEnd(90, 'x'));
  const sockets = async (): Promise<readonly string[]> =>
    (await readdir(tmpdir())).filter((name) => name.startsWith('slipway-sockets-'));
  const before = await sockets();
  const run = await build(await writeContext('long', 'echo far-away'), { env: { XDG_CACHE_HOME: long } });
  expect(run.exitCode, run.stderr).toBe(0);
  expect(run.stderr).toContain('far-away');
  expect(await leftOvers(long)).toEqual([]);
  expect(await sockets()).toEqual(before);
});

it('lets a second run wait for the first one', async () => {
  const slow = await writeContext('slow', 'echo first-begins && sleep 6');
  const quick = await writeContext('quick', 'echo second-runs');
  let hasBegun = false;
  let hasFirstEnded = false;
  const first = build(slow, {
    onStderr: (text) => {
      hasBegun ||= text.includes('first-begins\n');
    },
  }).finally(() => {
    hasFirstEnded = true;
  });
  await expect.poll(() => hasBegun, { timeout: 120_000 }).toBe(true);
  let ranTooEarly = false;
  const second = await build(quick, {
    onStderr: (text) => {
      if (text.includes('second-runs\n') && !hasFirstEnded) ranTooEarly = true;
    },
  });
  expect((await first).exitCode).toBe(0);
  expect(second.exitCode, second.stderr).toBe(0);
  expect(second.stderr).toContain('waiting for another slipway that uses the private buildkitd');
  expect(second.stderr).toContain('second-runs');
  expect(ranTooEarly).toBe(false);
  expect(await leftOvers(home.directory)).toEqual([]);
});

it('says in its own words what buildkitd refuses, and leaves nothing behind', async () => {
  const config = path.join(directory, 'broken.toml');
  await writeFile(config, 'root = [not toml\n');
  const run = await build(await writeContext('refused', 'true'), { env: { SLIPWAY_BUILDKITD_CONFIG: config } });
  expect(run.exitCode).toBe(3);
  expect(run.stderr).toMatch(/the private buildkitd did not start: .*(toml|broken)/);
  expect(run.stderr).not.toContain('at async');
  expect(await leftOvers(home.directory)).toEqual([]);
});

it('names what to install when there is neither Docker nor buildkitd', async () => {
  const run = await build(await writeContext('nothing', 'true'), { env: { PATH: '/nonexistent' } });
  expect(run.exitCode).toBe(3);
  expect(run.stdout).toBe('');
  expect(run.stderr).toMatch(/no BuildKit found: .*docker buildx is not installed.*no buildkitd to start/);
  expect(run.stderr).toContain('install docker with buildx, set BUILDKIT_HOST to a buildkitd, or put buildkitd');
});
