import { byteLength, isSpace } from './go-text.ts';
import type { SourceLine, SourceText } from './source-lines.ts';
import type { LineSegment } from './tree.ts';

/** An instruction's line with its continuations joined. */
export interface LogicalLine {
  readonly text: string;
  /** Offset of its first character in the source. */
  readonly start: number;
  /** Empty when it is a single physical line. */
  readonly segments: readonly LineSegment[];
  readonly emptyLines: readonly number[];
  /** Index of the first physical line behind it. */
  readonly nextIndex: number;
}

/** BuildKit reads lines with a bufio.Scanner of 64 KiB; a longer physical line ends its parser. */
export const MAX_LINE_BYTES = 65_536;

export function isTooLong(text: string, line: SourceLine): boolean {
  const length = line.end - line.start;
  if (length * 3 < MAX_LINE_BYTES) return false;
  const raw = text.slice(line.start, line.end);
  const mark = line.number === 1 && line.start === 1 ? 3 : 0;
  return byteLength(raw) + mark > (raw.endsWith('\n') ? MAX_LINE_BYTES : MAX_LINE_BYTES - 1);
}

/** Where the line's text ends when `\r` and `\n` are taken off its end. */
export function contentEnd(text: string, line: SourceLine): number {
  let end = line.end;
  while (end > line.start && (text.charCodeAt(end - 1) === 0x0a || text.charCodeAt(end - 1) === 0x0d)) end--;
  return end;
}

export function isCommentLine(text: string, line: SourceLine): boolean {
  for (let at = line.start; at < line.end; at++) {
    if (!isSpace(text.charCodeAt(at))) return text[at] === '#';
  }
  return false;
}

/**
 * Joins a line with those that continue it. Leading space counts only on the continuation lines, comment lines and empty lines between them are passed over.
 * Source: Parse, github.com/moby/buildkit/blob/v0.33.1/frontend/dockerfile/parser/parser.go#L324
 */
export function readLogicalLine(source: SourceText, from: number, escape: string): LogicalLine {
  const { text } = source;
  const single = readSingleLine(source, from, escape);
  if (single !== undefined) return single;
  const parts: string[] = [];
  const segments: LineSegment[] = [];
  const emptyLines: number[] = [];
  let length = 0;
  let index = from;
  for (let line = source.lineAt(index); line !== undefined; line = source.lineAt(++index)) {
    const isFirst = index === from;
    if (!isFirst && isCommentLine(text, line)) continue;
    const end = contentEnd(text, line);
    const indented = skipSpaceUntil(text, line.start, end);
    const start = isFirst ? indented : line.start;
    if (!isFirst && indented === end) {
      emptyLines.push(line.number);
      continue;
    }
    const continued = continuationStart(text, { start, end }, escape);
    const part = text.slice(start, continued ?? end);
    segments.push({ logicalStart: length, sourceStart: start });
    parts.push(part);
    length += part.length;
    if (continued === undefined) {
      index++;
      break;
    }
  }
  return { text: parts.join(''), start: segments[0]?.sourceStart ?? 0, segments, emptyLines, nextIndex: index };
}

/** Most lines are not continued: they need no list of parts. */
function readSingleLine(source: SourceText, from: number, escape: string): LogicalLine | undefined {
  const line = source.lineAt(from);
  if (line === undefined) return undefined;
  const { text } = source;
  const end = contentEnd(text, line);
  const start = skipSpaceUntil(text, line.start, end);
  if (continuationStart(text, { start, end }, escape) !== undefined) return undefined;
  return { text: text.slice(start, end), start, segments: NOTHING, emptyLines: NOTHING, nextIndex: from + 1 };
}

const NOTHING: readonly never[] = [];

/** Offset in the source of a place in the logical line. The end of a part is given as such, not as the start of the next part. */
export function sourceOffset(line: LogicalLine, logical: number, side: 'start' | 'end'): number {
  if (line.segments.length === 0) return line.start + logical;
  let low = 0;
  let high = line.segments.length - 1;
  const isBefore = (segment: LineSegment | undefined): boolean =>
    segment !== undefined && (side === 'start' ? segment.logicalStart <= logical : segment.logicalStart < logical);
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (isBefore(line.segments[middle])) low = middle;
    else high = middle - 1;
  }
  const segment = line.segments[low];
  return segment === undefined ? 0 : segment.sourceStart + logical - segment.logicalStart;
}

function skipSpaceUntil(text: string, from: number, end: number): number {
  let at = from;
  while (at < end && isSpace(text.charCodeAt(at))) at++;
  return at;
}

/**
 * Where the continuation character stands, when the line ends in one: not escaped by another one before it, unless it is alone on its line.
 * Source: setEscapeToken, github.com/moby/buildkit/blob/v0.33.1/frontend/dockerfile/parser/parser.go#L150
 */
function continuationStart(text: string, line: { start: number; end: number }, escape: string): number | undefined {
  let at = line.end - 1;
  while (at >= line.start && (text[at] === ' ' || text[at] === '\t')) at--;
  if (at < line.start || text[at] !== escape) return undefined;
  return at === line.start || text[at - 1] !== escape ? at : undefined;
}
