import type { Clock } from '../../src/core/clock.ts';
import { aroundStore } from '../../src/store/decorators/around.ts';
import type { Store, StoreKeeper } from '../../src/store/port.ts';

/** Lets several machines' calls of one store happen one at a time, in an order that a seed draws. */
export interface Turns {
  readonly clock: Clock;
  /** A machine's view of the store: each call waits for its turn. */
  viewOf(store: Store & StoreKeeper): Store & StoreKeeper;
  /** Runs until all of the work has ended. After each call `afterCall` is told which one it was, and how it ended. */
  run(work: readonly Promise<unknown>[], afterCall: (call: string, hasFailed: boolean) => Promise<void>): Promise<void>;
  /** Moves the clock on between runs. */
  pass(ms: number): void;
  readonly calls: number;
}

export interface TurnsOptions {
  readonly random: () => number;
  readonly startMs: number;
  /** Up to so long passes with each call. */
  readonly mostMsPerCall: number;
}

interface Waiting {
  readonly call: string;
  readonly go: () => void;
  /** True when the call failed. */
  readonly over: Promise<boolean>;
}

export function createTurns({ random, startMs, mostMsPerCall }: TurnsOptions): Turns {
  let nowMs = startMs;
  let calls = 0;
  const waiting: Waiting[] = [];
  const clock: Clock = { now: () => nowMs, monotonic: () => nowMs, sleep: async () => {} };
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 4; i += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    clock,
    viewOf: (store) =>
      aroundStore(store, async ({ name, subject }, run, signal) => {
        const [turn, over] = [Promise.withResolvers<void>(), Promise.withResolvers<boolean>()];
        waiting.push({ call: `${name} ${subject}`, go: turn.resolve, over: over.promise });
        await turn.promise;
        try {
          const result = await run(signal);
          over.resolve(false);
          return result;
        } catch (error) {
          over.resolve(true);
          throw error;
        }
      }) as Store & StoreKeeper,
    run: async (work, afterCall) => {
      let isOver = false;
      const all = Promise.allSettled(work).then(() => {
        isOver = true;
      });
      while (!isOver) {
        // Files of this machine are read and written in between: whoever is not ready yet misses this turn.
        await settle();
        const [next] = waiting.splice(Math.floor(random() * waiting.length), 1);
        if (next === undefined) continue;
        nowMs += Math.floor(random() * mostMsPerCall);
        calls += 1;
        next.go();
        await afterCall(next.call, await next.over);
      }
      await all;
      // What failed is told now, when nobody waits for a turn any more.
      await Promise.all(work);
    },
    pass: (ms) => {
      nowMs += Math.floor(ms);
    },
    get calls() {
      return calls;
    },
  };
}
