import type { Position } from './tree.ts';

/** One physical line. */
export interface SourceLine {
  readonly start: number;
  /** Behind the line end. */
  readonly end: number;
  /** From 1. */
  readonly number: number;
}

/** The text with its lines; they are made when asked for, as a megabyte may hold a million of them. */
export interface SourceText {
  readonly text: string;
  readonly lineCount: number;
  /** By index from 0; undefined behind the last line. */
  lineAt(index: number): SourceLine | undefined;
  /** Length of the line at an index, with its line end; 0 behind the last line. */
  lengthAt(index: number): number;
  positionAt(offset: number): Position;
}

/** Splits at `\n` only, keeping it, as scanLines in parser.go does; a `\r` stays part of its line. A byte order mark belongs to no line. */
export function readSourceText(text: string): SourceText {
  const starts: number[] = [];
  for (let start = text.startsWith('\ufeff') ? 1 : 0; start < text.length; ) {
    starts.push(start);
    const newline = text.indexOf('\n', start);
    start = newline < 0 ? text.length : newline + 1;
  }
  const lineAt = (index: number): SourceLine | undefined => {
    const start = starts[index];
    return start === undefined ? undefined : { start, end: starts[index + 1] ?? text.length, number: index + 1 };
  };
  const lengthAt = (index: number): number => {
    const start = starts[index];
    return start === undefined ? 0 : (starts[index + 1] ?? text.length) - start;
  };
  const positionAt = (offset: number): Position => {
    const index = lineIndexAt(starts, offset);
    const start = starts[index] ?? 0;
    const isBehindLast = offset === text.length && offset > start && text.charCodeAt(offset - 1) === 0x0a;
    if (isBehindLast) return { offset, line: index + 2, column: 1 };
    return { offset, line: index + 1, column: offset - start + 1 };
  };
  return { text, lineCount: starts.length, lineAt, lengthAt, positionAt };
}

/** The line that an offset lies in, from 0; `starts` are the lines' first offsets. */
export function lineIndexAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return Math.max(low, 0);
}
