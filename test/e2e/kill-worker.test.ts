import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countCases } from '../helpers/count-cases.ts';
import { buildSmall, checkStore, layGround, runSmall, type Ground } from '../helpers/faulty-ground.ts';
import { seededSample, SLICE_SEED } from '../helpers/seeded-slice.ts';
import { sized } from '../helpers/suite-size.ts';
import { startWorker } from '../helpers/worker.ts';

/** Reliability plan R19: the machine's buildkitd dies in the middle of a run, and another one goes on with its state. */
const POINTS = [
  { name: 'restore', after: /slipway: restore/, delays: [0, 300, 700, 1200] },
  { name: 'the build', after: /#\d+ \[build \d\/\d\] RUN/, delays: [0, 150, 300] },
  { name: 'save', after: /slipway: save\n/, delays: [0, 200, 400] },
] as const;
const ALL = POINTS.flatMap(({ delays, ...point }) => delays.map((delayMs) => ({ ...point, delayMs })));
const IN_A_SLICE = 2;
const CASES = seededSample(ALL, IN_A_SLICE);
const LAST_STEP_DONE = /#(\d+) \[stage-1 1\/1\] COPY [^\n]*\n#\1 DONE/;
/** A lost connection is noticed within ten seconds; what a run then clears up comes on top. */
const MOST_SECONDS = 15;

let ground: Ground;
beforeAll(async () => {
  ground = await layGround();
}, 600_000);
afterAll(() => ground?.[Symbol.asyncDispose]());

describe(`buildkitd is killed (seed ${SLICE_SEED})`, { timeout: 300_000 }, () => {
  let killed = 0;
  let worstSeconds = 0;

  it.each(CASES)('$delayMs ms into $name: the run ends, the store is whole, the next run is right', async (point) => {
    const root = await mkdtemp(path.join(tmpdir(), 'slipway-killed-'));
    try {
      const app = await ground.newApp();
      const machine = await ground.newMachine();
      const store = `type=local,dest=${path.join(root, 'store')}`;
      // Something to restore, saved on another machine.
      await buildSmall(ground, { store });
      const first = await startWorker({ root: path.join(root, 'state') });
      let killedAt: number | undefined;
      let text = '';
      const onStderr = (more: string): void => {
        text += more;
        if (killedAt !== undefined || !point.after.test(text)) return;
        killedAt = Number.POSITIVE_INFINITY;
        setTimeout(() => {
          killedAt = performance.now();
          void first.kill();
        }, point.delayMs);
      };
      await app.edit();
      const run = await runSmall(ground, { store, app, machine, options: { env: first.env, onStderr } });
      const seconds = (performance.now() - (killedAt ?? Number.NaN)) / 1000;
      await first.kill();
      await first.stop();
      if (seconds >= 0) {
        killed += 1;
        worstSeconds = Math.max(worstSeconds, seconds);
        expect(seconds, run.stderr).toBeLessThan(MOST_SECONDS);
      }
      // Before its last step is done the build has failed; afterwards only the save has, which is a warning. On a
      // quick machine some hundred milliseconds are enough for all of a build: what it said decides, not the point.
      expect(LAST_STEP_DONE.test(run.stderr) ? [0, 1] : [1, 3], run.stderr).toContain(run.exitCode);
      expect((await checkStore(machine, store)).exitCode).toBe(0);
      const second = await startWorker({ root: path.join(root, 'state') });
      try {
        const next = await buildSmall(ground, { store, app, machine, options: { env: second.env } });
        expect(next.run.exitCode, next.run.stderr).toBe(0);
        expect(next.output).toBe(next.wanted);
      } finally {
        await second.stop();
      }
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  });

  it('each time while it ran', () => {
    expect(CASES.length).toBe(sized({ slice: IN_A_SLICE, published: 10, torture: 10 }));
    expect(killed).toBeGreaterThanOrEqual(CASES.length - 1);
    countCases({
      suite: 'R19',
      what: 'workers killed',
      cases: CASES.length,
      seed: SLICE_SEED,
      worst: { secondsToTheEnd: worstSeconds },
    });
  });
});
