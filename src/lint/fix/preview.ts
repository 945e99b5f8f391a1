import type { FileTree } from '../../core/file-tree.ts';
import { diffLines, splitLines } from '../diff/line-diff.ts';
import type { Finding } from '../types.ts';
import { applyEdits } from './apply-edits.ts';
import { textToEdit } from './overlay-tree.ts';

/** Whole lines that a fix, made alone, puts in the place of others. */
export interface LineEdit {
  readonly file: string;
  /** From 1: the first line that goes, or the line above which lines come when none goes. */
  readonly startLine: number;
  /** How many lines go. */
  readonly lineCount: number;
  readonly removed: readonly string[];
  /** With their line ends. */
  readonly inserted: readonly string[];
}

/** What a finding's fix would change, made alone; undefined without a fix, or when it can't be made. */
export function previewFix(
  finding: Finding,
  files: FileTree,
  isDockerfile: (path: string) => boolean,
): readonly LineEdit[] | undefined {
  const { fix } = finding;
  if (fix === undefined || fix.edits.length === 0) return undefined;
  const result: LineEdit[] = [];
  for (const [file, edits] of Map.groupBy(fix.edits, (edit) => edit.file)) {
    const text = textToEdit(files, file);
    const after = text === undefined ? undefined : applyEdits(text, edits, isDockerfile(file));
    if (text === undefined || after === undefined) return undefined;
    const before = splitLines(text);
    for (const { oldStart, oldCount, lines } of diffLines(before, splitLines(after))) {
      const removed = before.slice(oldStart, oldStart + oldCount);
      result.push({ file, startLine: oldStart + 1, lineCount: oldCount, removed, inserted: lines });
    }
  }
  return result;
}
