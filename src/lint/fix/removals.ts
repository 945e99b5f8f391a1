import type { DockerfileTree, Range } from '../../dockerfile/tree.ts';

/** Other text in the place of a range. */
export interface Change extends Range {
  readonly text: string;
}

const CONTINUATION = /[ \t]*[\\`][ \t]*\r?\n[ \t]*/;
/** White space and line continuations, at the end or at the start of a text. */
const GAP_BEFORE = new RegExp(`(?:[ \\t]|${CONTINUATION.source})+$`);
const GAP_BEHIND = new RegExp(`^(?:${CONTINUATION.source}|[ \\t])+`);

/** A word with the gap before it, so that no line is left with nothing but its continuation. */
export function wordRemoval(text: string, { start, end }: Range): Change | undefined {
  const before = gapBefore(text, start);
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const startsLine = /^[ \t]*$/.test(text.slice(lineStart, start));
  const behind = GAP_BEHIND.exec(text.slice(end, end + 4096))?.[0] ?? '';
  // First on its line with more behind it: keep the indentation.
  if (startsLine && behind !== '' && !behind.includes('\n')) return { start, end: end + behind.length, text: '' };
  // Alone on a line that continues: the line goes, comments above it stay.
  if (startsLine && behind.includes('\n') && lineStart > 0) {
    return { start: lineStart, end: text.indexOf('\n', end) + 1, text: '' };
  }
  // Last, below a comment line: what is above would continue into nothing.
  if (startsLine && !before.includes('\n')) return undefined;
  return { start: start - before.length, end, text: '' };
}

function gapBefore(text: string, at: number): string {
  return GAP_BEFORE.exec(text.slice(Math.max(at - 4096, 0), at))?.[0] ?? '';
}

/** A flag of an instruction: with the gap before it, or behind it when it is the first. */
export function flagRemoval(tree: DockerfileTree, text: string, range: Range): Change | undefined {
  const node = tree.instructions.find((each) => each.range.start <= range.start && range.end <= each.range.end);
  const index = node?.flags.findIndex((flag) => flag.range.start === range.start) ?? -1;
  if (node === undefined || index < 0) return undefined;
  const next = node.flags[index + 1]?.range.start ?? node.rest.range.start;
  const previous = node.flags[index - 1]?.range.end ?? node.keywordRange.end;
  if (index === 0 && !text.slice(range.end, next).includes('#')) return { start: range.start, end: next, text: '' };
  if (!text.slice(previous, range.start).includes('#')) return { start: previous, end: range.end, text: '' };
  return wordRemoval(text, range);
}
