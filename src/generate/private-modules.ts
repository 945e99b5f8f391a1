/**
 * Does a list of patterns as in GOPRIVATE name a module? Each pattern is matched against as many leading elements of the path as
 * it has itself. Source: MatchPrefixPatterns in golang.org/x/mod/module/module.go
 */
export function matchesPrivatePattern(patterns: string, modulePath: string): boolean {
  return patterns
    .split(',')
    .filter((pattern) => pattern !== '')
    .some((pattern) => {
      const count = pattern.split('/').length;
      const prefix = modulePath.split('/').slice(0, count).join('/');
      return globToPattern(pattern).test(prefix);
    });
}

/** path.Match of Go: `*` and `?` stop at slashes, `[a-z]` and `[^a-z]` are sets. */
function globToPattern(glob: string): RegExp {
  const source = glob.replace(/\[\^?[^\]]*\]|[*?]|[^\w/-]/g, (part) => {
    if (part === '*') return '[^/]*';
    if (part === '?') return '[^/]';
    return part.startsWith('[') && part.length > 1 ? part.replaceAll('\\', '\\\\') : `\\${part}`;
  });
  try {
    return new RegExp(`^${source}$`);
  } catch {
    // A set that is no set: Go says "bad pattern" and matches nothing.
    return /(?!)/;
  }
}
