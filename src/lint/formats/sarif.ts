import type { LintReport, ReportedFinding } from '../report.ts';
import type { Rule, Severity } from '../types.ts';

/** SARIF 2.1.0: docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html */
export function formatSarif({ findings, rules, version }: LintReport): string {
  const indexes = new Map(rules.map((rule, index) => [rule.id, index]));
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'slipway', semanticVersion: version, rules: rules.map(toDescriptor) } },
        columnKind: 'utf16CodeUnits',
        results: findings.map((finding) => toResult(finding, indexes.get(finding.ruleId))),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

const LEVELS: Readonly<Record<Severity, string>> = { high: 'error', medium: 'warning', low: 'note', info: 'note' };

function toDescriptor(rule: Rule): object {
  return {
    id: rule.id,
    shortDescription: { text: rule.summary },
    help: { text: `${rule.summary}. \`slipway lint --explain ${rule.id}\` tells more.` },
    defaultConfiguration: { level: LEVELS[rule.severity] },
    properties: { tags: [rule.group], 'problem.severity': rule.severity },
  };
}

function toResult(finding: ReportedFinding, ruleIndex: number | undefined): object {
  const { ruleId, severity, confidence, message, cost, file, start, end } = finding;
  const region = { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column };
  return {
    ruleId,
    ...(ruleIndex === undefined ? {} : { ruleIndex }),
    level: LEVELS[severity],
    message: { text: `${message}. Cost: ${cost}.` },
    locations: [{ physicalLocation: { artifactLocation: toLocation(file), region } }],
    ...toFixes(finding),
    properties: { severity, confidence },
  };
}

function toFixes({ fix, preview }: ReportedFinding): { fixes?: readonly object[] } {
  // The specification's fixes may be applied without asking, so only safe ones are handed on.
  if (fix === undefined || !fix.isSafe || preview === undefined || preview.length === 0) return {};
  const changes = [...Map.groupBy(preview, ({ file }) => file)].map(([file, edits]) => ({
    artifactLocation: toLocation(file),
    replacements: edits.map(({ startLine, lineCount, inserted }) => ({
      deletedRegion: { startLine, startColumn: 1, endLine: startLine + lineCount, endColumn: 1 },
      insertedContent: { text: inserted.join('') },
    })),
  }));
  return { fixes: [{ description: { text: fix.title }, artifactChanges: changes }] };
}

/** A relative reference, each part percent-encoded. */
function toLocation(file: string): object {
  return { uri: file.split('/').map(encodeURIComponent).join('/') };
}
