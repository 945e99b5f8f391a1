import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  estimate,
  exactly,
  excludes,
  findOutliers,
  median,
  medianAbsoluteDeviation,
  ratioOfRuns,
} from '../../../src/bench/statistics.ts';

const interval = (values: readonly number[]): ReturnType<typeof estimate> => estimate(values.map(exactly));
const upTo = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i + 1);
const seconds = fc.double({ min: 0.001, max: 10_000, noNaN: true });
const samples = fc.array(seconds, { minLength: 1, maxLength: 30 });

describe('the median', () => {
  it.each([
    [[3], 3],
    [[4, 1], 2.5],
    [[9, 1, 5], 5],
    [[10, 1, 2, 3], 2.5],
    [[Infinity, 1, Infinity], Infinity],
  ])('of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  it('of nothing is a fault, not a number', () => {
    expect(() => median([])).toThrow(RangeError);
  });

  it('deviates as told by hand', () => {
    expect(medianAbsoluteDeviation([1, 1, 2, 2, 4, 6, 9])).toBe(1);
  });
});

describe('the interval of the median', () => {
  // Published tables of the order statistics and their coverage in per cent.
  it.each([
    [6, 1, 6, 96.9],
    [9, 2, 8, 96.1],
    [10, 2, 9, 97.9],
    [12, 3, 10, 96.1],
    [14, 3, 12, 98.7],
    [15, 4, 12, 96.5],
    [17, 5, 13, 95.1],
    [20, 6, 15, 95.9],
  ])('of %d values goes from number %d to number %d, %d %%', (n, low, high, coverage) => {
    const found = interval(upTo(n));
    expect([found.low, found.high]).toEqual([low, high]);
    expect(100 * found.coverage).toBeCloseTo(coverage, 1);
  });

  it.each([
    [1, 0],
    [2, 0.5],
    [3, 0.75],
    [4, 0.875],
    [5, 0.9375],
  ])('of %d values is least to greatest and says that this holds %d of the time', (n, coverage) => {
    expect(interval(upTo(n))).toMatchObject({ low: 1, high: n, coverage });
  });

  it('holds the true median as often as it says', () => {
    let state = 1;
    const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    const runs = 20_000;
    let held = 0;
    for (let run = 0; run < runs; run += 1) {
      // Skewed, as times of builds are: the median is ln 2.
      const { low, high } = interval(upTo(9).map(() => -Math.log(random())));
      if (low <= Math.LN2 && high >= Math.LN2) held += 1;
    }
    expect(held / runs).toBeCloseTo(0.961, 2);
  });

  it('has the median in it, whatever the values', () => {
    fc.assert(
      fc.property(samples, (values) => {
        const { low, median, high } = estimate(values.map(exactly));
        expect(low).toBeLessThanOrEqual(median);
        expect(high).toBeGreaterThanOrEqual(median);
      }),
    );
  });

  it('does not depend on the order, and grows with the unit', () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: -8, max: 8 }), (values, power) => {
        const factor = 2 ** power;
        const found = estimate(values.map(exactly));
        expect(estimate(values.toReversed().map(exactly))).toEqual(found);
        expect(estimate(values.map((value) => exactly(value * factor)))).toEqual({
          ...found,
          median: found.median * factor,
          low: found.low * factor,
          high: found.high * factor,
        });
      }),
    );
  });
});

describe('values that a limit cut off', () => {
  const cut = (value: number): { value: number; low: number; high: number } => ({ value, low: value, high: Infinity });

  it('leave the median alone as long as they lie above it', () => {
    const found = estimate([exactly(1), exactly(2), cut(9)]);
    expect(found).toMatchObject({ median: 2, bound: 'exact', low: 1, high: Infinity });
  });

  it('make it a lower bound where they are in the middle', () => {
    expect(estimate([exactly(1), cut(2), cut(9)])).toMatchObject({ median: 2, bound: 'at-least' });
  });

  it('never make a difference look shown on their open side', () => {
    const five = [10, 11, 12, 13, 14];
    const faster = ratioOfRuns(
      five.map(cut),
      five.map((value) => exactly(2 * value)),
    );
    expect(faster).toMatchObject({ bound: 'at-most', low: 0 });
    expect(excludes(faster, 1)).toBe(false);
    const slower = ratioOfRuns(
      five.map(exactly),
      five.map((value) => cut(2 * value)),
    );
    expect(slower).toMatchObject({ bound: 'at-least', high: Infinity });
    expect(excludes(slower, 1)).toBe(true);
  });
});

describe('outliers', () => {
  it('are named with their distance in scaled deviations', () => {
    const [found, ...more] = findOutliers([10, 11, 10, 9, 30]);
    expect(more).toEqual([]);
    expect(found?.index).toBe(4);
    expect(found?.deviations).toBeCloseTo(20 / 1.4826, 6);
  });

  it.each([
    ['four values', [10, 11, 10, 30]],
    ['more than half the same', [10, 10, 10, 10, 30]],
    ['all within a tenth', [10, 10.01, 9.99, 10, 10.5]],
  ])('are not told of %s', (_, values) => {
    expect(findOutliers(values)).toEqual([]);
  });

  it('are the same in minutes', () => {
    fc.assert(
      fc.property(samples, (values) => {
        const indexes = findOutliers(values).map(({ index }) => index);
        expect(findOutliers(values.map((value) => value * 64)).map(({ index }) => index)).toEqual(indexes);
      }),
    );
  });
});

describe('the ratio of two runs', () => {
  const ranksOf = (m: number, n: number): readonly [low: number, high: number, coverage: number] => {
    // Values whose quotients are all different.
    const before = upTo(m).map((i) => 1 + Math.sqrt(2) * i);
    const after = upTo(n).map((i) => 1 + Math.sqrt(3) * i);
    const all = after.flatMap((a) => before.map((b) => a / b)).toSorted((a, b) => a - b);
    const { low, high, coverage } = ratioOfRuns(before.map(exactly), after.map(exactly));
    return [all.indexOf(low) + 1, all.length - all.indexOf(high), coverage];
  };

  // The critical values of Mann and Whitney's U, two-sided at 0.05, as printed in textbooks; the rank is one above.
  it.each([
    [4, 4, 0],
    [5, 5, 2],
    [5, 6, 3],
    [6, 6, 5],
    [7, 7, 8],
    [8, 8, 13],
    [10, 10, 23],
    [20, 20, 127],
  ])('of %d and %d builds leaves out the lowest and highest %d quotients', (m, n, critical) => {
    const [low, high, coverage] = ranksOf(m, n);
    expect([low, high]).toEqual([critical + 1, critical + 1]);
    expect(coverage).toBeGreaterThanOrEqual(0.95);
  });

  it('has the coverage that counting all orders gives', () => {
    for (const [m, n] of [
      [1, 1],
      [2, 3],
      [3, 3],
      [4, 6],
      [5, 5],
    ] as const) {
      const [rank, , coverage] = ranksOf(m, n);
      expect(coverage).toBeCloseTo(1 - 2 * tail(m, n, rank - 1), 10);
    }
  });

  it('stays exact for a hundred builds each', () => {
    const [low, high, coverage] = ranksOf(100, 100);
    // The normal approximation of the critical value: mn/2 - 1.96 sqrt(mn(m+n+1)/12).
    expect(Math.abs(low - 4198)).toBeLessThan(5);
    expect(high).toBe(low);
    expect(coverage).toBeGreaterThanOrEqual(0.95);
    expect(coverage).toBeLessThan(0.951);
  });

  it('of a run with itself is 1, and shows no difference', () => {
    fc.assert(
      fc.property(samples, (values) => {
        const ratio = ratioOfRuns(values.map(exactly), values.map(exactly));
        expect(ratio.median).toBeCloseTo(1, 9);
        expect(ratio.low).toBeLessThanOrEqual(1);
        expect(ratio.high).toBeGreaterThanOrEqual(1);
        expect(excludes(ratio, 1)).toBe(false);
      }),
    );
  });

  it('turns around with the runs, and forgets their order', () => {
    fc.assert(
      fc.property(samples, samples, (a, b) => {
        const there = ratioOfRuns(a.map(exactly), b.map(exactly));
        const back = ratioOfRuns(b.map(exactly), a.map(exactly));
        expect(back.low * there.high).toBeCloseTo(1, 9);
        expect(back.high * there.low).toBeCloseTo(1, 9);
        expect(ratioOfRuns(a.toReversed().map(exactly), b.toReversed().map(exactly))).toEqual(there);
      }),
    );
  });

  it('has something to say of nothing moved: 0 of 0 is no change, 1 of 0 is from nothing', () => {
    const three = (value: number): ReturnType<typeof exactly>[] => [value, value, value].map(exactly);
    expect(ratioOfRuns(three(0), three(0))).toMatchObject({ median: 1, low: 1, high: 1 });
    expect(ratioOfRuns(three(0), three(5))).toMatchObject({ median: Infinity, low: Infinity, bound: 'exact' });
  });
});

/** P(U ≤ u) by going through every way to lay out m of m + n values. */
function tail(m: number, n: number, u: number): number {
  let all = 0;
  let within = 0;
  for (let bits = 0; bits < 2 ** (m + n); bits += 1) {
    const ranks = upTo(m + n).filter((rank) => (bits >> (rank - 1)) & 1);
    if (ranks.length !== m) continue;
    all += 1;
    if (ranks.reduce((sum, rank) => sum + rank, 0) - (m * (m + 1)) / 2 <= u) within += 1;
  }
  return within / all;
}
