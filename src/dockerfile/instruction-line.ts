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
  const name = toLower(keyword.value);
  const wordOf = (slice: Slice, from: number): Word => ({
    value: slice.value,
    range: context.rangeOf(base + from + slice.start, base + from + slice.end),
  });
  const common = {
    keyword: keyword.value,
    name,
    text,
    flags: flags.map((flag) => wordOf(flag, 0)),
    rest: wordOf(rest, 0),
    joined: { restStart: base + rest.start, segments: context.segments },
  };
  const keywordRange = context.rangeOf(base + keyword.start, base + keyword.end);
  const depth = context.depth ?? 0;
  if (name === 'onbuild' && rest.value !== '' && depth < MAX_DEPTH) {
    const inner = { ...context, depth: depth + 1 };
    const { instruction: child, problem } = parseInstructionLine(rest.value, base + rest.start, inner);
    const args = [child.keyword, ...child.args];
    return { instruction: { ...common, args, json: false, words: child.words, child }, keywordRange, problem };
  }
  const result = parseArguments(name, rest.value, context.escape);
  if ('message' in result) {
    return {
      instruction: { ...common, args: [], json: false, words: [], child: undefined },
      keywordRange,
      problem: result,
    };
  }
  const words = result.words.map((word) => wordOf(word, rest.start));
  return {
    instruction: { ...common, args: result.args, json: result.json, words, child: undefined },
    keywordRange,
    problem: undefined,
  };
}
