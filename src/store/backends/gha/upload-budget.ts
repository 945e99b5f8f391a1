import type { Clock } from '../../../core/clock.ts';
import { SlipwayError } from '../../../core/errors.ts';

/** GitHub takes 200 new entries a minute from a repository: a quarter of them is left to its other jobs. */
export const ENTRIES_PER_MINUTE = 150;

const MINUTE_MS = 60_000;

/** Counts one new entry; a STORE_RATE_LIMITED that says when to come back where there were too many in a minute. */
export type TakeEntry = () => void;

export function uploadBudget(clock: Clock, perMinute: number): TakeEntry {
  const taken: number[] = [];
  return () => {
    const now = clock.monotonic();
    while (taken.length > 0 && taken[0]! <= now - MINUTE_MS) taken.shift();
    if (taken.length >= perMinute) {
      throw new SlipwayError(
        'STORE_RATE_LIMITED',
        `the GitHub Actions cache got ${perMinute} new entries in a minute`,
        {
          retryable: true,
          retryAfterSeconds: Math.ceil((taken[0]! + MINUTE_MS - now) / 1000),
        },
      );
    }
    taken.push(now);
  };
}
