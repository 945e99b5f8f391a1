import { redact } from '../../core/redact.ts';
import type { LintReport, ReportedFinding } from '../report.ts';
import { SEVERITIES, type Severity } from '../types.ts';

export type TextStyle = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

export interface TextOptions {
  readonly paint: (style: TextStyle, text: string) => string;
}

/** Findings for people: where, the line with a mark below it, why, what it costs, what the fix would change, and a closing line. */
export function formatText(report: LintReport, { paint }: TextOptions): string {
  const blocks = report.findings.map((finding) => formatFinding(finding, paint));
  return [...blocks, formatSummary(report)].join('\n');
}

const COLOURS: Readonly<Record<Severity, TextStyle>> = { high: 'red', medium: 'yellow', low: 'cyan', info: 'dim' };

function formatFinding(finding: ReportedFinding, paint: TextOptions['paint']): string {
  const { file, start, severity, ruleId, confidence } = finding;
  const doubt = confidence === 'low' ? paint('dim', ' (not sure)') : '';
  const lines = [
    `${paint('bold', `${file}:${start.line}:${start.column}`)} ${paint(COLOURS[severity], severity)} ${ruleId}${doubt}`,
    ...excerpt(finding, paint),
    `  why:  ${finding.message}`,
    `  cost: ${finding.cost}`,
    ...formatFix(finding, paint),
  ];
  return `${lines.join('\n')}\n`;
}

const MOST_COLUMNS = 160;

function excerpt({ start, end, sourceLine }: ReportedFinding, paint: TextOptions['paint']): readonly string[] {
  const number = String(start.line);
  const gutter = ' '.repeat(number.length);
  // A tab counts as one column in the position, so it is shown as one.
  const shown = printable(redact(sourceLine).replaceAll('\t', ' '));
  const columnOf = (column: number): number => redact(sourceLine.slice(0, column - 1)).length + 1;
  const first = columnOf(start.column);
  const from = first > MOST_COLUMNS - 20 ? first - 40 : 0;
  const last = end.line === start.line ? columnOf(end.column) : shown.length + 1;
  const width = Math.max(Math.min(last, from + MOST_COLUMNS) - first, 1);
  const cut = `${from > 0 ? '…' : ''}${shown.slice(from, from + MOST_COLUMNS)}`;
  const indent = ' '.repeat(first - 1 - from + (from > 0 ? 1 : 0));
  return [
    `  ${paint('dim', `${number} |`)} ${cut}`,
    `  ${paint('dim', `${gutter} |`)} ${indent}${paint('red', '^'.repeat(width))}`,
  ];
}

function formatFix({ fix, generator, preview }: ReportedFinding, paint: TextOptions['paint']): readonly string[] {
  if (generator !== undefined) {
    return [`  fix:  the file is generated${generator === '' ? '' : ` by \`${generator}\``}: mend it there`];
  }
  if (fix === undefined) return [];
  const how = fix.isSafe ? 'safe' : 'with --unsafe-fixes';
  const lines = (preview ?? []).flatMap(({ removed, inserted }) => [
    ...removed.map((line) => paint('red', `    - ${endless(line)}`)),
    ...inserted.map((line) => paint('green', `    + ${endless(line)}`)),
  ]);
  return [`  fix:  ${fix.title} (${how})`, ...lines];
}

function endless(line: string): string {
  return printable(redact(line.replace(/\r?\n$/, '')).replaceAll('\t', '    '));
}

/** Control characters of a hostile file must not reach a terminal. */
function printable(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '�');
}

function formatSummary({ findings, fileCount, unreadCount, fixed }: LintReport): string {
  const unread = unreadCount === 0 ? '' : `, ${unreadCount} can't be read`;
  const files = `${fileCount} ${fileCount === 1 ? 'file' : 'files'}${unread}`;
  const mended = fixed.length === 0 ? '' : `${fixed.length} fixed, `;
  if (findings.length === 0) return `${mended}nothing found in ${files}\n`;
  const counts = SEVERITIES.toReversed()
    .map((severity) => [findings.filter((each) => each.severity === severity).length, severity] as const)
    .filter(([count]) => count > 0)
    .map(([count, severity]) => `${count} ${severity}`);
  const safe = findings.filter(({ fix }) => fix?.isSafe === true).length;
  const hint = safe === 0 ? '' : `; \`slipway lint --fix\` mends ${safe}`;
  const word = findings.length === 1 ? 'finding' : 'findings';
  return `${mended}${findings.length} ${word} in ${files}: ${counts.join(', ')}${hint}\n`;
}
