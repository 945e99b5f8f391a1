import type { Clock } from '../../src/core/clock.ts';
import { createSleepers } from './sleepers.ts';

export interface IdleClock extends Clock {
  /** Seconds that have passed on it. */
  readonly seconds: number;
  /** While work of others is under way (a real server's, say), no time passes. Returns what ends it. */
  busy(): () => void;
  /** Lets go of the sleepers; nothing may sleep on it any more. */
  stop(): void;
}

/** Turns of the event loop, and real milliseconds, without anything to do before the time jumps to the next sleeper. */
const IDLE_TURNS = 4;
const IDLE_MS = 3;

/** Files are read and written by threads; their work is no waiting either. */
function isDiskBusy(): boolean {
  return process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'));
}

/** A clock on which waiting costs nothing: when everybody sleeps, it is at once the time at which the first one wakes. */
export function idleClock(): IdleClock {
  let now = 0;
  let busy = 0;
  let isPumping = false;
  const sleepers = createSleepers(() => now);
  const pump = async (): Promise<void> => {
    if (isPumping) return;
    isPumping = true;
    let turns = 0;
    let since = performance.now();
    while (sleepers.count > 0) {
      await new Promise((resolve) => setImmediate(resolve));
      if (busy > 0 || isDiskBusy()) {
        [turns, since] = [0, performance.now()];
        // Not in a tight loop: the real server needs the processor.
        await new Promise((resolve) => setTimeout(resolve, 1));
        continue;
      }
      turns += 1;
      if (turns < IDLE_TURNS || performance.now() - since < IDLE_MS) continue;
      const next = sleepers.next();
      if (next === undefined) break;
      now = Math.max(now, next.at);
      next.wake();
      [turns, since] = [0, performance.now()];
    }
    isPumping = false;
  };
  return {
    now: () => Date.now(),
    monotonic: () => now,
    sleep: (ms, signal) => {
      const slept = sleepers.sleep(ms, signal);
      void pump();
      return slept;
    },
    get seconds() {
      return now / 1000;
    },
    busy: () => {
      busy += 1;
      let isOver = false;
      return () => {
        if (!isOver) busy -= 1;
        isOver = true;
      };
    },
    stop: () => sleepers.clear(),
  };
}
