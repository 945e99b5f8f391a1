import type { Located } from '../text-range.ts';
import { collectLines } from './collect-lines.ts';
import {
  isLineFault,
  type LineFault,
  readGodebug,
  readGoLine,
  readPathLine,
  readReplacement,
  readRetraction,
  readToolchain,
  readVersioned,
} from './mod-lines.ts';
import { type ModLine, parseModSyntax } from './mod-syntax.ts';
import type { GoMod, Requirement } from './types.ts';

const BLOCKS = new Set(['module', 'godebug', 'require', 'exclude', 'replace', 'retract', 'tool', 'ignore']);
const VERBS = new Set([...BLOCKS, 'go', 'toolchain']);

/**
 * Reads a go.mod as `go mod edit -json` does. It never throws: a line that Go refuses is a problem and nothing else.
 * Source: File.add in golang.org/x/mod/modfile/rule.go (v0.30)
 */
export function parseGoMod(text: string): GoMod {
  const syntax = parseModSyntax(text, BLOCKS);
  const { all, single, problems } = collectLines(syntax.lines, VERBS, syntax.problems);
  return {
    module: single('module', readModuleLine),
    go: single('go', readGoLine),
    toolchain: single('toolchain', readToolchain),
    requires: all('require', readRequirement),
    replaces: all('replace', readReplacement),
    excludes: all('exclude', readVersioned),
    retracts: all('retract', readRetraction),
    tools: all('tool', readPathLine),
    ignores: all('ignore', readPathLine),
    godebugs: all('godebug', readGodebug),
    problems,
  };
}

function readRequirement(line: ModLine): Requirement | LineFault {
  const required = readVersioned(line);
  if (isLineFault(required)) return required;
  const words = line.suffix
    .slice(2)
    .split(/\s+/)
    .filter((word) => word !== '');
  const isIndirect = words.length === 1 ? words[0] === 'indirect' : words[0] === 'indirect;';
  return { ...required, isIndirect };
}

function readModuleLine(line: ModLine): (Located<string> & { readonly deprecated: string }) | LineFault {
  const read = readPathLine(line);
  if (isLineFault(read)) return read;
  const text = line.comments.map((comment) => comment.slice(2).trim()).join('\n');
  const deprecated = /(?:^|\n\n)Deprecated: *([^]*?)(?:$|\n\n)/.exec(text)?.[1] ?? '';
  return { value: read.path, range: line.words[0]?.range ?? line.range, deprecated };
}
