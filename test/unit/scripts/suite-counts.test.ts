import { describe, expect, it } from 'vitest';
import { addCounts, countReport, formatCounts } from '../../../scripts/suite-counts.ts';

const report = (passed: number, failed: number, pending = 0): string =>
  JSON.stringify({ numPassedTests: passed, numFailedTests: failed, numPendingTests: pending, numTodoTests: 0 });

const ended = [
  { file: 'e2e/host', seconds: 29, passed: 18, failed: 0, skipped: 0 },
  { file: 'e2e/module-trees', seconds: 40, passed: 9, failed: 2, skipped: 6 },
];

describe('countReport', () => {
  it.each([
    ['a good run', report(3, 0), 0, { passed: 3, failed: 0, skipped: 0 }],
    ['skipped tests', report(3, 0, 2), 0, { passed: 3, failed: 0, skipped: 2 }],
    ['failed tests', report(3, 2), 1, { passed: 3, failed: 2, skipped: 0 }],
    ['a failure outside of any test', report(3, 0), 1, { passed: 3, failed: 1, skipped: 0 }],
    ['a run that was killed before its report', undefined, 124, { passed: 0, failed: 1, skipped: 0 }],
    ['no report though all seemed well', undefined, 0, { passed: 0, failed: 1, skipped: 0 }],
  ])('counts %s', (_, text, exitCode, counts) => {
    expect(countReport(text, exitCode)).toEqual(counts);
  });

  it('counts what had ended of a run that was killed, and the kill as a failure', () => {
    expect(countReport(undefined, 124, ended)).toEqual({ passed: 27, failed: 3, skipped: 6 });
  });

  it('takes nothing from there where there is a report', () => {
    expect(countReport(report(30, 0), 0, ended)).toEqual({ passed: 30, failed: 0, skipped: 0 });
  });
});

it('adds up and prints one plain line', () => {
  const total = addCounts({ passed: 3, failed: 0, skipped: 0 }, { passed: 4, failed: 1, skipped: 0 });
  expect(formatCounts(total)).toBe('7 passed, 1 failed');
  expect(formatCounts({ passed: 7, failed: 0, skipped: 2 })).toBe('7 passed, 0 failed, 2 skipped');
});
