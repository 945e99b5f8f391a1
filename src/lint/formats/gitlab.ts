import { digestOf, hexOf } from '../../core/digest.ts';
import type { LintReport, ReportedFinding } from '../report.ts';
import type { Severity } from '../types.ts';

const LEVELS: Readonly<Record<Severity, string>> = { high: 'major', medium: 'minor', low: 'minor', info: 'info' };

/** GitLab's code quality report: docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format */
export function formatGitlab({ findings }: LintReport): string {
  const seen = new Map<string, number>();
  const issues = findings.map((finding) => {
    // The same fault keeps its fingerprint when lines move; a second one like it gets its own.
    const base = [finding.ruleId, finding.file, finding.sourceLine.trim()].join('\u0000');
    const count = seen.get(base) ?? 0;
    seen.set(base, count + 1);
    return toIssue(finding, `${base}\u0000${count}`);
  });
  return `${JSON.stringify(issues, null, 2)}\n`;
}

function toIssue({ ruleId, severity, message, cost, file, start, end }: ReportedFinding, identity: string): object {
  return {
    check_name: ruleId,
    description: `${message}. Cost: ${cost}.`,
    fingerprint: hexOf(digestOf(identity)),
    severity: LEVELS[severity],
    location: { path: file, lines: { begin: start.line, end: end.line } },
  };
}
