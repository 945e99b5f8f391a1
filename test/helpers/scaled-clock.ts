import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock, type Clock } from '../../src/core/clock.ts';

/** A clock on which everything goes `factor` times as fast, for tests of seconds that should take a tenth of them. */
export function scaledClock(factor: number): Clock {
  return {
    now: () => systemClock.now(),
    monotonic: () => systemClock.monotonic() * factor,
    sleep: async (ms, signal) => {
      await sleep(ms / factor, undefined, signal ? { signal } : {}).catch((error: unknown) => {
        throw signal?.aborted ? signal.reason : error;
      });
    },
  };
}
