import { isSpace } from './go-text.ts';
import { WordError } from './word-error.ts';
import { replacePattern, trimPrefix, trimSuffix } from './word-pattern.ts';

export interface WordOptions {
  readonly escape: '\\' | '`';
  /** undefined = the variable isn't set. */
  readonly lookup: (name: string) => string | undefined;
  readonly rawQuotes?: boolean;
  readonly rawEscapes?: boolean;
  readonly skipQuotes?: boolean;
  /** Leave references to unset variables as they are written. */
  readonly skipUnset?: boolean;
}

export interface ExpandedWord {
  readonly value: string;
  /** The value split at space that is neither quoted nor escaped. */
  readonly words: readonly string[];
  readonly unset: ReadonlySet<string>;
}

/**
 * Expands variables and takes quotes off, by the rules of BuildKit, which are close to a shell's but not the same.
 * Throws WordError for what BuildKit refuses.
 * Source: github.com/moby/buildkit/blob/v0.33.1/frontend/dockerfile/shell/lex.go#L165
 */
export function expandWord(source: string, options: WordOptions): ExpandedWord {
  // text/scanner skips a byte order mark at the start of what it reads.
  const state: State = {
    chars: source.startsWith('\ufeff') ? source.slice(1) : source,
    at: 0,
    rawEscapes: options.rawEscapes ?? false,
    buffer: '',
    depth: 0,
    unset: new Set(),
    options,
  };
  const { value, words } = readUntil(state, undefined, state.rawEscapes);
  return { value, words, unset: state.unset };
}

interface State {
  readonly chars: string;
  at: number;
  rawEscapes: boolean;
  /** The word being collected. One buffer for all nesting levels, which BuildKit shares as well: an inner `${}` empties the outer word. */
  buffer: string;
  depth: number;
  readonly unset: Set<string>;
  readonly options: WordOptions;
}

interface WordList {
  readonly words: string[];
  inWord: boolean;
}

const MAX_DEPTH = 1000;

function peek(state: State): string {
  const code = state.chars.charCodeAt(state.at);
  if (code >= 0xd800 && code < 0xdc00) return state.chars.slice(state.at, state.at + 2);
  return state.chars[state.at] ?? '';
}

function next(state: State): string {
  const char = peek(state);
  state.at += char.length;
  return char;
}

function readUntil(state: State, stop: string | undefined, rawEscapes: boolean): { value: string; words: string[] } {
  if (++state.depth > MAX_DEPTH) throw new WordError('substitutions are nested too deeply');
  const list: WordList = { words: [], inWord: false };
  state.buffer = '';
  const outerRawEscapes = state.rawEscapes;
  state.rawEscapes = rawEscapes;
  let value = '';
  const done = (): { value: string; words: string[] } => {
    state.rawEscapes = outerRawEscapes;
    state.depth--;
    if (state.buffer !== '') list.words.push(state.buffer);
    state.buffer = '';
    return { value, words: list.words };
  };
  const quotes = !state.options.skipQuotes;
  for (let char = peek(state); char !== ''; char = peek(state)) {
    if (char === stop) {
      next(state);
      return done();
    }
    if (char === '$') {
      const text = readDollar(state);
      value += text;
      for (const each of text) addChar(state, list, each);
    } else if (char === '<' || (quotes && (char === "'" || char === '"'))) {
      const text =
        char === '<' ? readLessThan(state) : char === "'" ? readSingleQuoted(state) : readDoubleQuoted(state);
      value += text;
      state.buffer += text;
      list.inWord = true;
    } else {
      next(state);
      if (char !== state.options.escape) {
        addChar(state, list, char);
        value += char;
        continue;
      }
      if (state.rawEscapes) {
        addRaw(state, list, char);
        value += char;
      }
      const escaped = next(state);
      if (escaped === '') break;
      addRaw(state, list, escaped);
      value += escaped;
    }
  }
  if (stop !== undefined) {
    throw new WordError(`a matching \`${stop}\` is missing`);
  }
  return done();
}

function addChar(state: State, list: WordList, char: string): void {
  if (!isSpace(char.charCodeAt(0))) return addRaw(state, list, char);
  if (list.inWord && state.buffer !== '') {
    list.words.push(state.buffer);
    state.buffer = '';
    list.inWord = false;
  }
}

function addRaw(state: State, list: WordList, char: string): void {
  state.buffer += char;
  list.inWord = true;
}

function readSingleQuoted(state: State): string {
  next(state);
  const end = state.chars.indexOf("'", state.at);
  if (end < 0) throw new WordError('a matching single quote is missing');
  const text = state.chars.slice(state.at, end);
  state.at = end + 1;
  return state.options.rawQuotes ? `'${text}'` : text;
}

function readDoubleQuoted(state: State): string {
  const { escape, rawQuotes } = state.options;
  next(state);
  let text = rawQuotes ? '"' : '';
  for (;;) {
    const char = peek(state);
    if (char === '') throw new WordError('a matching double quote is missing');
    if (char === '$') {
      text += readDollar(state);
      continue;
    }
    next(state);
    if (char === '"') return rawQuotes ? `${text}"` : text;
    if (char !== escape) {
      text += char;
      continue;
    }
    if (state.rawEscapes) text += char;
    const escaped = peek(state);
    // Only these are escaped between double quotes; elsewhere the escape character stays.
    if (escaped === '') continue;
    text += escaped === '"' || escaped === '$' || escaped === escape ? next(state) : char;
  }
}

/** `<<` with space behind it stays one word with what follows, for here-documents. */
function readLessThan(state: State): string {
  next(state);
  if (peek(state) !== '<') return '<';
  next(state);
  let space = '';
  for (let char = peek(state); char === '\t' || char === '\r' || char === ' '; char = peek(state)) space += next(state);
  return `<<${space}`;
}

function readDollar(state: State): string {
  const { skipUnset } = state.options;
  next(state);
  if (peek(state) !== '{') {
    const name = readName(state);
    if (name === '') return '$';
    const value = lookup(state, name);
    return value ?? (skipUnset ? `$${name}` : '');
  }
  next(state);
  const first = peek(state);
  if (first === '') throw new WordError('a `}` is missing');
  if (first === '{' || first === '}' || first === ':') throw new WordError('bad substitution');
  const name = readName(state);
  const operator = next(state);
  if (operator === '}') return lookup(state, name) ?? (skipUnset ? `\${${name}}` : '');
  if (operator === '/') return readReplacement(state, name);
  const nullIsUnset = operator === ':';
  const modifier = nullIsUnset ? next(state) : operator;
  return readModifier(state, { name, modifier, nullIsUnset });
}

function readModifier(state: State, what: { name: string; modifier: string; nullIsUnset: boolean }): string {
  const { name, modifier, nullIsUnset } = what;
  const written = `${nullIsUnset ? ':' : ''}${modifier}`;
  const isTrim = modifier === '#' || modifier === '%';
  // After `:` BuildKit reads the word before it looks at the modifier.
  if (!nullIsUnset && !isTrim && modifier !== '+' && modifier !== '-' && modifier !== '?') throw unsupported(written);
  if (nullIsUnset && isTrim) throw unsupported(written);
  const word = readUntil(state, '}', isTrim).value;
  const value = lookup(state, name);
  if (state.options.skipUnset && value === undefined) return `\${${name}${written}${word}}`;
  const missing = value === undefined || (nullIsUnset && value === '');
  if (modifier === '-') return missing ? word : value;
  if (modifier === '+') return missing ? '' : word;
  if (modifier === '?') {
    if (!missing) return value;
    throw new WordError(
      `\`${name}\` ${word === '' ? `must not be ${value === undefined ? 'unset' : 'empty'}` : `: ${word}`}`,
    );
  }
  if (!isTrim) throw unsupported(written);
  const greedy = word.startsWith(modifier);
  const pattern = greedy ? word.slice(1) : word;
  return modifier === '%' ? trimSuffix(pattern, value ?? '', greedy) : trimPrefix(pattern, value ?? '', greedy);
}

function readReplacement(state: State, name: string): string {
  const all = peek(state) === '/';
  if (all) next(state);
  const pattern = readUntil(state, '/', true).value;
  const replacement = readUntil(state, '}', true).value;
  const value = lookup(state, name);
  if (state.options.skipUnset && value === undefined) return `\${${name}/${pattern}/${replacement}}`;
  return replacePattern({ pattern, value: value ?? '', replacement, all });
}

function readName(state: State): string {
  const first = peek(state);
  if (/^\p{Nd}$/u.test(first)) return takeWhile(state, /^\p{Nd}$/u);
  if (first !== '' && '@*#?-$!0'.includes(first)) return next(state);
  return takeWhile(state, /^[\p{L}\p{Nd}_]$/u);
}

function takeWhile(state: State, expression: RegExp): string {
  let text = '';
  for (let char = peek(state); expression.test(char); char = peek(state)) text += next(state);
  return text;
}

function lookup(state: State, name: string): string | undefined {
  const value = state.options.lookup(name);
  if (value === undefined) state.unset.add(name);
  return value;
}

function unsupported(modifier: string): WordError {
  return new WordError(`unsupported modifier \`${modifier}\` in a substitution`);
}
