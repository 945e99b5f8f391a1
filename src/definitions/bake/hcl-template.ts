import { type Cursor, HclError, nested, skipSpace } from './hcl-cursor.ts';
import type { HclValue, TemplatePart } from './hcl-types.ts';

/** A string in quotes; the cursor is behind it then. */
export function readString(cursor: Cursor): HclValue {
  const start = cursor.at + 1;
  cursor.at = start;
  const isEnd = ({ text, at }: Cursor): boolean => {
    if (at >= text.length || text[at] === '\n') throw new HclError(start - 1, 'a string is not closed');
    return text[at] === '"';
  };
  const parts = readTemplate(cursor, isEnd, true);
  const range = { start, end: cursor.at };
  cursor.at += 1;
  return { kind: 'template', parts, range };
}

/** `<<NAME` or `<<-NAME`; `headLength` is that of its first line. */
export function readHeredoc(cursor: Cursor, headLength: number, name: string): HclValue {
  const start = cursor.at + headLength;
  const end = new RegExp(`^[ \\t]*${name}[ \\t]*\\r?$`, 'm').exec(cursor.text.slice(start));
  if (end === null) throw new HclError(cursor.at, `the here-document \`${name}\` is not closed`);
  const limit = start + end.index;
  const inner = { ...cursor, at: start };
  const parts = readTemplate(inner, ({ at }) => at >= limit, false);
  cursor.at = limit + end[0].length;
  return { kind: 'template', parts, range: { start, end: limit } };
}

/** The parts up to the end, plain text and `${…}`. */
export function readTemplate(
  cursor: Cursor,
  isEnd: (cursor: Cursor) => boolean,
  hasEscapes: boolean,
): readonly TemplatePart[] {
  const parts: TemplatePart[] = [];
  let plain = '';
  while (!isEnd(cursor)) {
    const rest = cursor.text.slice(cursor.at, cursor.at + 3);
    if (rest === '$${' || rest === '%%{') {
      plain += rest.slice(1);
      cursor.at += 3;
    } else if (rest.startsWith('${') || rest.startsWith('%{')) {
      if (plain !== '') parts.push(plain);
      plain = '';
      parts.push(readInterpolation(cursor));
    } else if (hasEscapes && rest.startsWith('\\')) {
      plain += rest[1] === 'n' ? '\n' : rest[1] === 't' ? '\t' : (rest[1] ?? '');
      cursor.at += 2;
    } else {
      plain += cursor.text[cursor.at];
      cursor.at += 1;
    }
  }
  return plain === '' ? parts : [...parts, plain];
}

function readInterpolation(cursor: Cursor): HclValue {
  const start = cursor.at;
  const isControl = cursor.text[start] === '%';
  cursor.at += 1;
  skipBrackets(cursor);
  const end = cursor.at;
  const whole: HclValue = { kind: 'unknown', text: cursor.text.slice(start, end), range: { start, end } };
  if (isControl) return whole;
  const inner = {
    text: cursor.text.slice(0, end - 1),
    at: start + (cursor.text[start + 2] === '~' ? 3 : 2),
    depth: cursor.depth,
    readExpression: cursor.readExpression,
  };
  const value = nested(inner, () => inner.readExpression(inner));
  skipSpace(inner, true);
  return inner.at >= inner.text.length || inner.text[inner.at] === '~' ? value : whole;
}

/** To behind the bracket that closes the one here; strings inside may hold others. */
export function skipBrackets(cursor: Cursor): void {
  const start = cursor.at;
  const closers: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
  const open: string[] = [];
  do {
    const char = cursor.text[cursor.at];
    if (char === undefined) throw new HclError(start, `this \`${cursor.text[start]}\` is not closed`);
    const closer = closers[char];
    if (char === '"') nested(cursor, () => readString(cursor));
    else {
      if (closer !== undefined) open.push(closer);
      else if (char === open.at(-1)) open.pop();
      cursor.at += 1;
    }
  } while (open.length > 0);
}
