import type { Clock } from '../../src/core/clock.ts';
import { createSleepers } from './sleepers.ts';

export interface ManualClock extends Clock {
  /** Moves the time on, waking sleepers in their order and letting what they start run. */
  advance(ms: number): Promise<void>;
  /** How many are asleep. */
  readonly sleepers: number;
}

/** A clock that stands still until it is told. */
export function manualClock(): ManualClock {
  let now = 0;
  const sleepers = createSleepers(() => now);
  return {
    now: () => now,
    monotonic: () => now,
    sleep: sleepers.sleep,
    async advance(ms) {
      const end = now + ms;
      await settle();
      for (;;) {
        const next = sleepers.next();
        if (!next || next.at > end) break;
        now = Math.max(now, next.at);
        next.wake();
        await settle();
      }
      now = end;
    },
    get sleepers() {
      return sleepers.count;
    },
  };
}

/** Lets everything run that only waits for promises. */
async function settle(): Promise<void> {
  for (let i = 0; i < 3; i += 1) await new Promise((resolve) => setImmediate(resolve));
}
