import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { median, mediansByKey, summarize } from '../../../bench/lib/statistics.ts';

describe('median', () => {
  test.each([
    [[7], 7],
    [[3, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
    [[10, 9, 100], 10],
  ])('of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  test('of nothing is an error', () => {
    expect(() => median([])).toThrow('nothing');
  });

  test('has as many values below as above, whatever the order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1 }), (values) => {
        const center = median(values);
        const below = values.filter((value) => value < center).length;
        const above = values.filter((value) => value > center).length;
        expect(Math.max(below, above)).toBeLessThanOrEqual(values.length / 2);
        expect(median([...values].reverse())).toBe(center);
      }),
    );
  });
});

test('summarize gives count, median, extremes and the median distance from the median', () => {
  expect(summarize([10, 12, 11, 30, 11])).toEqual({ count: 5, median: 11, min: 10, max: 30, mad: 1 });
  expect(summarize([])).toBeUndefined();
});

test('mediansByKey counts only records that have the key', () => {
  expect(mediansByKey([{ a: 1, b: 5 }, { a: 3 }, { a: 2, b: 7 }])).toEqual({ a: 2, b: 6 });
});
