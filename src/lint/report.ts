import type { FileTree } from '../core/file-tree.ts';
import { previewFix, type LineEdit } from './fix/preview.ts';
import { positionsOf, type LinePosition } from './positions.ts';
import type { Finding, Rule } from './types.ts';

/** A finding with all that a format may print. */
export interface ReportedFinding extends Finding {
  readonly start: LinePosition;
  readonly end: LinePosition;
  /** The line it starts on, without its end. */
  readonly sourceLine: string;
  /** What its fix would change; undefined when there is none. */
  readonly preview: readonly LineEdit[] | undefined;
}

/** What every format is made from. */
export interface LintReport {
  readonly findings: readonly ReportedFinding[];
  /** How many files were looked at. */
  readonly fileCount: number;
  /** Faults for which something wasn't looked at. */
  readonly unreadCount: number;
  /** Findings that `--fix` mended. */
  readonly fixed: readonly Finding[];
  readonly rules: readonly Rule[];
  readonly version: string;
}

/** Adds places, source lines and previews to findings. */
export function reportFindings(
  findings: readonly Finding[],
  files: FileTree,
  isDockerfile: (path: string) => boolean,
): readonly ReportedFinding[] {
  const texts = new Map<string, { text: string; at: (offset: number) => LinePosition }>();
  const textOf = (file: string): { text: string; at: (offset: number) => LinePosition } => {
    const known = texts.get(file);
    if (known !== undefined) return known;
    const text = files.read(file) ?? '';
    const made = { text, at: positionsOf(text) };
    texts.set(file, made);
    return made;
  };
  return findings.map((finding) => {
    const { text, at } = textOf(finding.file);
    const start = at(finding.range.start);
    return {
      ...finding,
      start,
      end: at(finding.range.end),
      sourceLine: lineAround(text, finding.range.start),
      preview: previewFix(finding, files, isDockerfile),
    };
  });
}

function lineAround(text: string, offset: number): string {
  const start = offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', offset);
  return text
    .slice(start, end < 0 ? undefined : end)
    .replace(/\r$/, '')
    .replace(/^\ufeff/, '');
}
