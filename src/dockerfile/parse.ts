import { SlipwayError } from '../core/errors.ts';
import { readDirective, newDirectiveReader } from './directives.ts';
import { skipSpace, trimSpace } from './go-text.ts';
import { readHeredocStarts, type HeredocStart } from './heredoc.ts';
import { parseInstructionLine } from './instruction-line.ts';
import {
  contentEnd,
  isTooLong,
  MAX_LINE_BYTES,
  readLogicalLine,
  sourceOffset,
  type LogicalLine,
} from './logical-line.ts';
import { readSourceText, type SourceText } from './source-lines.ts';
import type {
  CommentNode,
  Directive,
  DockerfileTree,
  Heredoc,
  Instruction,
  InstructionNode,
  Node,
  Problem,
  Range,
} from './tree.ts';
import { checkInstructions } from './check-instructions.ts';
import { WordError } from './word-error.ts';

/**
 * Parses a Dockerfile of any quality into a tree from which `printDockerfile` gives the same text back; what BuildKit would refuse is in `problems`.
 * Source: Parse, github.com/moby/buildkit/blob/v0.33.1/frontend/dockerfile/parser/parser.go#L276
 */
export function parseDockerfile(text: string): DockerfileTree {
  const reader: Reader = {
    source: readSourceText(text),
    escape: '\\',
    directiveReader: newDirectiveReader(),
    directives: [],
    nodes: [],
    instructions: [],
    problems: [],
    comments: [],
  };
  const { lineCount } = reader.source;
  for (let index = 0; index < lineCount; ) index = readNode(reader, index);
  if (reader.instructions.length === 0) {
    reader.problems.push({
      phase: 'parse',
      line: Math.max(lineCount, 1),
      message: 'the file has no instructions',
      hint: 'Start with FROM, for example `FROM golang:1.26`.',
    });
  }
  // What has no arguments because it could not be read needs no second complaint.
  const unread = new Set(reader.problems.map((problem) => problem.line));
  const later = checkInstructions(reader.instructions).filter((problem) => !unread.has(problem.line));
  const problems = [...reader.problems, ...later];
  return {
    hasByteOrderMark: text.startsWith('\ufeff'),
    escape: reader.escape,
    directives: reader.directives,
    nodes: reader.nodes,
    instructions: reader.instructions,
    positionAt: reader.source.positionAt,
    problems: problems.sort((a, b) => phaseOrder(a) - phaseOrder(b) || a.line - b.line),
  };
}

/** The same, for callers that can't go on with a broken file: throws DOCKERFILE_INVALID for the first problem, at `fileName:line`. */
export function parseDockerfileStrictly(text: string, fileName: string): DockerfileTree {
  if (text.length > MAX_FILE_CHARS) {
    throw new SlipwayError('DOCKERFILE_INVALID', `\`${fileName}\` is larger than 1 MiB`, {
      hint: 'Move large content into files and COPY them.',
      location: `${fileName}:1`,
    });
  }
  const tree = parseDockerfile(text);
  const [first] = tree.problems;
  if (first !== undefined) throw problemError(first, fileName);
  return tree;
}

/** A problem as the error that ends the command. */
export function problemError(problem: Omit<Problem, 'phase'>, fileName: string): SlipwayError {
  return new SlipwayError('DOCKERFILE_INVALID', `${fileName}:${problem.line}: ${problem.message}`, {
    hint: problem.hint,
    location: `${fileName}:${problem.line}`,
  });
}

const MAX_FILE_CHARS = 1 << 20;
const NOTHING: readonly never[] = [];

interface Reader {
  readonly source: SourceText;
  escape: '\\' | '`';
  readonly directiveReader: ReturnType<typeof newDirectiveReader>;
  readonly directives: Directive[];
  readonly nodes: Node[];
  readonly instructions: InstructionNode[];
  readonly problems: Problem[];
  comments: string[];
}

function phaseOrder(problem: Problem): number {
  return problem.phase === 'parse' ? 0 : 1;
}

/** Reads the node that starts at a line and returns the line behind it. */
function readNode(reader: Reader, index: number): number {
  const { source } = reader;
  const line = source.lineAt(index);
  if (line === undefined) return index + 1;
  const end = contentEnd(source.text, line);
  const raw = source.text.slice(line.start, line.end);
  const content = trimSpaceBefore(source.text.slice(line.start, end));
  noteLongLines(reader, index, index + 1);
  if (content.startsWith('#')) {
    reader.nodes.push(
      readComment(reader, { raw, content, range: { start: line.start, end: line.end }, line: line.number }),
    );
    return index + 1;
  }
  reader.directiveReader.done = true;
  if (content === '') {
    reader.nodes.push({ kind: 'blank', raw, range: { start: line.start, end: line.end } });
    return index + 1;
  }
  return readInstruction(reader, index);
}

function readComment(
  reader: Reader,
  from: { raw: string; content: string; range: CommentNode['range']; line: number },
): CommentNode {
  const text = trimSpace(from.content.slice(1));
  const found = readDirective(reader.directiveReader, from.content);
  let directive: Directive | undefined;
  if (found !== undefined) {
    directive = { name: found.name, value: found.value, line: from.line };
    const problem = applyDirective(reader, directive, found.repeated);
    if (problem !== undefined) reader.problems.push(problem);
    else reader.directives.push(directive);
  } else if (text === '') reader.comments = [];
  else reader.comments.push(text);
  return { kind: 'comment', raw: from.raw, range: from.range, text, directive };
}

function applyDirective(reader: Reader, directive: Directive, repeated: boolean): Problem | undefined {
  const { name, value, line } = directive;
  if (repeated) {
    return { phase: 'parse', line, message: `a second \`# ${name}=\` directive`, hint: 'Keep one of them.' };
  }
  if (name !== 'escape') return undefined;
  if (value !== '\\' && value !== '`') {
    return {
      phase: 'parse',
      line,
      message: `\`${value}\` can't be the escape character`,
      hint: 'Write `# escape=\\` or "# escape=`".',
    };
  }
  reader.escape = value;
  return undefined;
}

function readInstruction(reader: Reader, index: number): number {
  const { source } = reader;
  const first = source.lineAt(index);
  const logical = readLogicalLine(source, index, reader.escape);
  noteLongLines(reader, index + 1, logical.nextIndex);
  const startLine = index + 1;
  const rangeOf = (start: number, end: number): Range => ({
    start: sourceOffset(logical, start, 'start'),
    end: sourceOffset(logical, end, 'end'),
  });
  const { instruction, keywordRange, problem } = parseInstructionLine(logical.text, 0, {
    escape: reader.escape,
    rangeOf,
    segments: logical.segments,
  });
  if (problem !== undefined) reader.problems.push({ phase: 'parse', line: startLine, ...problem });
  const bodies = problem === undefined ? readHeredocs(reader, instruction, logical, startLine) : noHeredocs(logical);
  const start = first?.start ?? 0;
  const end = source.lineAt(bodies.nextIndex - 1)?.end ?? source.text.length;
  const node: InstructionNode = {
    kind: 'instruction',
    raw: source.text.slice(start, end),
    range: { start, end },
    keyword: instruction.keyword,
    name: instruction.name,
    text: instruction.text,
    flags: instruction.flags,
    args: instruction.args,
    json: instruction.json,
    rest: instruction.rest,
    words: instruction.words,
    joined: instruction.joined,
    child: instruction.child,
    keywordRange,
    heredocs: bodies.heredocs,
    startLine,
    endLine: bodies.nextIndex,
    comments: reader.comments.length > 0 ? reader.comments : NOTHING,
    emptyContinuationLines: logical.emptyLines,
  };
  reader.nodes.push(node);
  reader.instructions.push(node);
  if (reader.comments.length > 0) reader.comments = [];
  return bodies.nextIndex;
}

interface HeredocBodies {
  readonly heredocs: readonly Heredoc[];
  readonly nextIndex: number;
}

function noHeredocs(logical: LogicalLine): HeredocBodies {
  return { heredocs: NOTHING, nextIndex: logical.nextIndex };
}

function readHeredocs(
  reader: Reader,
  instruction: Instruction,
  logical: LogicalLine,
  startLine: number,
): HeredocBodies {
  const holder = instruction.child ?? instruction;
  const canHold = (holder.name === 'run' || holder.name === 'copy' || holder.name === 'add') && !holder.json;
  if (!canHold || !logical.text.includes('<<')) return noHeredocs(logical);
  let starts: readonly HeredocStart[];
  try {
    starts = readHeredocStarts(logical.text);
  } catch (error) {
    if (!(error instanceof WordError)) throw error;
    reader.problems.push({
      phase: 'parse',
      line: startLine,
      message: error.message,
      hint: 'Close the quotes of the here-document name.',
    });
    return noHeredocs(logical);
  }
  const heredocs: Heredoc[] = [];
  let index = logical.nextIndex;
  for (const start of starts) {
    const body = readHeredocBody(reader, start, index);
    heredocs.push(body.heredoc);
    noteLongLines(reader, index, body.nextIndex);
    index = body.nextIndex;
    if (!body.terminated) {
      const hint = `Put a line with only \`${start.name}\` behind the text.`;
      reader.problems.push({
        phase: 'parse',
        line: startLine,
        message: `the here-document \`${start.name}\` has no end`,
        hint,
      });
      break;
    }
  }
  return { heredocs, nextIndex: index };
}

function readHeredocBody(
  reader: Reader,
  start: HeredocStart,
  from: number,
): { heredoc: Heredoc; nextIndex: number; terminated: boolean } {
  const { source } = reader;
  const bodyStart = source.lineAt(from)?.start ?? source.text.length;
  let index = from;
  let terminated = false;
  let bodyEnd = source.text.length;
  for (let line = source.lineAt(index); line !== undefined && !terminated; line = source.lineAt(index)) {
    let at = line.start;
    const end = contentEnd(source.text, line);
    while (start.chomp && at < end && source.text[at] === '\t') at++;
    index++;
    if (end - at === start.name.length && source.text.startsWith(start.name, at)) {
      terminated = true;
      bodyEnd = line.start;
    }
  }
  const content = source.text.slice(bodyStart, bodyEnd);
  const contentRange = { start: bodyStart, end: bodyEnd };
  return {
    heredoc: { ...start, content, contentRange },
    nextIndex: index,
    terminated,
  };
}

function noteLongLines(reader: Reader, from: number, to: number): void {
  for (let index = from; index < to; index++) {
    if (reader.source.lengthAt(index) * 3 < MAX_LINE_BYTES) continue;
    const line = reader.source.lineAt(index);
    if (line === undefined || !isTooLong(reader.source.text, line)) continue;
    const message = 'the line is longer than 65,535 bytes';
    reader.problems.push({
      phase: 'parse',
      line: line.number,
      message,
      hint: 'Split it, or COPY the content from a file.',
    });
  }
}

function trimSpaceBefore(content: string): string {
  return content.slice(skipSpace(content, 0));
}
