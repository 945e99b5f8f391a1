import type { LintReport, ReportedFinding } from '../report.ts';
import type { Group } from '../types.ts';
import type { JsonFinding, LintDocument } from './lint-document.ts';

export function formatJson(report: LintReport): string {
  return `${JSON.stringify(toLintDocument(report), null, 2)}\n`;
}

export function toLintDocument(report: Pick<LintReport, 'rules' | 'findings' | 'fixed' | 'fileCount'>): LintDocument {
  const groups = new Map(report.rules.map((rule) => [rule.id, rule.group]));
  return {
    schemaVersion: 1,
    findings: report.findings.map((finding) => toJson(finding, groups.get(finding.ruleId) ?? null)),
    fixed: report.fixed.map(({ ruleId, file }) => ({ ruleId, file })),
    fileCount: report.fileCount,
  };
}

function toJson(finding: ReportedFinding, group: Group | null): JsonFinding {
  const { ruleId, severity, confidence, file, start, end, message, cost, fix, preview } = finding;
  return {
    ruleId,
    group,
    severity,
    confidence,
    file,
    line: start.line,
    column: start.column,
    endLine: end.line,
    endColumn: end.column,
    message,
    cost,
    generator: finding.generator ?? null,
    fix:
      fix === undefined || preview === undefined
        ? null
        : {
            safe: fix.isSafe,
            title: fix.title,
            edits: preview.map((edit) => ({
              file: edit.file,
              line: edit.startLine,
              lineCount: edit.lineCount,
              text: edit.inserted.join(''),
            })),
          },
  };
}
