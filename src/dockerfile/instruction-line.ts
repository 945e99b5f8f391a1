import { toLower } from './go-text.ts';
import { parseArguments } from './instruction-arguments.ts';
import { splitCommand, type Slice } from './split-command.ts';
import type { Instruction, LineSegment, Problem, Range, Word } from './tree.ts';

export interface LineContext {
  readonly escape: string;
  /** Range in the file of a piece of the logical line. */
  readonly rangeOf: (start: number, end: number) => Range;
  /** Of the logical line that `base` counts in. */
  readonly segments: readonly LineSegment[];
  /** How many ONBUILDs stand before it on the line. */
  readonly depth?: number;
}

/** ONBUILD behind ONBUILD is refused later; a chain of thousands would only exhaust the stack here. */
const MAX_DEPTH = 100;

export interface ParsedLine {
  readonly instruction: Instruction;
  readonly keywordRange: Range;
  readonly problem: Pick<Problem, 'message' | 'hint'> | undefined;
}

/**
 * Parses one logical line, `base` being its place in the whole one when it stands behind ONBUILD.
 * Source: newNodeFromLine, github.com/moby/buildkit/blob/v0.33.1/frontend/dockerfile/parser/parser.go#L207
 */
export function parseInstructionLine(text: string, base: number, context: LineContext): ParsedLine {
  const { keyword, flags, rest } = splitCommand(text, context.escape);
  const { written, name } = readKeyword(keyword.value);
  const keywordRange = context.rangeOf(base + keyword.start, base + keyword.end);
  const restWord = wordOf(rest, base, context);
  const common = {
    keyword: written,
    name,
    text,
    flags: flags.length === 0 ? NOTHING : flags.map((flag) => wordOf(flag, base, context)),
    rest: restWord,
    joined: context.segments.length === 0 ? undefined : { restStart: base + rest.start, segments: context.segments },
  };
  const depth = context.depth ?? 0;
  if (name === 'onbuild' && rest.value !== '' && depth < MAX_DEPTH) {
    const inner = { ...context, depth: depth + 1 };
    const { instruction: child, problem } = parseInstructionLine(rest.value, base + rest.start, inner);
    const args = [child.keyword, ...child.args];
    return { instruction: build(common, { args, json: false, words: child.words }, child), keywordRange, problem };
  }
  const result = parseArguments(name, rest.value, context.escape);
  if ('message' in result) {
    return { instruction: build(common, NO_ARGUMENTS, undefined), keywordRange, problem: result };
  }
  const { args, json } = result;
  const from = base + rest.start;
  const words = result.words.map((word) =>
    // The whole rest as one word, as RUN takes it.
    word.start === 0 && word.end === rest.value.length && word.value === rest.value
      ? restWord
      : wordOf(word, from, context),
  );
  return { instruction: build(common, { args, json, words }, undefined), keywordRange, problem: undefined };
}

const NOTHING: readonly never[] = [];
const NO_ARGUMENTS: Pick<Instruction, 'args' | 'json' | 'words'> = { args: NOTHING, json: false, words: NOTHING };

/** Written out, as spreading one object into another is what a file of many instructions would spend its time on. */
function build(
  common: Omit<Instruction, 'args' | 'json' | 'words' | 'child'>,
  { args, json, words }: Pick<Instruction, 'args' | 'json' | 'words'>,
  child: Instruction | undefined,
): Instruction {
  const { keyword, name, text, flags, rest, joined } = common;
  return { keyword, name, text, flags, args, json, rest, words, joined, child };
}

function wordOf(slice: Slice, base: number, context: LineContext): Word {
  return { value: slice.value, range: context.rangeOf(base + slice.start, base + slice.end) };
}

interface Keyword {
  readonly written: string;
  readonly name: string;
}

/** The usual keywords, so that a long file doesn't hold each of them thousands of times. */
const KEYWORDS: ReadonlyMap<string, Keyword> = new Map(
  [
    ...['ADD', 'ARG', 'CMD', 'COPY', 'ENTRYPOINT', 'ENV', 'EXPOSE', 'FROM', 'HEALTHCHECK', 'LABEL', 'MAINTAINER'],
    ...['ONBUILD', 'RUN', 'SHELL', 'STOPSIGNAL', 'USER', 'VOLUME', 'WORKDIR'],
  ].map((written) => [written, { written, name: written.toLowerCase() }]),
);

function readKeyword(written: string): Keyword {
  return KEYWORDS.get(written) ?? { written, name: toLower(written) };
}
