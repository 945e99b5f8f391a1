import type { LintReport, ReportedFinding } from '../report.ts';
import type { Confidence, Group, Severity } from '../types.ts';

/** The document of `--format json`; docs/formats/lint.md and lint.schema.json describe it. */
export interface LintDocument {
  readonly schemaVersion: 1;
  readonly findings: readonly JsonFinding[];
  /** Findings that were mended by `--fix`. */
  readonly fixed: readonly { readonly ruleId: string; readonly file: string }[];
  readonly fileCount: number;
}

export interface JsonFinding {
  readonly ruleId: string;
  readonly group: Group | null;
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly message: string;
  readonly cost: string;
  /** What makes the file, `''` when it doesn't say; null for files written by hand. */
  readonly generator: string | null;
  readonly fix: JsonFix | null;
}

export interface JsonFix {
  readonly safe: boolean;
  readonly title: string;
  /** Each puts `text` in the place of `lineCount` whole lines from `line` on. They belong together. */
  readonly edits: readonly {
    readonly file: string;
    readonly line: number;
    readonly lineCount: number;
    readonly text: string;
  }[];
}

export function formatJson(report: LintReport): string {
  const groups = new Map(report.rules.map((rule) => [rule.id, rule.group]));
  const document: LintDocument = {
    schemaVersion: 1,
    findings: report.findings.map((finding) => toJson(finding, groups.get(finding.ruleId) ?? null)),
    fixed: report.fixed.map(({ ruleId, file }) => ({ ruleId, file })),
    fileCount: report.fileCount,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
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
