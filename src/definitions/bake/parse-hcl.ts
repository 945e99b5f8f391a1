import { type Cursor, HclError, nested, readIdentifier, skipSeparators, skipSpace, unknown } from './hcl-cursor.ts';
import { readHeredoc, readString, readTemplate, skipBrackets } from './hcl-template.ts';
import type { HclAttribute, HclBlock, HclBody, HclValue } from './hcl-types.ts';

/**
 * Parses the part of HCL that bake files use: attributes, blocks, strings with templates, here-documents, lists, objects, conditionals.
 * Other expressions become `unknown`. Throws HclError for text that is no HCL.
 * Grammar: github.com/hashicorp/hcl/blob/v2.23.0/hclsyntax/spec.md
 */
export function parseHcl(text: string): HclBody {
  return readBody({ text, at: text.startsWith('\ufeff') ? 1 : 0, depth: 0, readExpression }, 'file');
}

/** The parts of a string that is written elsewhere, in JSON for one: `start` is the offset of its first character. */
export function parseTemplate(text: string, start: number): HclValue {
  const parts = readTemplate({ text, at: 0, depth: 0, readExpression }, (cursor) => cursor.at >= text.length, true);
  return { kind: 'template', parts, range: { start, end: start + text.length } };
}

function readBody(cursor: Cursor, end: 'file' | '}'): HclBody {
  const attributes: HclAttribute[] = [];
  const blocks: HclBlock[] = [];
  for (;;) {
    skipSpace(cursor, true);
    const char = cursor.text[cursor.at];
    if (char === undefined) {
      if (end === 'file') return { attributes, blocks };
      throw new HclError(cursor.at, 'a block is not closed: a `}` is missing');
    }
    if (char === '}') {
      if (end === 'file') throw new HclError(cursor.at, 'this `}` closes nothing');
      cursor.at += 1;
      return { attributes, blocks };
    }
    const item = readItem(cursor);
    if ('value' in item) attributes.push(item);
    else blocks.push(item);
  }
}

function readItem(cursor: Cursor): HclAttribute | HclBlock {
  const start = cursor.at;
  const name = readIdentifier(cursor) ?? readPlainString(cursor);
  if (name === undefined)
    throw new HclError(cursor.at, `\`${cursor.text[cursor.at]}\` can't start an attribute or a block`);
  skipSpace(cursor, false);
  if (cursor.text[cursor.at] === '=' && cursor.text[cursor.at + 1] !== '=') {
    cursor.at += 1;
    const value = readExpression(cursor);
    return { name, value, range: { start, end: value.range.end } };
  }
  const labels: string[] = [];
  for (;;) {
    skipSpace(cursor, false);
    const label = readIdentifier(cursor) ?? readPlainString(cursor);
    if (label === undefined) break;
    labels.push(label);
  }
  if (cursor.text[cursor.at] !== '{')
    throw new HclError(cursor.at, `\`${name}\` is followed by neither \`=\` nor \`{\``);
  cursor.at += 1;
  const { attributes } = nested(cursor, () => readBody(cursor, '}'));
  return { type: name, labels, attributes, range: { start, end: cursor.at } };
}

function readExpression(cursor: Cursor): HclValue {
  skipSpace(cursor, false);
  const start = cursor.at;
  const first = nested(cursor, () => readPrimary(cursor));
  let value = first;
  let firstEnd = cursor.at;
  skipSpace(cursor, false);
  while (isOperatorAt(cursor)) {
    skipOperator(cursor);
    nested(cursor, () => readPrimary(cursor));
    firstEnd = cursor.at;
    value = { kind: 'unknown', text: cursor.text.slice(start, firstEnd), range: { start, end: firstEnd } };
    skipSpace(cursor, false);
  }
  if (cursor.text[cursor.at] !== '?') {
    cursor.at = firstEnd;
    return value;
  }
  const condition = cursor.text.slice(start, firstEnd);
  cursor.at += 1;
  skipSpace(cursor, true);
  const yes = readExpression(cursor);
  skipSpace(cursor, true);
  if (cursor.text[cursor.at] !== ':') throw new HclError(cursor.at, 'a conditional has no `:`');
  cursor.at += 1;
  skipSpace(cursor, true);
  const no = readExpression(cursor);
  return { kind: 'conditional', condition, yes, no, range: { start, end: no.range.end } };
}

function readPrimary(cursor: Cursor): HclValue {
  skipSpace(cursor, false);
  const { text } = cursor;
  const start = cursor.at;
  const char = text[start] ?? '';
  if (char === '"') return afterPostfix(cursor, start, readString(cursor));
  if (char === '[') return readList(cursor);
  if (char === '{') return readObject(cursor);
  if (char === '!' || char === '-') {
    cursor.at += 1;
    nested(cursor, () => readPrimary(cursor));
    return unknown(cursor, start);
  }
  if (char === '(') {
    skipBrackets(cursor);
    return afterPostfix(cursor, start, unknown(cursor, start));
  }
  const heredoc = /^<<-?([A-Za-z_][\w-]*)[ \t]*\r?\n/.exec(text.slice(start, start + 200));
  if (heredoc !== null) return readHeredoc(cursor, heredoc[0].length, heredoc[1] ?? '');
  const number = /^\d[\d.eE]*/.exec(text.slice(start, start + 60));
  if (number !== null) {
    cursor.at += number[0].length;
    return { kind: 'literal', text: number[0], range: { start, end: cursor.at } };
  }
  const name = readIdentifier(cursor);
  if (name === undefined)
    throw new HclError(start, char === '' ? 'a value is missing' : `\`${char}\` can't start a value`);
  const range = { start, end: cursor.at };
  const value: HclValue = /^(?:true|false|null)$/.test(name)
    ? { kind: 'literal', text: name, range }
    : { kind: 'reference', name, range };
  return afterPostfix(cursor, start, value);
}

/** `.name` behind a reference belongs to it; calls, indexes and the like make a value unknown. */
function afterPostfix(cursor: Cursor, start: number, value: HclValue): HclValue {
  let result = value;
  for (;;) {
    const char = cursor.text[cursor.at];
    if (char === '.') {
      cursor.at += 1;
      const name = readIdentifier(cursor);
      if (name === undefined) cursor.at += 1;
      result =
        name !== undefined && result.kind === 'reference'
          ? { kind: 'reference', name: `${result.name}.${name}`, range: { start, end: cursor.at } }
          : unknown(cursor, start);
    } else if (char === '(' || char === '[') {
      skipBrackets(cursor);
      result = unknown(cursor, start);
    } else return result;
  }
}

function readList(cursor: Cursor): HclValue {
  const start = cursor.at;
  if (isForAt(cursor)) {
    skipBrackets(cursor);
    return unknown(cursor, start);
  }
  cursor.at += 1;
  const items: HclValue[] = [];
  for (;;) {
    skipSeparators(cursor, 'a list is not closed: a `]` is missing');
    if (cursor.text[cursor.at] === ']') break;
    items.push(readExpression(cursor));
  }
  cursor.at += 1;
  const range = { start, end: cursor.at };
  return afterPostfix(cursor, start, { kind: 'list', items, range });
}

function readObject(cursor: Cursor): HclValue {
  const start = cursor.at;
  if (isForAt(cursor)) {
    skipBrackets(cursor);
    return unknown(cursor, start);
  }
  cursor.at += 1;
  const entries: HclAttribute[] = [];
  for (;;) {
    skipSeparators(cursor, 'an object is not closed: a `}` is missing');
    if (cursor.text[cursor.at] === '}') break;
    entries.push(readObjectEntry(cursor));
  }
  cursor.at += 1;
  const range = { start, end: cursor.at };
  return afterPostfix(cursor, start, { kind: 'object', entries, range });
}

function readObjectEntry(cursor: Cursor): HclAttribute {
  const start = cursor.at;
  const name = readIdentifier(cursor) ?? readPlainString(cursor) ?? computedKey(cursor);
  skipSpace(cursor, false);
  const sign = cursor.text[cursor.at];
  if (sign !== '=' && sign !== ':') throw new HclError(cursor.at, `\`${name}\` has no \`=\``);
  cursor.at += 1;
  const value = readExpression(cursor);
  return { name, value, range: { start, end: value.range.end } };
}

function computedKey(cursor: Cursor): string {
  const start = cursor.at;
  readPrimary(cursor);
  return cursor.text.slice(start, cursor.at);
}

function readPlainString(cursor: Cursor): string | undefined {
  if (cursor.text[cursor.at] !== '"') return undefined;
  const value = readString(cursor);
  return value.kind === 'template' ? value.parts.map((part) => (typeof part === 'string' ? part : '')).join('') : '';
}

function isForAt({ text, at }: Cursor): boolean {
  return /^[[{]\s*for\s/.test(text.slice(at, at + 40));
}

function isOperatorAt({ text, at }: Cursor): boolean {
  return /^(?:==|!=|<=|>=|<(?!<)|>|&&|\|\||[+\-*%]|\/(?![/*]))/.test(text.slice(at, at + 2));
}

function skipOperator(cursor: Cursor): void {
  cursor.at += /^(?:==|!=|<=|>=|&&|\|\|)/.test(cursor.text.slice(cursor.at, cursor.at + 2)) ? 2 : 1;
  skipSpace(cursor, true);
}
