import { describe, expect, test } from 'vitest';
import { judge, type Verdict } from '../../../bench/lib/goals.ts';
import type { Sample } from '../../../bench/lib/results.ts';

function sample(name: Sample['case'], variant: string, seconds: number, more: Partial<Sample> = {}): Sample {
  return { case: name, variant, repeat: 0, seconds, values: {}, at: '2026-01-01T00:00:00Z', ...more };
}

function find(verdicts: readonly Verdict[], goal: RegExp, subject: string): Verdict {
  const found = verdicts.filter((verdict) => goal.test(verdict.goal) && verdict.subject === subject);
  expect(found).toHaveLength(1);
  return found[0] as Verdict;
}

const WARM = {
  restoreAndBuild: 36,
  restoreAndSave: 20,
  save: 3,
  requestBodyBytes: 900_000,
  peakBytes: 200 * 1_048_576,
};

describe('judge', () => {
  const samples = [
    sample('cold', 'base missing', 240),
    sample('cold', 'base present', 200),
    sample('persistent', 'main', 10),
    sample('base-pull', 'before main', 8),
    sample('base-pull', 'before leaf', 10),
    sample('base-pull', 'before wide', 12),
    sample('warm-present', 'main', 39, { values: WARM }),
    sample('warm-missing', 'main', 60, { values: { ...WARM, restoreAndBuild: 41 } }),
    sample('copy', 'main', 200, { isCensored: true, values: { inAndOut: 150 } }),
    sample('already-warm', 'helper', 1.25),
    sample('already-warm', 'restore', 2),
    sample('start', 'node', 0.04),
    sample('start', 'source', 0.09),
    sample('start', 'bundle', 0.11),
  ];
  const verdicts = judge(samples);

  test.each([
    ['a ratio at its limit passes', /base image missing in both/, 'main', 4, true],
    ['cold over warm with the base image', /base image present in both/, 'main', 200 / 39, true],
    ['restore + build over persistent', /^base image present: restore/, 'main', 3.6, true],
    ['restore + build over pull + persistent is too slow', /^base image missing: restore/, 'main', 41 / 20, false],
    ['request bodies', /request bodies/, 'main', 900_000, true],
    ['save', /seconds of the save/, 'main', 3, true],
    ['a restore into warm mounts', /hold the snapshot/, 'none', 0.75, true],
    ['copying', /whole directories/, 'main', 7.5, true],
    ['memory', /peak memory .*restore/, 'main', 200 * 1_048_576, true],
    ['start from source', /--help/, 'source', 2.25, true],
    ['start of the bundle is too slow', /--help/, 'bundle', 2.75, false],
  ])('%s', (_, goal, subject, measured, isPassed) => {
    const verdict = find(verdicts, goal, subject);
    expect(verdict.measured).toBeCloseTo(measured, 6);
    expect(verdict.isPassed).toBe(isPassed);
  });

  test('a cut-off numerator makes the ratio a lower bound', () => {
    expect(find(verdicts, /whole directories/, 'main').isLowerBound).toBe(true);
    expect(find(verdicts, /base image missing in both/, 'main').isLowerBound).toBe(false);
  });

  test('medians over the rounds decide, and the largest peak', () => {
    const rounds = [30, 1000, 20].map((seconds) =>
      sample('warm-missing', 'leaf', seconds, { values: { peakBytes: seconds } }),
    );
    const again = judge([sample('cold', 'base missing', 240), ...rounds]);
    expect(find(again, /base image missing in both/, 'leaf').measured).toBe(8);
    expect(find(again, /peak memory .*restore/, 'main').measured).toBe(1000);
  });

  test('goals without samples are left out; the widely imported package is only reported', () => {
    expect(judge([])).toEqual([]);
    const wide = judge([sample('persistent', 'wide', 10), sample('warm-present', 'wide', 60, { values: WARM })]);
    expect(wide.length).toBeGreaterThan(0);
    expect(wide.filter((verdict) => verdict.subject === 'wide').every((verdict) => verdict.isReportOnly)).toBe(true);
  });
});
