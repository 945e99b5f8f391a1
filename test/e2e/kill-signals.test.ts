import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countCases } from '../helpers/count-cases.ts';
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
import { seededSample, SLICE_SEED } from '../helpers/seeded-slice.ts';
import { sized } from '../helpers/suite-size.ts';

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

/** Where the signals come: once the words match, and some milliseconds later. */
const POINTS = [
  { name: 'restore', after: /slipway: restore/, delays: [0, 100, 200, 300, 450, 600, 900, 1200] },
  { name: 'the build', after: /#\d+ \[build \d\/\d\] RUN/, delays: [0, 150, 300, 500, 700, 1000, 1500] },
  { name: 'save', after: /slipway: save\n/, delays: [0, 100, 200, 300, 400] },
] as const;

/** GitHub sends SIGINT and then SIGTERM, a person ^C and ^C: the second one ends it at once. */
const SIGNALS = [
  { signals: ['SIGINT'], codes: [130] },
  { signals: ['SIGTERM'], codes: [143] },
  { signals: ['SIGINT', 'SIGTERM'], codes: [130, 143] },
  { signals: ['SIGINT', 'SIGINT'], codes: [130] },
] as const;

/** Reliability plan R20. */
const ALL = POINTS.map(({ name, after, delays }) =>
  delays.flatMap((delayMs) => SIGNALS.map((kind) => ({ name, after, delayMs, ...kind }))),
);
const IN_A_SLICE = 1;
const CASES = ALL.flatMap((cases) => seededSample(cases, IN_A_SLICE));

describe(`signals (seed ${SLICE_SEED})`, () => {
  let interrupted = 0;
  let worstSeconds = 0;

  it.each(CASES)('$signals $delayMs ms into $name: nothing left, then a right run', async (one) => {
    const app = await ground.newApp();
    const machine = await ground.newMachine();
    const store = await storeFor(one.name, app, machine);
    await app.edit();
    const args = ['build', '--progress', 'plain', ...storeFlags(store), app.directory];
    const { run, seconds, mark } = await interrupt({ ...one, args, machine });
    // A late one may meet a run that is over.
    if (run.exitCode !== 0) {
      expect(one.codes, run.stderr).toContain(run.exitCode);
      expect(seconds).toBeLessThan(PROMISED_SECONDS + 1);
      interrupted += 1;
      worstSeconds = Math.max(worstSeconds, seconds);
    }
    // A second signal leaves no time to clear up; what stays is swept later, like that of a kill.
    if (one.signals.length === 1) expect(await temporaries(machine)).toEqual([]);
    await untilGone(mark, 5000);
    expect(await processesMarked(mark)).toEqual([]);
    expect((await checkStore(machine, store)).exitCode).toBe(0);
    const next = await buildSmall(ground, { store, app, machine });
    expect(next.run.exitCode, next.run.stderr).toBe(0);
    expect(next.output).toBe(next.wanted);
  });

  it('most of them came while it ran', () => {
    expect(CASES.length).toBe(sized({ slice: 3 * IN_A_SLICE, published: 80, torture: 80 }));
    // Of three that are drawn all may be late ones but one.
    expect(interrupted).toBeGreaterThanOrEqual(sized({ slice: 1, published: 60, torture: 60 }));
    countCases({ suite: 'R20', what: 'runs with signals', cases: CASES.length, seed: SLICE_SEED });
    countCases({
      suite: 'R20',
      what: 'of them interrupted',
      cases: interrupted,
      worst: { secondsToTheEnd: worstSeconds },
    });
  });
});

/** Interrupting save needs something to save: an empty store and a mount that a build has filled. */
async function storeFor(point: string, app: SmallApp, machine: Machine): Promise<string> {
  if (point !== 'save') return ground.seedStore;
  const filled = await buildSmall(ground, { store: ground.seedStore, app, machine, flags: ['--read-only'] });
  expect(filled.run.exitCode).toBe(0);
  return `type=local,dest=${path.join(ground.directory, `interrupted-${app.id}`)}`;
}
