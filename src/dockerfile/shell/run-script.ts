import {
  exactText,
  joinMapped,
  sliceMapped,
  standInText,
  type MappedText,
  type TextPiece,
} from '../../shell/mapped-text.ts';
import { SHELLS, baseName } from '../../shell/wrappers.ts';
import { readHeredocStart } from '../heredoc.ts';
import type { Step } from '../stage-graph.ts';
import type { Heredoc, Instruction } from '../tree.ts';
import { WordError } from '../word-error.ts';

/**
 * The shell script a RUN hands to its shell, with the way back to the Dockerfile; undefined when no shell runs it that we can read:
 * `shell` is the SHELL in force, undefined for the default one.
 * Source: dispatchRun, github.com/moby/buildkit/blob/v0.33.1/frontend/dockerfile/dockerfile2llb/convert.go#L1354
 */
export function readRunScript(
  step: Pick<Step, 'instruction' | 'heredocs'>,
  shell?: readonly string[],
): MappedText | undefined {
  const { instruction, heredocs } = step;
  if (instruction.json) return quoteWords(instruction);
  const [first] = heredocs;
  const isSingle = first !== undefined && isSingleHeredoc(instruction.rest.value);
  if (isSingle) {
    const script = heredocText(first);
    // A first line `#!` names the program, whatever SHELL says.
    if (script.text.startsWith('#!')) return SHELL_LINE.test(script.text) ? script : undefined;
    return isReadable(shell) ? script : undefined;
  }
  if (!isReadable(shell)) return undefined;
  const text = restText(instruction);
  if (first === undefined) return text;
  const parts: MappedText[] = [text];
  for (const heredoc of heredocs) {
    const { start, end } = heredoc.contentRange;
    parts.push(standInText('\n', { start, end: start }), exactText(heredoc.content, start));
    parts.push(standInText(heredoc.name, { start: end, end }));
  }
  return joinMapped(parts.filter((part) => part.text !== ''));
}

const SHELL_LINE = /^#!\s*(?:\S*\/)?(?:env\s+(?:-S\s+)?)?(?:\S*\/)?(?:ba|da|a|k|z)?sh\b/;

/** cmd and PowerShell speak another language. */
function isReadable(shell: readonly string[] | undefined): boolean {
  return shell === undefined || SHELLS.has(baseName(shell[0] ?? ''));
}

/** Everything behind keyword and flags. */
function restText({ rest, joined }: Instruction): MappedText {
  if (joined === undefined) return exactText(rest.value, rest.range.start);
  const { restStart, segments } = joined;
  const end = restStart + rest.value.length;
  const pieces: TextPiece[] = [];
  for (const [index, segment] of segments.entries()) {
    const next = segments[index + 1]?.logicalStart ?? end;
    if (next <= restStart || segment.logicalStart >= end) continue;
    const cut = Math.max(restStart - segment.logicalStart, 0);
    const start = segment.logicalStart + cut - restStart;
    const length = Math.min(next, end) - restStart - start;
    if (length === 0) continue;
    const sourceStart = segment.sourceStart + cut;
    pieces.push({ start, sourceStart, sourceEnd: sourceStart + length, isExact: true });
  }
  return pieces.length > 0 ? { text: rest.value, pieces } : exactText(rest.value, rest.range.start);
}

/** The body, with the tabs that `<<-` drops taken out. */
function heredocText({ content, contentRange, chomp }: Heredoc): MappedText {
  if (!chomp || !/(?:^|\n)\t/.test(content)) return exactText(content, contentRange.start);
  const parts: MappedText[] = [];
  for (let at = 0; at < content.length; ) {
    const newline = content.indexOf('\n', at);
    const end = newline < 0 ? content.length : newline + 1;
    while (at < end && content[at] === '\t') at++;
    if (at < end) parts.push(exactText(content.slice(at, end), contentRange.start + at));
    at = end;
  }
  return parts.length > 0 ? joinMapped(parts) : exactText('', contentRange.start);
}

function isSingleHeredoc(text: string): boolean {
  try {
    return readHeredocStart(text) !== undefined;
  } catch (error) {
    if (error instanceof WordError) return false;
    throw error;
  }
}

/** An exec-form command as shell words that mean the same; each stands for its JSON string. */
function quoteWords(instruction: Instruction): MappedText {
  const whole = restText(instruction);
  const strings = whole.text.matchAll(/"(?:\\.|[^"\\])*"/gs);
  const parts: MappedText[] = [];
  for (const word of instruction.args) {
    const found = strings.next().value;
    const first = found?.index ?? 0;
    const last = first + Math.max((found?.[0].length ?? 0) - 1, 0);
    const start = sourceOffsetOf(whole, first);
    const end = sourceOffsetOf(whole, last) + 1;
    if (parts.length > 0) parts.push(standInText(' ', { start, end: start }));
    const isPlain = /^[\w@%+=:,./-]+$/.test(word);
    if (!isPlain && !word.includes("'") && found?.[0] === `"${word}"`) {
      // The script of `["sh", "-c", "…"]` stands in the file as it is.
      parts.push(
        standInText("'", { start, end: start + 1 }),
        sliceMapped(whole, { start: first + 1, end: last }),
        standInText("'", { start: end - 1, end }),
      );
      continue;
    }
    parts.push(standInText(isPlain ? word : `'${word.replaceAll("'", `'\\''`)}'`, { start, end }));
  }
  return parts.length > 0 ? joinMapped(parts) : exactText('', instruction.rest.range.start);
}

function sourceOffsetOf({ pieces }: MappedText, offset: number): number {
  const piece = pieces.findLast((each) => each.start <= offset);
  return piece === undefined ? 0 : piece.sourceStart + offset - piece.start;
}
