/**
 * Does a list of patterns as in GOPRIVATE name a module? Each pattern is matched against as many leading elements of the path as
 * it has itself. Source: MatchPrefixPatterns in golang.org/x/mod/module/module.go
 */
export function matchesPrivatePattern(patterns: string, modulePath: string): boolean {
  return patterns
    .split(',')
    .map((pattern) => pattern.replace(/\/$/, ''))
    .filter((pattern) => pattern !== '')
    .some((pattern) => {
      const count = pattern.split('/').length;
      const prefix = modulePath.split('/').slice(0, count).join('/');
      return globToPattern(pattern).test(prefix);
    });
}

/** A set, a letter behind a backslash, a wildcard, or a letter that may mean more to JavaScript. */
const PART = /\[\^?(?:(?:\\.|[^\]\\-])(?:-(?:\\.|[^\]\\-]))?)+\]|\\.|[*?]|[^\w/-]/gsu;
const NOTHING = /(?!)/;

/** path.Match of Go: `*` and `?` stop at slashes, `[a-z]` and `[^a-z]` are sets, `\` takes the next letter as it is. */
function globToPattern(glob: string): RegExp {
  const source = glob.replace(PART, (part) => {
    if (part === '*') return '[^/]*';
    if (part === '?') return '[^/]';
    if (part === '[') return NOTHING.source;
    if (part.startsWith('[')) return setToPattern(part);
    return escapeLetter(part.startsWith('\\') && part.length > 1 ? part.slice(1) : part);
  });
  try {
    return new RegExp(`^${source}$`, 'u');
  } catch {
    // A set that is no set: Go says "bad pattern" and matches nothing.
    return NOTHING;
  }
}

function setToPattern(set: string): string {
  const [, not = '', inner = ''] = /^\[(\^?)(.*)\]$/su.exec(set) ?? [];
  const letters = inner.replace(/\\(.)|([^\w-])/gsu, (_, taken?: string, plain?: string) =>
    escapeLetter(taken ?? plain ?? ''),
  );
  return `[${not}${letters}]`;
}

function escapeLetter(letter: string): string {
  return `\\u{${(letter.codePointAt(0) ?? 0).toString(16)}}`;
}
