/** Tells whether a slash path relative to the context is matched by one cleaned pattern, its parents left aside. */
export type PathTest = (path: string) => boolean;

/**
 * Compiles a cleaned pattern, without its `!`, as BuildKit does; undefined when BuildKit calls it a syntax error.
 * The four kinds and their odd corners (`**b` is a suffix, not a directory) are those of Pattern.compile in
 * github.com/moby/patternmatcher/blob/v0.6.1/patternmatcher.go
 */
export function compilePattern(pattern: string): PathTest | undefined {
  try {
    if (!hasValidSyntax(pattern)) return undefined;
    const { kind, expression } = translate(pattern);
    if (kind === 'exact') return (path) => path === pattern;
    if (kind === 'prefix') return (path) => path.startsWith(pattern.slice(0, -2));
    if (kind === 'suffix') return suffixTest(pattern.slice(2));
    const regexp = new RegExp(`^${expression}$`, 'u');
    return (path) => regexp.test(path);
  } catch {
    // Go's regexp refuses it too, `[z-a]` for one, and the whole file with it.
    return undefined;
  }
}

function suffixTest(suffix: string): PathTest {
  return (path) => path.endsWith(suffix) || (suffix.startsWith('/') && path === suffix.slice(1));
}

type Kind = 'exact' | 'prefix' | 'suffix' | 'regexp';

interface Translation {
  readonly kind: Kind;
  readonly expression: string;
}

function translate(pattern: string): Translation {
  const chars = [...pattern];
  let kind: Kind = 'exact';
  let expression = '';
  let inClass = false;
  let index = 0;
  while (index < chars.length) {
    const isFirst = index === 0;
    const char = chars[index] ?? '';
    index += 1;
    if (char === '*' && chars[index] === '*') {
      index += 1;
      if (chars[index] === '/') index += 1;
      if (index < chars.length) [kind, expression] = ['regexp', `${expression}(.*/)?`];
      else if (kind === 'exact') kind = 'prefix';
      else [kind, expression] = ['regexp', `${expression}.*`];
      if (isFirst) kind = 'suffix';
    } else if (char === '*') [kind, expression] = ['regexp', `${expression}[^/]*`];
    else if (char === '?') [kind, expression] = ['regexp', `${expression}[^/]`];
    else if (char === '\\') {
      const next = chars[index];
      index += 1;
      if (next === undefined) expression += '\\';
      else [kind, expression] = ['regexp', expression + escaped(next, inClass)];
    } else if (char === '[' || char === ']') {
      kind = 'regexp';
      expression += (char === '[') === inClass ? `\\${char}` : char;
      inClass = char === '[';
    } else expression += '.+()|{}$'.includes(char) ? `\\${char}` : char;
  }
  return { kind, expression };
}

/** `\d` and its like reach Go's regexp as they are; other letters it refuses. */
function escaped(char: string, inClass: boolean): string {
  if (char === '-' && !inClass) return char;
  if (char === 'a') return '\\x07';
  if (/[A-Za-z0-9]/.test(char)) return /[dDsSwWbBfnrtv]/.test(char) ? `\\${char}` : '\\y';
  return /[\^$\\.*+?()[\]{}|/-]/.test(char) ? `\\${char}` : char;
}

/**
 * What filepath.Match calls ErrBadPattern: a class that isn't closed or is empty, a range without an end, a `\` at the end. BuildKit asks it
 * about the name `.`, so of the pieces between stars it looks at the first, and at the second where the first fits that name.
 * Source: Match, matchChunk and getEsc in Go's src/path/filepath/match.go.
 */
function hasValidSyntax(pattern: string): boolean {
  const chars = [...pattern.replace(/^\*+/, '')];
  const end = pieceEnd(chars, 0);
  if (end === undefined) return false;
  const rest = chars.slice(end).join('').replace(/^\*+/, '');
  return rest === '' || !fitsDot(chars.slice(0, end).join('')) || pieceEnd([...rest], 0) !== undefined;
}

function fitsDot(piece: string): boolean {
  return new RegExp(`^${translate(piece).expression}$`, 'u').test('.');
}

/** Where the piece ends, at a star or the end; undefined for bad syntax. */
function pieceEnd(chars: readonly string[], start: number): number | undefined {
  let index: number | undefined = start;
  while (index !== undefined && index < chars.length && chars[index] !== '*') {
    if (chars[index] === '[') index = classEnd(chars, index + 1);
    else if (chars[index] === '\\') index = index + 1 < chars.length ? index + 2 : undefined;
    else index += 1;
  }
  return index;
}

function classEnd(chars: readonly string[], start: number): number | undefined {
  let index = chars[start] === '^' ? start + 1 : start;
  for (let ranges = 0; ; ranges += 1) {
    if (chars[index] === ']' && ranges > 0) return index + 1;
    const low = afterClassMember(chars, index);
    if (low === undefined) return undefined;
    index = low;
    if (chars[index] !== '-') continue;
    const high = afterClassMember(chars, index + 1);
    if (high === undefined) return undefined;
    index = high;
  }
}

function afterClassMember(chars: readonly string[], index: number): number | undefined {
  const char = chars[index];
  if (char === undefined || char === '-' || char === ']') return undefined;
  const end = char === '\\' ? index + 2 : index + 1;
  return end < chars.length ? end : undefined;
}
