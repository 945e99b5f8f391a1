export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const NO_TESTS: Counts = { passed: 0, failed: 0, skipped: 0 };

export function addCounts(a: Counts, b: Counts): Counts {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/** `12 passed, 0 failed`, and skipped ones only when there are any. */
export function formatCounts(counts: Counts): string {
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
  return `${counts.passed} passed, ${counts.failed} failed${skipped}`;
}

/**
 * What vitest's JSON report says. A run that ended badly counts at least one failure, also when it found no test, or failed
 * outside of any test. Without a report, as of a run that was killed, it is the sum of `ended`, its files
 * that came to their end, and one failure.
 */
export function countReport(report: string | undefined, exitCode: number, ended: readonly Counts[] = []): Counts {
  if (report === undefined) return ended.reduce(addCounts, { ...NO_TESTS, failed: 1 });
  const counts = parseReport(report);
  return exitCode !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

function parseReport(report: string): Counts {
  const json = JSON.parse(report) as Record<string, number | undefined>;
  return {
    passed: json['numPassedTests'] ?? 0,
    failed: json['numFailedTests'] ?? 0,
    skipped: (json['numPendingTests'] ?? 0) + (json['numTodoTests'] ?? 0),
  };
}
