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
 * What vitest's JSON report says. A run that ended badly counts at least one failure, also when it left no report, was
 * killed, found no test, or failed outside of any test.
 */
export function countReport(report: string | undefined, exitCode: number): Counts {
  const counts = report === undefined ? NO_TESTS : parseReport(report);
  const isBad = exitCode !== 0 || report === undefined;
  return isBad && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

function parseReport(report: string): Counts {
  const json = JSON.parse(report) as Record<string, number | undefined>;
  return {
    passed: json['numPassedTests'] ?? 0,
    failed: json['numFailedTests'] ?? 0,
    skipped: (json['numPendingTests'] ?? 0) + (json['numTodoTests'] ?? 0),
  };
}
