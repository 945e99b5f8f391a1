import type { TextRange } from '../text-range.ts';
import type { ModProblem } from './types.ts';

/** A word of a line, as written, with its quotes. */
export interface ModWord {
  readonly text: string;
  readonly range: TextRange;
}

/** One line that says something: a statement of its own, or a line of a block. */
export interface ModLine {
  readonly verb: string;
  /** The words after the verb; in a block the whole line. */
  readonly words: readonly ModWord[];
  /** From the first word, the verb included where it is on the line, to the last. */
  readonly range: TextRange;
  /** The comment at the end of the line, with its slashes; `''` without one. */
  readonly suffix: string;
  /** The comments that belong to the line: above it and at its end; else those above its block. */
  readonly comments: readonly string[];
}

export interface ModSyntax {
  readonly lines: readonly ModLine[];
  readonly problems: readonly ModProblem[];
}

/**
 * Reads the grammar that go.mod and go.work share. A syntax error ends the reading, as in Go: what stood above it is kept.
 * Source: parseFile, parseStmt and parseLineBlock in golang.org/x/mod/modfile/read.go (v0.30)
 */
export function parseModSyntax(text: string, blockVerbs: ReadonlySet<string>): ModSyntax {
  const lines: ModLine[] = [];
  const problems: ModProblem[] = [];
  const source = { text, at: 0 };
  try {
    readFile(source, { blockVerbs, lines, problems });
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error;
    problems.push({ message: error.message, range: error.range });
  }
  return { lines, problems };
}

interface Source {
  readonly text: string;
  at: number;
}

interface Sink {
  readonly blockVerbs: ReadonlySet<string>;
  readonly lines: ModLine[];
  readonly problems: ModProblem[];
}

class SyntaxFault extends Error {
  readonly range: TextRange;
  constructor(message: string, range: TextRange) {
    super(message);
    this.range = range;
  }
}

/** One physical line: its words and its comment. `isBlank` is true for lines without either. */
interface PhysicalLine {
  readonly words: readonly ModWord[];
  readonly comment: string | undefined;
}

function readFile(source: Source, sink: Sink): void {
  let above: string[] = [];
  while (source.at < source.text.length) {
    const { words, comment } = readLine(source);
    const [first] = words;
    if (first === undefined) {
      if (comment === undefined) above = [];
      else above.push(comment);
      continue;
    }
    const last = words.at(-1);
    const isOpen = last?.text === '(' && words.length > 1;
    const isEmptyBlock = last?.text === ')' && words.at(-2)?.text === '(' && words.length > 2;
    if (isOpen) readBlock(source, sink, { head: words.slice(0, -1), above });
    else if (isEmptyBlock) checkHead(sink, words.slice(0, -2));
    else sink.lines.push(makeLine(first.text, words.slice(1), { words, comment, above }));
    above = [];
  }
}

interface BlockStart {
  readonly head: readonly ModWord[];
  readonly above: readonly string[];
}

function readBlock(source: Source, sink: Sink, { head, above }: BlockStart): void {
  const isKnown = checkHead(sink, head);
  let inner: string[] = [];
  let hasLines = false;
  for (;;) {
    if (source.at >= source.text.length) throw new SyntaxFault('unterminated block', rangeOf(head));
    const { words, comment } = readLine(source);
    const [first] = words;
    if (first?.text === ')') {
      if (words.length > 1) throw new SyntaxFault('expected newline after closing paren', rangeOf(words));
      return;
    }
    if (first === undefined) {
      if (comment !== undefined) inner.push(comment);
      // A blank line counts as a comment of the line below it: the block's own comment is then not meant for that line.
      else if (inner.length === 0 ? hasLines : inner.at(-1) !== '') inner.push('');
      continue;
    }
    hasLines = true;
    const isBare = inner.length === 0 && comment === undefined;
    if (isKnown) sink.lines.push(makeLine(verbOf(head), words, { words, comment, above: isBare ? above : inner }));
    inner = [];
  }
}

/** Only some verbs may head a block, and only alone. */
function checkHead(sink: Sink, head: readonly ModWord[]): boolean {
  const isKnown = head.length === 1 && sink.blockVerbs.has(verbOf(head));
  const message = `unknown block type: ${head.map((word) => word.text).join(' ')}`;
  if (!isKnown) sink.problems.push({ message, range: rangeOf(head) });
  return isKnown;
}

interface LineParts extends PhysicalLine {
  readonly above: readonly string[];
}

function makeLine(verb: string, words: readonly ModWord[], parts: LineParts): ModLine {
  const { comment, above } = parts;
  const comments = [...above, comment ?? ''].filter((line) => line !== '');
  return { verb, words, range: rangeOf(parts.words), suffix: comment ?? '', comments };
}

function verbOf(head: readonly ModWord[]): string {
  return head[0]?.text ?? '';
}

function rangeOf(words: readonly ModWord[]): TextRange {
  return { start: words[0]?.range.start ?? 0, end: words.at(-1)?.range.end ?? 0 };
}

const PUNCTUATION = '()[]{},';
/** unicode.IsPrint without the space. */
const PRINTABLE = /[\p{L}\p{M}\p{N}\p{P}\p{S}]/u;

function readLine(source: Source): PhysicalLine {
  const { text } = source;
  const words: ModWord[] = [];
  while (source.at < text.length) {
    const char = text.charAt(source.at);
    if (char === '\n') {
      source.at++;
      return { words, comment: undefined };
    }
    if (char === ' ' || char === '\t' || char === '\r') source.at++;
    else if (text.startsWith('//', source.at)) return { words, comment: readComment(source) };
    else words.push(readWord(source));
  }
  return { words, comment: undefined };
}

function readComment(source: Source): string {
  const end = source.text.indexOf('\n', source.at);
  const line = source.text.slice(source.at, end < 0 ? undefined : end);
  source.at = end < 0 ? source.text.length : end + 1;
  return end < 0 ? line : line.replace(/\r$/, '');
}

function readWord(source: Source): ModWord {
  const start = source.at;
  const char = source.text.charAt(start);
  if (PUNCTUATION.includes(char)) source.at++;
  else if (char === '"' || char === '`') skipString(source, char);
  else skipName(source);
  return { text: source.text.slice(start, source.at), range: { start, end: source.at } };
}

function skipString(source: Source, quote: string): void {
  const start = source.at;
  const fault = (message: string): SyntaxFault => new SyntaxFault(message, { start, end: source.at });
  for (source.at++; ; source.at++) {
    if (source.at >= source.text.length) throw fault('unexpected end of file in string');
    const char = source.text.charAt(source.at);
    if (char === '\n') throw fault('unexpected newline in string');
    if (char === quote) break;
    // What follows a backslash, a newline too, is no end of the string; its sense is for those who unquote it.
    if (char === '\\' && quote !== '`') {
      source.at++;
      if (source.at >= source.text.length) throw fault('unexpected end of file in string');
    }
  }
  source.at++;
}

function skipName(source: Source): void {
  const { text } = source;
  const start = source.at;
  while (source.at < text.length && !text.startsWith('//', source.at)) {
    if (text.startsWith('/*', source.at)) {
      throw new SyntaxFault('only // comments, not /* */', { start: source.at, end: source.at + 2 });
    }
    const char = String.fromCodePoint(text.codePointAt(source.at) ?? 0);
    if (PUNCTUATION.includes(char) || !PRINTABLE.test(char)) break;
    source.at += char.length;
  }
  if (source.at > start) return;
  throw new SyntaxFault('unexpected character', { start, end: start + 1 });
}
