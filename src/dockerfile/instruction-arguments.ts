import { isSpace, isWordBreak, skipSpace } from './go-text.ts';
import type { Slice } from './split-command.ts';

/** Arguments of one instruction, as BuildKit's parser hands them on. */
export interface ParsedArguments {
  readonly args: readonly string[];
  readonly json: boolean;
  readonly words: readonly Slice[];
}

export type ArgumentsResult = ParsedArguments | { readonly message: string; readonly hint: string };

/**
 * Reads the text behind keyword and flags by the instruction's own grammar. ONBUILD is not here: what follows it is an instruction.
 * Source: the dispatch table in github.com/moby/buildkit/blob/v0.33.1/frontend/dockerfile/parser/parser.go#L181 and line_parsers.go.
 */
export function parseArguments(name: string, rest: string, escape: string): ArgumentsResult {
  switch (name) {
    case 'run':
    case 'cmd':
    case 'entrypoint':
    case 'shell':
      return parseMaybeJson(rest, wholeText);
    case 'add':
    case 'copy':
    case 'volume':
      return parseMaybeJson(rest, splitAtSpace);
    case 'expose':
    case 'from':
      return splitAtSpace(rest);
    case 'maintainer':
    case 'stopsignal':
    case 'user':
    case 'workdir':
      return wholeText(rest);
    case 'arg':
      return listOf(readWords(rest, escape));
    case 'env':
    case 'label':
      return parsePairs(name, rest, escape);
    case 'healthcheck':
      return parseHealthcheck(rest);
    case 'onbuild':
      return { args: [], json: false, words: [] };
    default:
      // An unknown instruction: BuildKit keeps one empty argument.
      return { args: [''], json: false, words: [] };
  }
}

function listOf(words: readonly Slice[]): ParsedArguments {
  return { args: words.map((word) => word.value), json: false, words };
}

function wholeText(rest: string): ParsedArguments {
  return listOf(rest === '' ? [] : [{ value: rest, start: 0, end: rest.length }]);
}

function splitAtSpace(rest: string): ParsedArguments {
  const words: Slice[] = [];
  let start = 0;
  for (let at = 0; rest !== '' && at <= rest.length; at++) {
    if (at < rest.length && !isWordBreak(rest.charCodeAt(at))) continue;
    words.push({ value: rest.slice(start, at), start, end: at });
    while (isWordBreak(rest.charCodeAt(at + 1))) at++;
    start = at + 1;
  }
  return listOf(words);
}

function parseMaybeJson(rest: string, otherwise: (rest: string) => ParsedArguments): ArgumentsResult {
  const list = rest.startsWith('[') ? readJsonList(rest) : undefined;
  if (list === undefined) return otherwise(rest);
  if (list.every((item) => typeof item === 'string')) {
    return { args: list.map((item) => item.toWellFormed()), json: true, words: [] };
  }
  return {
    message: 'the JSON array holds something that is not a string',
    hint: 'Write every element in double quotes: ["go", "build"].',
  };
}

function readJsonList(text: string): readonly unknown[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Not JSON: BuildKit then takes the text as a shell command or a list of words.
    return undefined;
  }
  return Array.isArray(value) && isReadableByGo(text, value) ? value : undefined;
}

/** Go's decoder refuses numbers beyond float64 and more than 10,000 levels, and the text is no JSON for it. */
function isReadableByGo(text: string, list: readonly unknown[]): boolean {
  if (list.every((item) => typeof item === 'string')) return true;
  let inString = false;
  let depth = 0;
  let deepest = 0;
  let outside = '';
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? '';
    if (char === '"') inString = !inString;
    else if (inString) at += char === '\\' ? 1 : 0;
    else {
      if (char === '[' || char === '{') deepest = Math.max(deepest, ++depth);
      else if (char === ']' || char === '}') depth--;
      outside += char;
    }
  }
  const numbers = outside.match(/\d[\d.eE+-]*/g) ?? [];
  return deepest <= 10_000 && numbers.every((number) => Number.isFinite(Number(number)));
}

/** Words with quotes and escapes left in place; quotes only keep space from splitting. */
export function readWords(rest: string, escape: string): readonly Slice[] {
  const words: Slice[] = [];
  let at = skipSpace(rest, 0);
  while (at < rest.length) {
    const start = at;
    let value = '';
    let quote = '';
    let quoted = false;
    for (; at < rest.length; at++) {
      const char = rest[at] ?? '';
      if (quote === '' && isSpace(char.charCodeAt(0))) break;
      if (quote === '' && (char === "'" || char === '"')) {
        quote = char;
        quoted = true;
      } else if (char === quote) {
        quote = '';
      } else if (char === escape && quote !== "'") {
        // At the very end the escape character is dropped.
        if (at + 1 === rest.length) continue;
        value += char;
        at++;
      }
      value += rest[at] ?? '';
    }
    if (quoted || value !== '') words.push({ value, start, end: at });
    at = skipSpace(rest, at);
  }
  return words;
}

function parsePairs(name: string, rest: string, escape: string): ArgumentsResult {
  const words = readWords(rest, escape);
  const keyword = name.toUpperCase();
  const first = words[0];
  if (first === undefined) return { args: [], json: false, words };
  if (!first.value.includes('=')) return parseOldPair(keyword, rest);
  const args: string[] = [];
  for (const { value } of words) {
    const equals = value.indexOf('=');
    if (equals < 0) {
      return { message: `\`${value}\` in ${keyword} has no \`=\``, hint: `Write ${keyword} name="value with spaces".` };
    }
    args.push(value.slice(0, equals), value.slice(equals + 1), '=');
  }
  return { args, json: false, words };
}

/** `ENV name value with spaces` */
function parseOldPair(keyword: string, rest: string): ArgumentsResult {
  let end = 0;
  while (end < rest.length && !isWordBreak(rest.charCodeAt(end))) end++;
  let start = end;
  while (isWordBreak(rest.charCodeAt(start))) start++;
  if (start === end) return { message: `${keyword} needs a name and a value`, hint: `Write ${keyword} name=value.` };
  const key = rest.slice(0, end);
  const value = rest.slice(start);
  const words = [
    { value: key, start: 0, end },
    { value, start, end: rest.length },
  ];
  return { args: [key, value, ''], json: false, words };
}

function parseHealthcheck(rest: string): ArgumentsResult {
  let end = 0;
  while (end < rest.length && !isSpace(rest.charCodeAt(end))) end++;
  if (end === 0) return { args: [], json: false, words: [] };
  const start = skipSpace(rest, end);
  const type = { value: rest.slice(0, end), start: 0, end };
  const command = parseMaybeJson(rest.slice(start), wholeText);
  if ('message' in command) return command;
  const words = command.words.map((word) => ({ value: word.value, start: word.start + start, end: word.end + start }));
  return { args: [type.value, ...command.args], json: command.json, words: [type, ...words] };
}
