import { median } from '../../src/bench/statistics.ts';

/** What is said of a list of measurements. */
export interface Summary {
  readonly count: number;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Median of the absolute distances from the median: how much a run usually strays. */
  readonly mad: number;
}

export function summarize(values: readonly number[]): Summary | undefined {
  if (values.length === 0) return undefined;
  const center = median(values);
  return {
    count: values.length,
    median: center,
    min: Math.min(...values),
    max: Math.max(...values),
    mad: median(values.map((value) => Math.abs(value - center))),
  };
}

/** Medians of each key that any of the records has; a record without it doesn't count for it. */
export function mediansByKey(records: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const keys = [...new Set(records.flatMap((record) => Object.keys(record)))];
  return Object.fromEntries(
    keys.map((key) => [key, median(records.flatMap((record) => (record[key] === undefined ? [] : [record[key]])))]),
  );
}
