import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processesMarked, untilGone } from '../helpers/crash-run.ts';
import {
  buildSmall,
  checkStore,
  layGround,
  storeFlags,
  type Ground,
  type Machine,
  type SmallApp,
} from '../helpers/faulty-ground.ts';
import { runSlipway, type SlipwayRun } from '../helpers/run-slipway.ts';

/** GitHub kills 7.5 s after its SIGINT: the promise is five. The rest is room for a busy machine. */
const PROMISED_SECONDS = 5;

let ground: Ground;
beforeAll(async () => {
  ground = await layGround();
}, 600_000);
afterAll(() => ground?.[Symbol.asyncDispose]());

interface Interrupted {
  readonly run: SlipwayRun;
  /** From the first signal to the end of the process. */
  readonly seconds: number;
  readonly mark: string;
}

interface Interruption {
  readonly args: readonly string[];
  readonly machine: Machine;
  readonly signals: readonly NodeJS.Signals[];
  /** The signals come once its words match this, and some milliseconds later. */
  readonly after: RegExp;
  readonly delayMs: number;
}

async function interrupt({ args, machine, signals, after, delayMs }: Interruption): Promise<Interrupted> {
  const mark = randomUUID();
  let pid = 0;
  let text = '';
  let sentAt: number | undefined;
  const send = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    for (const signal of signals) {
      sentAt ??= performance.now();
      try {
        process.kill(pid, signal);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  let sending: Promise<void> | undefined;
  const run = await runSlipway(args, {
    env: { ...machine.env, CRASH_MARK: mark },
    onStart: (started) => {
      pid = started;
    },
    onStderr: (chunk) => {
      text += chunk;
      if (sending === undefined && after.test(text)) sending = send();
    },
  });
  const seconds = sentAt === undefined ? Number.NaN : (performance.now() - sentAt) / 1000;
  await sending;
  return { run, seconds, mark };
}

/** Temporary things of a run, by name, in the cache home and in the temporary directory. */
async function temporaries(machine: Machine): Promise<readonly string[]> {
  const found: string[] = [];
  for (const place of [path.join(machine.cacheHome, 'slipway'), machine.temporary]) {
    const names = existsSync(place) ? await readdir(place, { recursive: true }) : [];
    found.push(...names.filter((name) => /^run-|\.tmp$|^slipway-/.test(path.basename(name))));
  }
  return found;
}

const POINTS = [
  { name: 'restore', after: /slipway: restore/, delays: [0, 300, 900] },
  { name: 'the build', after: /#\d+ \[build \d\/\d\] RUN/, delays: [0, 700] },
  { name: 'save', after: /slipway: save\n/, delays: [0, 400] },
] as const;

const SIGNALS = [
  { signals: ['SIGINT'], code: 130 },
  { signals: ['SIGTERM'], code: 143 },
] as const;

const CASES = POINTS.flatMap(({ name, after, delays }) =>
  delays.flatMap((delayMs, index) => {
    const { signals, code } = SIGNALS[index % 2] ?? SIGNALS[0];
    return [{ name, after, delayMs, signals, code }];
  }),
);

describe('a signal', () => {
  it.each(CASES)('$signals $delayMs ms into $name: code $code, nothing left, then a right run', async (one) => {
    const app = await ground.newApp();
    const machine = await ground.newMachine();
    const store = await storeFor(one.name, app, machine);
    await app.edit();
    const args = ['build', '--progress', 'plain', ...storeFlags(store), app.directory];
    const { run, seconds, mark } = await interrupt({ ...one, args, machine });
    expect(run.exitCode, run.stderr).toBe(one.code);
    expect(seconds).toBeLessThan(PROMISED_SECONDS + 1);
    expect(await temporaries(machine)).toEqual([]);
    await untilGone(mark, 3000);
    expect((await checkStore(machine, store)).exitCode).toBe(0);
    const next = await buildSmall(ground, { store, app, machine });
    expect(next.run.exitCode, next.run.stderr).toBe(0);
    expect(next.output).toBe(next.wanted);
  });

  it.each([
    { signals: ['SIGINT', 'SIGINT'], code: 130 },
    { signals: ['SIGTERM', 'SIGINT'], code: 143 },
  ] as const)('$signals: the second one ends it at once, and no child is left', async ({ signals, code }) => {
    const app = await ground.newApp();
    const machine = await ground.newMachine();
    const args = ['build', '--progress', 'plain', ...storeFlags(ground.seedStore), '--read-only', app.directory];
    const { run, seconds, mark } = await interrupt({ args, machine, signals, after: /slipway: restore/, delayMs: 300 });
    expect([130, 143]).toContain(run.exitCode);
    expect(run.exitCode === code || run.exitCode === 130, run.stderr).toBe(true);
    expect(seconds).toBeLessThan(PROMISED_SECONDS);
    await untilGone(mark, 5000);
    expect(await processesMarked(mark)).toEqual([]);
    const next = await buildSmall(ground, { store: ground.seedStore, app, machine, flags: ['--read-only'] });
    expect(next.output).toBe(next.wanted);
  });
});

/** Interrupting save needs something to save: an empty store and a mount that a build has filled. */
async function storeFor(point: string, app: SmallApp, machine: Machine): Promise<string> {
  if (point !== 'save') return ground.seedStore;
  const filled = await buildSmall(ground, { store: ground.seedStore, app, machine, flags: ['--read-only'] });
  expect(filled.run.exitCode).toBe(0);
  return `type=local,dest=${path.join(ground.directory, `interrupted-${app.id}`)}`;
}
