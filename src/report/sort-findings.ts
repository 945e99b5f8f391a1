import type { ReportFinding } from './data.ts';

const SEVERITIES: readonly ReportFinding['severity'][] = ['high', 'medium', 'low', 'info'];

/** The one to mend next first: what costs most, then what is sure, then what a safe fix mends at once. */
export function sortFindings(findings: readonly ReportFinding[]): readonly ReportFinding[] {
  return findings.toSorted(
    (a, b) =>
      SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
      Number(a.confidence === 'low') - Number(b.confidence === 'low') ||
      ease(a) - ease(b) ||
      (a.file < b.file ? -1 : Number(a.file > b.file)) ||
      a.line - b.line,
  );
}

function ease({ fix }: ReportFinding): number {
  if (fix === undefined) return 2;
  return fix.isSafe ? 0 : 1;
}
