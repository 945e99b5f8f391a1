import { fromByteString, isSpace, isWordBreak, skipSpace, toByteString, trimmedEnd } from './go-text.ts';

/** A piece of a logical line. */
export interface Slice {
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

export interface SplitCommand {
  readonly keyword: Slice;
  readonly flags: readonly Slice[];
  readonly rest: Slice;
}

/**
 * Splits a logical line into keyword, flags and the rest.
 * Source: splitCommand, github.com/moby/buildkit/blob/v0.33.1/frontend/dockerfile/parser/split_command.go#L10
 */
export function splitCommand(line: string, escape: string): SplitCommand {
  const start = skipSpace(line, 0);
  const end = trimmedEnd(line, start);
  let keywordEnd = start;
  while (keywordEnd < end && !isWordBreak(line.charCodeAt(keywordEnd))) keywordEnd++;
  let argsStart = keywordEnd;
  while (argsStart < end && isWordBreak(line.charCodeAt(argsStart))) argsStart++;
  const keyword = { value: line.slice(start, keywordEnd), start, end: keywordEnd };
  const text = line.slice(argsStart, end);
  if (!text.trimStart().startsWith('--')) return { keyword, flags: [], rest: trimmedSlice(text, 0, argsStart) };
  const ascii = /^[\0-\x7f]*$/.test(text);
  const source = ascii ? text : toByteString(text);
  const { flags, restStart } = extractFlags(source, escape);
  // BuildKit walks bytes here: a flag beyond ASCII comes out as if each byte were a letter, and we say what it says.
  const at = (offset: number): number => argsStart + (ascii ? offset : fromByteString(source.slice(0, offset)).length);
  return {
    keyword,
    flags: flags.map((flag) => ({ value: flag.value, start: at(flag.start), end: at(flag.end) })),
    rest: trimmedSlice(line.slice(0, end), at(restStart), 0),
  };
}

function trimmedSlice(text: string, from: number, base: number): Slice {
  const start = skipSpace(text, from);
  const end = trimmedEnd(text, start);
  return { value: text.slice(start, end), start: base + start, end: base + end };
}

function extractFlags(line: string, escape: string): { flags: readonly Slice[]; restStart: number } {
  const flags: Slice[] = [];
  let at = 0;
  for (;;) {
    while (at < line.length && isSpace(line.charCodeAt(at))) at++;
    if (line[at] !== '-' || line[at + 1] !== '-') return { flags, restStart: at };
    const word = readFlag(line, at, escape);
    if (word.value === '--' && !word.atEnd) return { flags, restStart: word.end };
    if (word.value !== '--' && (word.quoted || word.value !== '')) {
      flags.push({ value: word.value, start: at, end: word.end });
    }
    if (word.atEnd) return { flags, restStart: line.length };
    at = word.end + 1;
  }
}

function readFlag(
  line: string,
  from: number,
  escape: string,
): { value: string; end: number; quoted: boolean; atEnd: boolean } {
  let value = '';
  let quote = '';
  let quoted = false;
  let at = from;
  for (; at < line.length; at++) {
    let char = line[at] ?? '';
    if (quote === '' && isSpace(char.charCodeAt(0))) return { value, end: at, quoted, atEnd: false };
    if (quote === '' && (char === "'" || char === '"')) {
      quote = char;
      quoted = true;
      continue;
    }
    if (quote !== '' && char === quote) {
      quote = '';
      continue;
    }
    if (char === escape) {
      if (at + 1 === line.length) continue;
      char = line[++at] ?? '';
    }
    value += char;
  }
  return { value, end: line.length, quoted, atEnd: true };
}
