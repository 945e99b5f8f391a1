import { collectLines } from './collect-lines.ts';
import { readGodebug, readGoLine, readPathLine, readReplacement, readToolchain } from './mod-lines.ts';
import { parseModSyntax } from './mod-syntax.ts';
import type { GoWork } from './types.ts';

const BLOCKS = new Set(['godebug', 'use', 'replace']);
const VERBS = new Set([...BLOCKS, 'go', 'toolchain']);

/**
 * Reads a go.work as `go work edit -json` does; it never throws.
 * Source: ParseWork in golang.org/x/mod/modfile/work.go (v0.30)
 */
export function parseGoWork(text: string): GoWork {
  const syntax = parseModSyntax(text, BLOCKS);
  const { all, single, problems } = collectLines(syntax.lines, VERBS, syntax.problems);
  return {
    go: single('go', readGoLine),
    toolchain: single('toolchain', readToolchain),
    uses: all('use', readPathLine),
    replaces: all('replace', readReplacement),
    godebugs: all('godebug', readGodebug),
    problems,
  };
}
