import type { Confidence, Group, Severity } from '../severity.ts';

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
