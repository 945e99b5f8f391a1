/** Of what is told of a sample: at least this often the interval holds the true value, were the run made again and again. */
export const CONFIDENCE = 0.95;

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
  if (values.length === 0) throw new RangeError('the median of nothing');
  const sorted = values.toSorted(ascending);
  const upper = at(sorted, Math.floor(sorted.length / 2));
  if (sorted.length % 2 === 1) return upper;
  const lower = at(sorted, sorted.length / 2 - 1);
  return lower === upper ? lower : (lower + upper) / 2;
}

/**
 * From the k-th smallest to the k-th largest value: it misses the true median only when fewer than k of n values fall on
 * one side of it, and each falls there with probability 1/2, whatever the distribution (Conover, Practical Nonparametric
 * Statistics, 3rd ed., 3.2; Hahn and Meeker, Statistical Intervals, 5.3). The narrowest that reaches CONFIDENCE; below
 * six values none does, so it is least to greatest, with the coverage that this has: 0.9375 for 5, 0.75 for 3, 0 for 1.
 */
export function medianInterval(values: readonly number[]): Interval {
  const sorted = values.toSorted(ascending);
  const { k, coverage } = narrowest(coinTails(sorted.length));
  return { low: at(sorted, k - 1), high: at(sorted, sorted.length - k), coverage };
}

/** Median and interval of values some of which may be cut off: the median of the low ends, and that of the high ends. */
export function estimate(values: readonly Bounded[]): Estimate {
  const lows = values.map(({ low }) => low);
  const highs = values.map(({ high }) => high);
  const seen = median(values.map(({ value }) => value));
  const isLow = median(lows) === seen;
  const isHigh = median(highs) === seen;
  const bound = isLow ? (isHigh ? 'exact' : 'at-least') : isHigh ? 'at-most' : 'unknown';
  const { low, coverage } = medianInterval(lows);
  return { n: values.length, median: seen, low, high: medianInterval(highs).high, coverage, bound };
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
 * and Handle Outliers, 1993, 3.3) and a tenth of the median, by index. Fewer than five values, or a half that is all the same, give no scale to
 * judge by: nothing is named then.
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
  const quotients = after.flatMap((a) => before.map((b) => quotient(a, b)));
  const { k, coverage } = narrowest(rankSumTails(before.length, after.length));
  const lows = quotients.map(({ low }) => low).toSorted(ascending);
  const highs = quotients.map(({ high }) => high).toSorted(ascending);
  const { median, bound } = estimate(quotients);
  return {
    n: Math.min(before.length, after.length),
    median,
    low: at(lows, k - 1),
    high: at(highs, highs.length - k),
    coverage,
    bound,
  };
}

/** Does the interval leave `value` out, with enough behind it to say so? */
export function excludes({ low, high, coverage }: Interval, value: number): boolean {
  return coverage >= LEAST_COVERAGE && (low > value || high < value);
}

/** The largest k whose two tails leave at least CONFIDENCE in between; 1 where there is none. */
function narrowest(tails: Iterable<number>): { readonly k: number; readonly coverage: number } {
  let found = { k: 1, coverage: 0 };
  let k = 0;
  for (const tail of tails) {
    k += 1;
    const coverage = Math.max(0, 1 - 2 * tail);
    if (k === 1) found = { k, coverage };
    else if (coverage >= CONFIDENCE) found = { k, coverage };
    else break;
  }
  return found;
}

/** P(at most 0, 1, 2 … of n fair coins show heads), up to half of them. */
function* coinTails(n: number): Generator<number> {
  let probability = 0.5 ** n;
  let sum = 0;
  for (let heads = 0; heads < n / 2; heads += 1) {
    sum += probability;
    yield sum;
    probability *= (n - heads) / (heads + 1);
  }
}

/** P(U ≤ 0, 1, 2 …) of the rank sum statistic of m and n values, from the number of orders that give each U. */
function* rankSumTails(m: number, n: number): Generator<number> {
  const counts = rankSumCounts(m, n);
  const orders = counts.reduce((sum, count) => sum + count, 0);
  let sum = 0;
  for (const count of counts.slice(0, Math.ceil((m * n) / 2))) {
    sum += count / orders;
    yield sum;
  }
}

/** The coefficients of the Gaussian binomial of m + n over m: the orders of m and n values by their U. */
function rankSumCounts(m: number, n: number): readonly number[] {
  let counts = new Array<number>(m * n + 1).fill(0);
  counts[0] = 1;
  for (let i = 1; i <= m; i += 1) {
    // Times (1 - q^(n+i)), then divided by (1 - q^i), cut off after q^(m·n).
    counts = counts.map((count, power) => count - (counts[power - n - i] ?? 0));
    for (let power = i; power < counts.length; power += 1) counts[power] = at(counts, power) + at(counts, power - i);
  }
  return counts;
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
