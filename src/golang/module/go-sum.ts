import type { ModuleVersion } from './types.ts';

/** One line of a go.sum: what a module's zip, or its go.mod alone, hashes to. */
export interface GoSumLine extends ModuleVersion {
  readonly file: 'zip' | 'mod';
  /** `h1:` and base64, or a kind of hash that Go doesn't know and passes over. */
  readonly sum: string;
}

export interface GoSum {
  readonly lines: readonly GoSumLine[];
  /** Numbers of the lines that Go refuses to read, the first line is 1. */
  readonly malformed: readonly number[];
}

/** What an old bug of Go wrote for every go.mod: Go drops it. */
const EMPTY_GO_MOD = 'h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY=';

/** What `strings.Fields` of Go takes for white space (`unicode.IsSpace`); JavaScript's `\s` is another set. */
const SPACE = /[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

/**
 * Reads a go.sum or go.work.sum; it never throws.
 * Source: readGoSum in https://github.com/golang/go/blob/go1.26.8/src/cmd/go/internal/modfetch/fetch.go
 */
export function parseGoSum(text: string): GoSum {
  const lines: GoSumLine[] = [];
  const malformed: number[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const words = line.split(SPACE).filter((word) => word !== '');
    if (words.length === 0) continue;
    const [path = '', written = '', sum = ''] = words;
    if (words.length !== 3) malformed.push(index + 1);
    else if (sum !== EMPTY_GO_MOD) lines.push({ ...splitVersion(written), path, sum });
  }
  return { lines, malformed };
}

function splitVersion(written: string): Pick<GoSumLine, 'version' | 'file'> {
  const isMod = written.endsWith('/go.mod');
  return isMod ? { version: written.slice(0, -'/go.mod'.length), file: 'mod' } : { version: written, file: 'zip' };
}
