import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { editGreeting, HONEST, runProgram, smallDockerfile, writeSmallApp } from '../helpers/faulty-app.ts';
import { warningsOf } from '../helpers/faulty-ground.ts';
import { startGhaServer, type GhaRequestKind, type GhaServer } from '../helpers/gha/gha-server.ts';
import type { GhaEntry } from '../helpers/gha/gha-entries.ts';
import type { TokenOptions } from '../helpers/gha/gha-tokens.ts';
import { buildWarm, compiledPackages, makeCacheHome, runSlipway } from '../helpers/run-slipway.ts';
import { type Worker } from '../helpers/worker.ts';
import { someOf } from '../helpers/some-of.ts';
import { seededSample, SLICE_SEED } from '../helpers/seeded-slice.ts';
import { startGoWorker } from '../helpers/kept-state.ts';

/** Real builds over the cache service of GitHub Actions as the contract suite's double plays it. Each uses what those before it stored. */
const MAIN = 'example.com/buoy';
const WORD = 'example.com/buoy/internal/word';
const BRANCH = 'refs/heads/feature/login';

let directory: string;
let app: string;
let worker: Worker;
let service: GhaServer;
/** What the program prints as it is now. */
let wanted: string;
let mounts = 0;
const homes: string[] = [];

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-gha-e2e-'));
  service = await startGhaServer();
  worker = await startGoWorker();
  app = await writeSmallApp(path.join(directory, 'app'), 'first');
  await edit();
  await makeOlder(app);
});

afterAll(async () => {
  await worker?.stop();
  await service?.stop();
  for (const each of [directory, ...homes]) await rm(each, { recursive: true, force: true });
});

async function edit(): Promise<void> {
  wanted = await editGreeting(app);
}

/**
 * Go writes no index of a directory with files that are younger than two seconds: a second build of the same would have
 * something to save.
 */
async function makeOlder(place: string): Promise<void> {
  const then = new Date(Date.now() - 60_000);
  for (const name of await readdir(place, { recursive: true })) await utimes(path.join(place, name), then, then);
}

/** From here on the program has mounts that no build has used, as on a worker that has never seen the code. */
async function freshMounts(): Promise<void> {
  await writeFile(path.join(app, 'Dockerfile'), smallDockerfile(`fresh${(mounts += 1)}`));
}

interface Job {
  readonly token?: TokenOptions;
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly on?: Worker;
}

async function envOf({ token, env, on = worker }: Job): Promise<Record<string, string>> {
  const home = await makeCacheHome();
  homes.push(home);
  return { ...on.env, ...service.jobEnv(token), XDG_CACHE_HOME: home, ...env };
}

/** `slipway build` as a job runs it, on a machine without anything of before; the build has to succeed and be right. */
async function buildIn(job: Job = {}) {
  const out = await mkdtemp(path.join(directory, 'out-'));
  const before = service.seen.length;
  const flags = job.flags ?? ['--scope', 'main'];
  const args = ['--store', 'type=gha', ...flags, '--output', `type=local,dest=${out}`, app];
  const { report, run } = await buildWarm(args, { env: await envOf(job) });
  expect(run.exitCode, run.stderr).toBe(0);
  expect(await runProgram(path.join(out, 'app')), run.stderr).toBe(wanted);
  const asked: Partial<Record<GhaRequestKind, number>> = {};
  for (const kind of service.seen.slice(before)) asked[kind] = (asked[kind] ?? 0) + 1;
  return { report, run, asked, compiled: compiledPackages(run.stderr) };
}

function linesWith(stderr: string, text: string): readonly string[] {
  return stderr.split('\n').filter((line) => line.startsWith('slipway:') && line.includes(text));
}

it('a cold worker saves; a fresh one compiles nothing again, then the edited package alone; few requests are made', async () => {
  const cold = await buildIn();
  expect(cold.report.restore.state, cold.run.stderr).toBe('nothing-stored');
  expect(cold.report.save.state, cold.run.stderr).toBe('saved');
  expect(cold.compiled.length).toBeGreaterThan(10);
  // The compiled packages, and the snapshot with all that is small. GitHub takes 200 new entries a minute.
  expect(cold.asked).toEqual({ find: 2, reserve: 2, upload: 2, finalize: 2 });

  await using fresh = await startGoWorker();
  const same = await buildIn({ on: fresh });
  expect(same.report.restore.state, same.run.stderr).toBe('restored');
  expect(same.compiled, same.run.stderr).toEqual([]);
  expect(same.report.save.state).toBe('nothing-new');
  // The newest snapshot, others near it, the pack; and the bytes of two entries, after one byte that the builder tried.
  expect(same.asked).toEqual({ find: 3, download: 3 });

  await edit();
  await freshMounts();
  const edited = await buildIn({ on: fresh });
  expect(edited.report.restore.state, edited.run.stderr).toBe('restored');
  expect(edited.compiled, edited.run.stderr).toEqual([MAIN]);
  expect(edited.report.save.state).toBe('saved');
  expect(edited.report.save.entriesNew).toBeLessThan(12);
  expect(edited.asked).toEqual({ find: 5, download: 3, reserve: 1, upload: 1, finalize: 1 });
  expect(warningsOf(edited.run)).toEqual([]);
});

someOf(1, (it) => {
  it('a token that may not write: restored, not saved, one line, no fault; nor under --strict-cache', async () => {
    await edit();
    await freshMounts();
    const entries = service.entries().length;
    const job = { token: { canWrite: false } };
    const plain = await buildIn(job);
    const strict = await buildIn({ ...job, flags: ['--scope', 'main', '--strict-cache'] });
    for (const { report, run } of [plain, strict]) {
      expect(['restored', 'already-warm'], run.stderr).toContain(report.restore.state);
      expect(report.save).toMatchObject({ state: 'skipped', reason: expect.stringContaining('cache write denied: ') });
      expect(linesWith(run.stderr, 'denied')).toEqual([
        expect.stringMatching(/^slipway: nothing is saved: the GitHub Actions cache says: cache write denied: /),
      ]);
      expect(warningsOf(run)).toEqual([]);
    }
    expect(plain.compiled).toEqual([MAIN]);
    expect(plain.asked).toMatchObject({ reserve: 1 });
    expect(service.entries()).toHaveLength(entries);
  });

  it("a branch reads the default branch's entries and keeps its own to itself", async () => {
    // A package that only the branch compiles.
    const word = `package word\n\n//go:noinline\nfunc Word() string { return "${HONEST}" }\n\nfunc Other() {}\n`;
    await writeFile(path.join(app, 'internal/word/word.go'), word);
    const before = service.entries();
    const event = path.join(directory, 'event.json');
    await writeFile(event, JSON.stringify({ repository: { default_branch: 'main', full_name: 'us/app' } }));
    const onBranch: Job = {
      token: { branch: BRANCH },
      flags: [],
      env: {
        GITHUB_ACTIONS: 'true',
        GITHUB_REPOSITORY: 'us/app',
        GITHUB_EVENT_NAME: 'push',
        GITHUB_EVENT_PATH: event,
        GITHUB_REF: BRANCH,
      },
    };
    await freshMounts();
    const first = await buildIn(onBranch);
    expect(first.report).toMatchObject({
      scope: 'feature/login',
      restore: { state: 'restored' },
      save: { state: 'saved' },
    });
    expect(first.compiled.toSorted(), first.run.stderr).toEqual([MAIN, WORD]);
    const added = service.entries().slice(before.length);
    expect(added.map(({ scope }) => scope)).toEqual(added.map(() => BRANCH));
    expect(added.length).toBeGreaterThan(0);
    await freshMounts();
    expect((await buildIn(onBranch)).compiled).toEqual([]);

    // The default branch, by its own scope and even by the branch's.
    await freshMounts();
    const main = await buildIn({ flags: ['--scope', 'main', '--no-save'] });
    expect(main.compiled.toSorted(), main.run.stderr).toEqual([MAIN, WORD]);
    const looked = await runSlipway(
      ['restore', '--store', 'type=gha', '--scope', 'feature/login', '--format', 'json', app],
      { env: await envOf({}) },
    );
    expect(JSON.parse(looked.stdout), looked.stderr).toMatchObject({ restore: { state: 'nothing-stored' } });
  });
});

it('a token that may not even read: cold, one line, no fault; nor under --strict-cache', async () => {
  const token = { canRead: false, canWrite: false };
  const { report, run } = await buildIn({ token, flags: ['--scope', 'main', '--strict-cache'] });
  expect(report).toMatchObject({ restore: { state: 'skipped' }, save: { state: 'skipped' } });
  expect(linesWith(run.stderr, 'denied')).toEqual([expect.stringContaining('restore is skipped: ')]);
  expect(warningsOf(run)).toEqual([]);
});

const ofMain = (part: string): readonly GhaEntry[] =>
  service.entries().filter(({ key, scope }) => scope === 'refs/heads/main' && key.includes(part));

/** What is gone; a normal run takes one. */
const EVICTED: readonly (readonly [what: string, choose: () => GhaEntry | undefined, says: string])[] = [
  // The first one: later ones name what rides with it.
  ['the snapshot that small things ride with', () => ofMain('/snapshot/')[0], 'is left out'],
  ['the pack', () => ofMain('/blob/').at(-1), 'is gone from the store'],
];

it.each(seededSample(EVICTED, 1))(
  `%s is evicted: the build is right, and the next save brings it again (seed ${SLICE_SEED})`,
  async (_what, choose, says) => {
    const entry = choose();
    if (entry === undefined) throw new Error('there is nothing to evict');
    service.evict(entry);
    await edit();
    await freshMounts();
    const colder = await buildIn();
    expect(warningsOf(colder.run), colder.run.stderr).toEqual([expect.stringContaining(says)]);
    expect(colder.compiled.length).toBeGreaterThan(10);
    expect(colder.report.save.state).toBe('saved');
    expect(colder.asked.reserve).toBeLessThanOrEqual(3);
    await edit();
    await freshMounts();
    const healed = await buildIn();
    expect(warningsOf(healed.run), healed.run.stderr).toEqual([]);
    expect(healed.compiled).toEqual([MAIN]);
  },
);

it('everything is evicted: as if nothing had ever been stored', async () => {
  for (const entry of service.entries()) service.evict(entry);
  const { report, run } = await buildIn();
  expect(report, run.stderr).toMatchObject({ restore: { state: 'nothing-stored' }, save: { state: 'saved' } });
  expect(report.save.entriesNew).toBeGreaterThan(50);
  expect(warningsOf(run)).toEqual([]);
});
