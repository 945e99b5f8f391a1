import type { Position, Range } from './tree.ts';

/** One physical line. */
export interface SourceLine {
  readonly start: number;
  /** Behind the line end. */
  readonly end: number;
  /** From 1. */
  readonly number: number;
}

export interface SourceText {
  readonly text: string;
  readonly lines: readonly SourceLine[];
  positionAt(offset: number): Position;
  rangeOf(start: number, end: number): Range;
}

/** Splits at `\n` only, keeping it, as scanLines in parser.go does; a `\r` stays part of its line. A byte order mark belongs to no line. */
export function readSourceText(text: string): SourceText {
  const lines: SourceLine[] = [];
  let start = text.startsWith('\ufeff') ? 1 : 0;
  while (start < text.length) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline + 1;
    lines.push({ start, end, number: lines.length + 1 });
    start = end;
  }
  const positionAt = (offset: number): Position => {
    const index = lineIndexAt(lines, offset);
    const line = lines[index];
    if (line === undefined) return { offset, line: 1, column: offset + 1 };
    if (offset === line.end && text.charCodeAt(offset - 1) === 0x0a)
      return { offset, line: line.number + 1, column: 1 };
    return { offset, line: line.number, column: offset - line.start + 1 };
  };
  return { text, lines, positionAt, rangeOf: (from, to) => ({ start: positionAt(from), end: positionAt(to) }) };
}

function lineIndexAt(lines: readonly SourceLine[], offset: number): number {
  let low = 0;
  let high = lines.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lines[middle]?.start ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
