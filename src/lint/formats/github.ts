import type { LintReport, ReportedFinding } from '../report.ts';
import type { Severity } from '../types.ts';

const COMMANDS: Readonly<Record<Severity, string>> = {
  high: 'error',
  medium: 'warning',
  low: 'notice',
  info: 'notice',
};

/** Workflow commands that GitHub shows as annotations: docs.github.com/actions/reference/workflow-commands-for-github-actions */
export function formatGithub({ findings }: LintReport): string {
  return findings.map(toCommand).join('');
}

function toCommand({ severity, file, start, end, ruleId, message, cost }: ReportedFinding): string {
  // A column is only taken where both ends are on one line.
  const columns = start.line === end.line ? { col: start.column, endColumn: end.column } : {};
  const properties = { file, line: start.line, endLine: end.line, ...columns, title: `slipway: ${ruleId}` };
  const list = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
  return `::${COMMANDS[severity]} ${list.join(',')}::${escapeData(`${message}. Cost: ${cost}.`)}\n`;
}

/** Source: escapeData and escapeProperty, github.com/actions/toolkit/blob/main/packages/core/src/command.ts */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
