import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import type { StoreSpec } from '../../src/store/store-spec.ts';
import { checkStore } from '../../src/warm/keep/check-store.ts';
import { surveyStore } from '../../src/warm/survey-store.ts';
import { countCases } from '../helpers/count-cases.ts';
import { seededRandom } from '../helpers/crash-run.ts';
import { readTrace, runProgramUntil, type ProgramEnd } from '../helpers/killed-program.ts';
import { startRegistry, type TestRegistry } from '../helpers/registry.ts';
import { SLICE_SEED } from '../helpers/seeded-slice.ts';
import { openTestStore } from '../helpers/store-contract-open.ts';
import { sized } from '../helpers/suite-size.ts';
import type { WarmOrder } from '../helpers/warm-child.ts';
import { entriesOf, warmClient } from '../helpers/warm-client.ts';

/**
 * Reliability plan R3: SIGKILL at each step (a call to the disk, the network or another program) of what save, restore and
 * `slipway cache gc` do with a store. Whatever the step, a reader sees the old state or the new one, whole.
 * test/e2e/kill-steps.test.ts does the same to the whole program with a builder behind it, at fewer steps.
 */
const KILLS = sized({ slice: 3, published: 120, torture: 1000 });
const KILLS_AT_ONCE = 2;
const DAY_MS = 24 * 3600 * 1000;
const { signal } = new AbortController();

let directory: string;
let registry: TestRegistry;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-kill-'));
  registry = await startRegistry({ program: 'registry' });
  await layBase({ type: 'local', dest: path.join(directory, 'base') });
  await makeOld(path.join(directory, 'base'));
}, 120_000);
afterAll(async () => {
  await registry?.stop();
  await rm(directory, { recursive: true, force: true });
});

/** What was saved before: more packs than are kept apart, so that merged ones and unnamed snapshots lie about. */
const BASE = [
  Array.from({ length: 14 }, (_, index) => [`base ${index} `.repeat(300), `more of base ${index}`]),
  [['second '.repeat(500)], ['third']],
  [['fourth']],
  [['fifth'], ['sixth']],
] as const;
const BASE_CONTENTS = BASE.flat(2);
const PUSHED = [['pushed '.repeat(2000), 'pushed too'], ['a second pack'], ['a third '.repeat(9000)]];

async function layBase(spec: StoreSpec): Promise<void> {
  // Three days ago, so that gc has work.
  const clock = { ...systemClock, now: () => Date.now() - 3 * DAY_MS };
  const workDirectory = path.join(directory, 'base machine');
  const client = warmClient({ store: openTestStore(spec, {}, { clock }), scope: 'main', workDirectory, clock });
  for (const packs of BASE) await client.push(packs);
}

async function makeOld(root: string): Promise<void> {
  const then = new Date(Date.now() - 3 * DAY_MS);
  for (const name of await readdir(root, { recursive: true })) await utimes(path.join(root, name), then, then);
}

const BACKENDS = [
  {
    name: 'directory',
    newStore: async (name: string): Promise<StoreSpec> => {
      const dest = path.join(directory, name);
      await cp(path.join(directory, 'base'), dest, { recursive: true, preserveTimestamps: true });
      return { type: 'local', dest };
    },
  },
  {
    name: 'registry',
    newStore: async (name: string): Promise<StoreSpec> => {
      const spec: StoreSpec = { type: 'registry', host: registry.host, repository: name };
      await layBase(spec);
      return spec;
    },
  },
] as const;

interface Operation {
  readonly name: 'push' | 'pull' | 'gc';
  /** Does each kill need a store of its own? */
  readonly isWriting: boolean;
  run(spec: StoreSpec, workDirectory: string, env: Readonly<Record<string, string>>): Promise<ProgramEnd>;
  /** Contents that the store may hold afterwards: the old state, or that and all that was pushed. */
  readonly allowed: readonly (readonly string[])[];
}

function warmOperation(name: 'push' | 'pull', order: WarmOrder): Pick<Operation, 'name' | 'run'> {
  return {
    name,
    run: (spec, workDirectory, env) =>
      runProgramUntil(
        'test/helpers/warm-child.ts',
        [JSON.stringify({ spec, scope: 'main', workDirectory, order })],
        env,
      ),
  };
}

const OPERATIONS: readonly Operation[] = [
  {
    ...warmOperation('push', { push: PUSHED }),
    isWriting: true,
    allowed: [BASE_CONTENTS, [...BASE_CONTENTS, ...PUSHED.flat()]],
  },
  { ...warmOperation('pull', { pull: true }), isWriting: false, allowed: [BASE_CONTENTS] },
  {
    name: 'gc',
    isWriting: true,
    run: (spec, workDirectory, env) =>
      runProgramUntil('src/cli/main.ts', ['cache', 'gc', '--store', formatSpec(spec)], { ...env, HOME: workDirectory }),
    allowed: [BASE_CONTENTS],
  },
];

function formatSpec(spec: StoreSpec): string {
  if (spec.type === 'local') return `type=local,dest=${spec.dest}`;
  if (spec.type === 'registry') return `type=registry,ref=${spec.host}/${spec.repository}`;
  throw new Error('no words for this store');
}

const CASES = BACKENDS.flatMap((backend) => OPERATIONS.map((operation) => ({ backend, operation })));

describe(`a kill at a step (seed ${SLICE_SEED})`, { timeout: 7_200_000 }, () => {
  test.each(CASES)('of $operation.name, $backend.name store', async ({ backend, operation }) => {
    const id = `${backend.name}-${operation.name}`;
    const shared = await backend.newStore(`${id}-traced`);
    const traceFile = path.join(directory, `${id}.trace`);
    const traced = await operation.run(shared, path.join(directory, `${id} traced`), env({ CRASH_TRACE: traceFile }));
    expect(traced, traced.stderr).toMatchObject({ exitCode: 0 });
    const steps = await readTrace(traceFile);
    expect(steps.length).toBeGreaterThanOrEqual(operation.name === 'gc' ? 10 : 50);
    const kills = planKills(steps.length);
    let died = 0;
    await eachOf(kills, async ({ at, delayMs }, index) => {
      const spec = operation.isWriting ? await backend.newStore(`${id}-${index}`) : shared;
      const workDirectory = path.join(directory, `${id} ${index}`);
      await mkdir(workDirectory);
      const end = await operation.run(
        spec,
        workDirectory,
        env({ CRASH_AT: String(at), CRASH_DELAY_MS: String(delayMs) }),
      );
      const what = `seed ${SLICE_SEED}, killed at ${at} + ${delayMs} ms, after ${steps[at - 2]}\n${end.stderr}`;
      if (end.signalName === 'SIGKILL') died += 1;
      else expect(end.exitCode, what).toBe(0);
      await expectWhole(spec, { operation, workDirectory, what });
      if (operation.isWriting && spec.type === 'local') await rm(spec.dest, { recursive: true });
      await rm(workDirectory, { recursive: true });
    });
    // Two runs of a program are not step for step alike, and a short one may end before a late kill.
    expect(died).toBeGreaterThanOrEqual(kills.length * 0.8);
    countCases({ suite: 'R3', what: 'kills survived', cases: died, seed: SLICE_SEED });
    countCases({ suite: 'R3', what: `steps of ${id.replace('-', ' ')}`, cases: steps.length });
  });
});

interface After {
  readonly operation: Operation;
  readonly workDirectory: string;
  readonly what: string;
}

async function expectWhole(spec: StoreSpec, { operation, workDirectory, what }: After): Promise<void> {
  const store = openTestStore(spec);
  expect((await checkStore(store, await surveyStore(store, { signal }), { signal })).faults, what).toEqual([]);
  // The same machine goes on with what the killed one left, a new one with nothing.
  for (const home of [workDirectory, `${workDirectory} new`]) {
    const { entries, warnings } = await warmClient({ store, scope: 'main', workDirectory: home }).pull();
    expect(warnings, what).toEqual([]);
    const wanted = operation.allowed.find((contents) => contents.length === entries.size) ?? [];
    expect(entries, what).toEqual(entriesOf(wanted));
    await expectNamesHold(home, what);
  }
  await rm(`${workDirectory} new`, { recursive: true });
  if (operation.name === 'pull') return;
  const next = await operation.run(spec, workDirectory, env({}));
  expect(next, `${what}\n${next.stderr}`).toMatchObject({ exitCode: 0 });
  const { entries } = await warmClient({ store, scope: 'main', workDirectory }).pull();
  expect(entries, what).toEqual(entriesOf(operation.allowed.at(-1) ?? []));
}

/** A file that bears a digest's name has its bytes. */
async function expectNamesHold(home: string, what: string): Promise<void> {
  for (const place of ['packs', 'lists']) {
    for (const name of await readdir(path.join(home, place))) {
      if (!/^[0-9a-f]{64}$/.test(name)) continue;
      const bytes = await readFile(path.join(home, place, name));
      expect(createHash('sha256').update(bytes).digest('hex'), what).toBe(name);
    }
  }
}

/** In the short form some steps drawn by the seed; else each once exactly there, and again some time later up to the count. */
function planKills(steps: number): readonly { readonly at: number; readonly delayMs: number }[] {
  const random = seededRandom(SLICE_SEED);
  const drawn = (): number => 1 + Math.floor(random() * steps);
  if (KILLS < 10) return Array.from({ length: KILLS }, () => ({ at: drawn(), delayMs: 0 }));
  const each = Array.from({ length: steps }, (_, index) => ({ at: index + 1, delayMs: 0 }));
  const more = Array.from({ length: Math.max(0, KILLS - steps) }, () => ({
    at: drawn(),
    delayMs: Math.ceil(random() * 30),
  }));
  return [...each, ...more];
}

function env(crash: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return { ...crash, NODE_COMPILE_CACHE: path.join(directory, 'code'), XDG_CACHE_HOME: path.join(directory, 'cache') };
}

async function eachOf<T>(items: readonly T[], work: (item: T, index: number) => Promise<void>): Promise<void> {
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) await work(item, index);
  };
  await Promise.all(Array.from({ length: KILLS_AT_ONCE }, worker));
}
