import type { HclValue } from './hcl-types.ts';

/** What is wrong with an HCL text, and at which offset. */
export class HclError extends Error {
  readonly offset: number;

  constructor(offset: number, message: string) {
    super(message);
    this.name = 'HclError';
    this.offset = offset;
  }
}

/** Where reading stands. It carries the reader of expressions, which strings need and which needs strings. */
export interface Cursor {
  readonly text: string;
  at: number;
  depth: number;
  readonly readExpression: (cursor: Cursor) => HclValue;
}

const MAX_DEPTH = 64;

/** Space and comments; line ends only where they mean nothing. */
export function skipSpace(cursor: Cursor, hasLineEnds: boolean): void {
  const { text } = cursor;
  for (;;) {
    const char = text[cursor.at];
    if (char === ' ' || char === '\t' || char === '\r' || (char === '\n' && hasLineEnds)) cursor.at += 1;
    else if (char === '#' || text.startsWith('//', cursor.at)) {
      const newline = text.indexOf('\n', cursor.at);
      cursor.at = newline < 0 ? text.length : newline;
    } else if (text.startsWith('/*', cursor.at)) {
      const end = text.indexOf('*/', cursor.at);
      if (end < 0) throw new HclError(cursor.at, 'a comment is not closed');
      cursor.at = end + 2;
    } else return;
  }
}

export function skipSeparators(cursor: Cursor, unclosed: string): void {
  const start = cursor.at;
  for (;;) {
    skipSpace(cursor, true);
    if (cursor.text[cursor.at] === undefined) throw new HclError(start, unclosed);
    if (cursor.text[cursor.at] !== ',') return;
    cursor.at += 1;
  }
}

export function readIdentifier(cursor: Cursor): string | undefined {
  const match = /^[\p{L}_][\p{L}\p{N}_-]*/u.exec(cursor.text.slice(cursor.at, cursor.at + 200));
  if (match === null) return undefined;
  cursor.at += match[0].length;
  return match[0];
}

export function unknown(cursor: Cursor, start: number): HclValue {
  return { kind: 'unknown', text: cursor.text.slice(start, cursor.at), range: { start, end: cursor.at } };
}

/** Text that nests without end is refused before the stack is used up. */
export function nested<Value>(cursor: Cursor, read: () => Value): Value {
  if (cursor.depth >= MAX_DEPTH) throw new HclError(cursor.at, 'values are nested too deeply');
  cursor.depth += 1;
  try {
    return read();
  } finally {
    cursor.depth -= 1;
  }
}
