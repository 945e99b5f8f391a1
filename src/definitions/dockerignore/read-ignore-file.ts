import { cleanPath, trimSpace } from '../../dockerfile/go-text.ts';
import type { Range } from '../../dockerfile/tree.ts';
import { compilePattern, type PathTest } from './pattern.ts';

/** A line of an ignore file that is neither empty nor a comment. */
export interface IgnorePattern {
  /** The line without space around it, `!` included. */
  readonly text: string;
  /** Of `text` in the file. */
  readonly range: Range;
  /** The whole line with its line end. */
  readonly lineRange: Range;
  /** Starts with `!`: takes back what stands above it. */
  readonly isException: boolean;
  /** Cleaned, without `!` and a leading `/`. */
  readonly pattern: string;
  /** Undefined when BuildKit refuses the pattern, and the build with it. */
  readonly matches: PathTest | undefined;
}

export interface IgnoreFile {
  /** In the tree. */
  readonly path: string;
  readonly text: string;
  readonly patterns: readonly IgnorePattern[];
}

/**
 * Reads a `.dockerignore` as BuildKit does. Only a `#` at the very start of a line makes a comment.
 * Source: ReadAll in github.com/moby/patternmatcher/blob/v0.6.1/ignorefile/ignorefile.go
 */
export function readIgnoreFile(path: string, text: string): IgnoreFile {
  const patterns: IgnorePattern[] = [];
  let start = text.startsWith('\ufeff') ? 1 : 0;
  while (start < text.length) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline + 1;
    const line = text.slice(start, end);
    const trimmed = trimSpace(line);
    if (!line.startsWith('#') && trimmed !== '') {
      const from = start + line.indexOf(trimmed);
      patterns.push(toPattern(trimmed, { start: from, end: from + trimmed.length }, { start, end }));
    }
    start = end;
  }
  return { path, text, patterns };
}

function toPattern(text: string, range: Range, lineRange: Range): IgnorePattern {
  const isInverted = text.startsWith('!');
  const written = isInverted ? trimSpace(text.slice(1)) : text;
  const cleaned = written === '' ? '' : cleanPath(written);
  const relative = cleaned.length > 1 && cleaned.startsWith('/') ? cleaned.slice(1) : cleaned;
  // The matcher trims and cleans once more, with the `!` in front: `!/` becomes a bare `!`, which it refuses.
  const entry = cleanPath(trimSpace(isInverted ? `!${relative}` : relative));
  const isException = entry.startsWith('!');
  const pattern = isException ? entry.slice(1) : entry;
  const matches = isException && pattern === '' ? undefined : compilePattern(pattern);
  return { text, range, lineRange, isException, pattern, matches };
}
