import { medianRank, type Rank, rankSumRank } from './exact-ranks.ts';

/** An interval with less behind it is shown, but nothing is said to differ because of it. */
export const LEAST_COVERAGE = 0.9;

/** What is known of one value: exact, or, where a time limit ended it, only where it lies. */
export interface Bounded {
  /** What was seen. */
  readonly value: number;
  readonly low: number;
  /** `Infinity` where a limit ended it. */
  readonly high: number;
}

/** Which side the truth lies on where values were cut off; `unknown` says nothing of the median. */
export type Bound = 'exact' | 'at-least' | 'at-most' | 'unknown';

export interface Interval {
  readonly low: number;
  /** `Infinity` where values that were cut off leave it open. */
  readonly high: number;
  /** How often such an interval holds the true value, 0 to 1. */
  readonly coverage: number;
}

/** A median with what is known about it, in the unit of the values. */
export interface Estimate extends Interval {
  readonly n: number;
  readonly median: number;
  readonly bound: Bound;
}

/** The middle value, or the mean of the two in the middle. Throws RangeError for no values. */
export function median(values: readonly number[]): number {
  return middle(values.toSorted(ascending));
}

/**
 * The median, and from the k-th smallest to the k-th largest value: that misses the true median only when fewer than k of n
 * values fall on one side of it, and each falls there with probability 1/2, whatever the distribution (Conover, Practical
 * Nonparametric Statistics, 3rd ed., 3.2; Hahn and Meeker, Statistical Intervals, 5.3). The narrowest that reaches 0.95;
 * below six values none does, so it is least to greatest, with the coverage that this has: 0.9375 for 5, 0.75 for 3, 0
 * for 1. Of values that were cut off it is the median of the low ends and that of the high ends. Throws RangeError for none.
 */
export function estimate(values: readonly Bounded[]): Estimate {
  const ends = sortEnds(values);
  return { n: values.length, ...middleOf(ends), ...between(ends.lows, ends.highs, medianRank(values.length)) };
}

/** A value that nothing is uncertain about. */
export function exactly(value: number): Bounded {
  return { value, low: value, high: value };
}

/** Median absolute deviation from the median, not scaled. */
export function medianAbsoluteDeviation(values: readonly number[]): number {
  const middle = median(values);
  return median(values.map((value) => Math.abs(value - middle)));
}

/** Makes the deviation of normal noise comparable to its standard deviation: 1 / Φ⁻¹(3/4). */
const NORMAL_SCALE = 1.4826;
const OUTLIER_LIMIT = 3.5;
const OUTLIER_LEAST = 5;
/** Of the median: a few values that lie close together by chance make any other look far away. */
const OUTLIER_SHARE = 0.1;

/**
 * Distance of each value from the median in scaled MADs, where it is more than 3.5 (Iglewicz and Hoaglin, How to Detect
 * and Handle Outliers, 1993, 3.3) and a tenth of the median, by index. Fewer than five values, or a half that is all the
 * same, give no scale to judge by: nothing is named then.
 */
export function findOutliers(
  values: readonly number[],
): readonly { readonly index: number; readonly deviations: number }[] {
  if (values.length < OUTLIER_LEAST) return [];
  const middle = median(values);
  const scale = NORMAL_SCALE * medianAbsoluteDeviation(values);
  if (scale === 0) return [];
  return values
    .map((value, index) => ({ index, deviations: (value - middle) / scale }))
    .filter(
      ({ deviations }) =>
        Math.abs(deviations) > OUTLIER_LIMIT && Math.abs(deviations * scale) > OUTLIER_SHARE * Math.abs(middle),
    );
}

/** `a` as a multiple of `b`; nothing over nothing is no change. */
export function quotient(a: Bounded, b: Bounded): Bounded {
  return { value: divide(a.value, b.value), low: divide(a.low, b.high), high: divide(a.high, b.low) };
}

/**
 * How many times as large `after` is as `before`, two runs that share no rounds. The median of all quotients, and from the
 * k-th smallest to the k-th largest of them: the interval that belongs to the Wilcoxon-Mann-Whitney test, so it holds
 * for any distribution, as long as the change is a factor (Hodges and Lehmann 1963; Hollander, Wolfe and Chicken,
 * Nonparametric Statistical Methods, 4.2-4.3). Exact and without chance: no seed. Three against three values reach 0.9.
 */
export function ratioOfRuns(before: readonly Bounded[], after: readonly Bounded[]): Estimate {
  const ends = sortEnds(after.flatMap((a) => before.map((b) => quotient(a, b))));
  const rank = rankSumRank(before.length, after.length);
  const n = Math.min(before.length, after.length);
  return { n, ...middleOf(ends), ...between(ends.lows, ends.highs, rank) };
}

/** Does the interval leave `value` out, with enough behind it to say so? */
export function excludes({ low, high, coverage }: Interval, value: number): boolean {
  return coverage >= LEAST_COVERAGE && (low > value || high < value);
}

interface Ends {
  readonly values: readonly number[];
  readonly lows: readonly number[];
  readonly highs: readonly number[];
}

/** What was seen and its two ends, each in order; mostly they are one. */
function sortEnds(bounded: readonly Bounded[]): Ends {
  const sorted = (pick: (value: Bounded) => number): readonly number[] => bounded.map(pick).toSorted(ascending);
  const values = sorted(({ value }) => value);
  const isExact = bounded.every(({ value, low, high }) => low === value && high === value);
  return isExact
    ? { values, lows: values, highs: values }
    : { values, lows: sorted(({ low }) => low), highs: sorted(({ high }) => high) };
}

function middleOf({ values, lows, highs }: Ends): Pick<Estimate, 'median' | 'bound'> {
  const seen = middle(values);
  const isLow = middle(lows) === seen;
  const isHigh = middle(highs) === seen;
  return { median: seen, bound: isLow ? (isHigh ? 'exact' : 'at-least') : isHigh ? 'at-most' : 'unknown' };
}

function middle(sorted: readonly number[]): number {
  if (sorted.length === 0) throw new RangeError('the median of nothing');
  const upper = at(sorted, Math.floor(sorted.length / 2));
  if (sorted.length % 2 === 1) return upper;
  const lower = at(sorted, sorted.length / 2 - 1);
  return lower === upper ? lower : (lower + upper) / 2;
}

function between(lows: readonly number[], highs: readonly number[], { k, coverage }: Rank): Interval {
  return { low: at(lows, k - 1), high: at(highs, highs.length - k), coverage };
}

function divide(a: number, b: number): number {
  if (a === b) return 1;
  return a / b;
}

/** `a - b` would make NaN of two that are both infinite. */
function ascending(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function at(values: readonly number[], index: number): number {
  const value = values[index];
  if (value === undefined) throw new RangeError(`no value ${index} of ${values.length}`);
  return value;
}
