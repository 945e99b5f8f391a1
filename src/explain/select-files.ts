import { cleanPath } from '../dockerfile/go-text.ts';
import type { ContextFiles } from './types.ts';

export interface Selection {
  /** Cleaned, without a leading slash; '' is the whole tree. May hold `*`, `?` and `[…]`. */
  readonly source: string;
  /** `--exclude` and what `.dockerignore` grammar knows, each asked with the path below the source. */
  readonly isExcluded?: (path: string) => boolean;
}

/**
 * The files that a COPY, ADD or bind mount takes. A name with wildcards is matched part by part, as Go's filepath.Match
 * does, and what it matches is taken whole.
 * Source: Checksum and includedPaths, github.com/moby/buildkit/blob/v0.33.1/cache/contenthash/checksum.go
 */
export function selectFiles(files: ContextFiles, { source, isExcluded }: Selection): ReadonlyMap<string, string> {
  const match = compile(source);
  const found = new Map<string, string>();
  for (const [path, value] of files) {
    const base = match(path);
    if (base === undefined) continue;
    const below = path.slice(base.length).replace(/^\//, '');
    if (below !== '' && isExcluded?.(below) === true) continue;
    found.set(path, value);
  }
  return found;
}

/** `/./a//b` and `a/b` are one; `..` can't leave the context. */
export function cleanSource(source: string): string {
  return cleanPath(`/${source}`).slice(1);
}

export function hasWildcard(source: string): boolean {
  return /[*?[]/.test(source.replace(/\\./g, ''));
}

/** The part of a path that the source names, or undefined where it doesn't. */
function compile(source: string): (path: string) => string | undefined {
  if (source === '') return () => '';
  if (!hasWildcard(source)) return (path) => (path === source || path.startsWith(`${source}/`) ? source : undefined);
  const parts = source.split('/').map((part) => new RegExp(`^${translate(part)}$`, 'su'));
  return (path) => {
    const names = path.split('/');
    if (names.length < parts.length || !parts.every((part, index) => part.test(names[index] ?? ''))) return undefined;
    return names.slice(0, parts.length).join('/');
  };
}

/** https://pkg.go.dev/path/filepath#Match */
function translate(part: string): string {
  return part.replace(/\\(.)|\*|\?|\[(\^?)((?:\\.|[^\]\\])+)\]|[.+(){}|^$]/gsu, (whole, escaped, negation, range) => {
    if (escaped !== undefined) return `\\u{${escaped.codePointAt(0).toString(16)}}`;
    if (whole === '*') return '[^/]*';
    if (whole === '?') return '[^/]';
    if (range !== undefined) return `[${negation}${range.replace(/[[&~]/g, '\\$&')}]`;
    return `\\${whole}`;
  });
}
