import { formatWorkflowCommand, type AnnotationLevel } from '../../core/workflow-command.ts';
import type { LintReport, ReportedFinding } from '../report.ts';
import type { Severity } from '../types.ts';

const LEVELS: Readonly<Record<Severity, AnnotationLevel>> = {
  high: 'error',
  medium: 'warning',
  low: 'notice',
  info: 'notice',
};

/** Workflow commands that GitHub shows as annotations. */
export function formatGithub({ findings }: LintReport): string {
  return findings.map(toCommand).join('');
}

function toCommand({ severity, file, start, end, ruleId, message, cost }: ReportedFinding): string {
  // A column is only taken where both ends are on one line.
  const columns: Record<string, number> = start.line === end.line ? { col: start.column, endColumn: end.column } : {};
  const properties = { file, line: start.line, endLine: end.line, ...columns, title: `slipway: ${ruleId}` };
  return formatWorkflowCommand(LEVELS[severity], properties, `${message}. Cost: ${cost}.`);
}
