import type { BenchSample } from './results.ts';
import { type Estimate, excludes, exactly, median, ratioOfRuns } from './statistics.ts';

/** The machine's own pace over the run. */
export interface Drift {
  /** How many times as long a build took in the run's last third as in its first, each against the median of its cell. */
  readonly ratio: Estimate;
  /** More than chance shows, and 3 % or more. It is in the medians, but not in ratios of one round. */
  readonly isShown: boolean;
}

/**
 * Whether the machine grew slower or faster. A build counts as a multiple of its cell's median, so that it doesn't matter
 * which strategies were measured when. Undefined with fewer than three builds in a third, or where no cell was repeated.
 */
export function findDrift(cells: readonly (readonly BenchSample[])[]): Drift | undefined {
  const paces = cells
    .filter((samples) => samples.length > 1)
    .flatMap((samples) => {
      const middle = median(samples.map(({ seconds }) => seconds));
      return samples
        .filter(({ isCensored }) => !isCensored && middle > 0)
        .map(({ startedAfter, seconds }) => ({ startedAfter, pace: seconds / middle }));
    })
    .toSorted((a, b) => a.startedAfter - b.startedAfter)
    .map(({ pace }) => exactly(pace));
  const third = Math.floor(paces.length / 3);
  if (third < 3) return undefined;
  // A sample of each third is enough to see it, and keeps the number of quotients small.
  const ratio = ratioOfRuns(thin(paces.slice(0, third)), thin(paces.slice(-third)));
  return { ratio, isShown: excludes(ratio, 1) && Math.abs(ratio.median - 1) >= LEAST_DRIFT };
}

const MOST = 40;
const LEAST_DRIFT = 0.03;

function thin<T>(values: readonly T[]): readonly T[] {
  const step = Math.max(1, values.length / MOST);
  return Array.from({ length: Math.min(MOST, values.length) }, (_, i) => values[Math.floor(i * step)] as T);
}
