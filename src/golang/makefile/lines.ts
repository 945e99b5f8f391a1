import { behindReference } from './text.ts';

/** A line of a Makefile with those that continue it. */
export interface MakeLine {
  readonly line: number;
  /** Offset of its start in the file. */
  readonly start: number;
  /** Behind its last character, without the line end. */
  readonly end: number;
  /** As written, continuations included. */
  readonly raw: string;
  readonly nextLine: number;
}

/** Splits a Makefile into lines; a backslash at the end takes the next line along. */
export function splitMakeLines(text: string): readonly MakeLine[] {
  const lines: MakeLine[] = [];
  let line = 1;
  for (let start = 0; start < text.length; ) {
    let end = start;
    let count = 0;
    for (;;) {
      const newline = text.indexOf('\n', end);
      count++;
      end = newline < 0 ? text.length : newline;
      if (newline < 0 || !isContinued(text, start, end)) break;
      end++;
    }
    const nextStart = end + 1;
    const contentEnd = end > start && text[end - 1] === '\r' ? end - 1 : end;
    lines.push({ line, start, end: contentEnd, raw: text.slice(start, contentEnd), nextLine: line + count });
    line += count;
    start = nextStart;
  }
  return lines;
}

function isContinued(text: string, start: number, end: number): boolean {
  let at = end - 1;
  if (text[at] === '\r') at--;
  let slashes = 0;
  while (at >= start && text[at] === '\\') {
    slashes++;
    at--;
  }
  return slashes % 2 === 1;
}

/** Continuations become one space each, with the white space around them; for all lines but those of recipes. */
export function joinContinuations(raw: string): string {
  return raw.includes('\n') ? raw.replace(/[ \t]*\\\r?\n[ \t]*/g, ' ') : raw;
}

/** Takes the comment off, and the backslash of `\#`. A `#` inside of a reference is text. */
export function stripComment(line: string): string {
  if (!line.includes('#')) return line;
  let result = '';
  for (let at = 0; at < line.length; at++) {
    const char = line[at] ?? '';
    const next = line[at + 1];
    if (char === '\\' && next === '#') {
      result += '#';
      at++;
    } else if (char === '$' && (next === '(' || next === '{')) {
      const close = behindReference(line, at + 1);
      const end = close < 0 ? line.length : close;
      result += line.slice(at, end);
      at = end - 1;
    } else if (char === '#') return result;
    else result += char;
  }
  return result;
}
