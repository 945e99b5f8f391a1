import type { TextRange } from './mapped-text.ts';
import type { ShellCommand, ShellList, ShellWord } from './types.ts';

/** A change of the file's text. */
export interface TextEdit {
  readonly range: TextRange;
  readonly text: string;
}

/** `whole-script`: the command is all the script does, so that the instruction itself has to go. `none`: it can't be taken out by a plain edit. */
export type CommandRemoval =
  | { readonly kind: 'edits'; readonly edits: readonly TextEdit[] }
  | { readonly kind: 'whole-script' }
  | { readonly kind: 'none'; readonly reason: string };

/**
 * Takes a command out as if it had succeeded at once, together with the operator or line that joined it to its neighbours.
 * Comment lines stay, and so does everything else. `text` is the file that the command's ranges belong to.
 */
export function planCommandRemoval(command: ShellCommand, text: string): CommandRemoval {
  const { list, statementIndex, chainIndex, isWholeLink, hasHeredoc } = command.place;
  if (list === undefined || !command.isExact) return none('the script is not written out in the file');
  if (hasHeredoc) return none('it has a here-document');
  if (!isWholeLink) return none('it is part of a pipeline or a condition');
  const statement = list.statements[statementIndex];
  const link = statement?.chain[chainIndex];
  if (statement === undefined || link === undefined) return none('its place is not known');
  if (statement.chain.length > 1) {
    const region = linkRegion(statement.chain, chainIndex, text);
    if (region === 'all') return removeStatement(list, statementIndex, text);
    if (region === 'replace') return replaceBy(link.range, 'true');
    return edits(coveringEdits(region, text, list.scriptEnd));
  }
  return removeStatement(list, statementIndex, text);
}

/** Takes a word out of a command with the space before it, over line ends too. */
export function planWordRemoval(word: ShellWord, text: string): readonly TextEdit[] | undefined {
  if (!word.isExact) return undefined;
  let { start } = word.range;
  while (start > 0 && (text[start - 1] === ' ' || text[start - 1] === '\t')) start--;
  const isFirstOnLine = start === 0 || text[start - 1] === '\n';
  if (!isFirstOnLine) return [{ range: { start, end: word.range.end }, text: '' }];
  // The first word of its line: the line goes when nothing but a continuation is left of it.
  let { end } = word.range;
  while (text[end] === ' ' || text[end] === '\t') end++;
  const lineEnd = endOfLine(text, end);
  const rest = text.slice(end, lineEnd).trim();
  if (rest === '\\' || rest === '`') return [{ range: { start, end: Math.min(lineEnd + 1, text.length) }, text: '' }];
  return [{ range: { start: word.range.start, end: rest === '' ? word.range.end : end }, text: '' }];
}

function none(reason: string): CommandRemoval {
  return { kind: 'none', reason };
}

function edits(list: readonly TextEdit[]): CommandRemoval {
  return { kind: 'edits', edits: list };
}

function replaceBy(range: TextRange, text: string): CommandRemoval {
  return edits([{ range, text }]);
}

type Chain = ShellList['statements'][number]['chain'];

/** What has to go with a link, so that the chain means the same as with `true` in its place. */
function linkRegion(chain: Chain, index: number, text: string): TextRange | 'all' | 'replace' {
  const link = chain[index];
  const before = chain[index - 1];
  if (link === undefined) return 'replace';
  if (before !== undefined && link.operator === '&&') {
    const next = chain[index + 1];
    // Operators at the ends of lines: up to the next link. At the starts of lines, or before `||`: back to the link before.
    const isLeading = /\n[^\n]*&&[^\n]*$/.test(text.slice(before.range.end, link.range.start));
    if (next?.operator === '&&' && !isLeading) return { start: link.range.start, end: next.range.start };
    return { start: before.range.end, end: link.range.end };
  }
  // Behind `||` it is what makes the chain succeed.
  if (before !== undefined) return 'replace';
  let next = 1;
  // `command || other`: other would never run.
  while (chain[next]?.operator === '||') next++;
  const kept = chain[next];
  return kept === undefined ? 'all' : { start: link.range.start, end: kept.range.start };
}

function removeStatement(list: ShellList, index: number, text: string): CommandRemoval {
  const { statements, scriptEnd } = list;
  const statement = statements[index];
  if (statement === undefined) return none('its place is not known');
  if (statements.length === 1) {
    if (list.isWholeScript) return { kind: 'whole-script' };
    return replaceBy(statement.range, 'true');
  }
  const previous = statements[index - 1];
  const next = statements[index + 1];
  if (statement.terminator === '\n' || previous?.terminator === '\n') return edits(ownLineEdits(list, index, text));
  if (next !== undefined)
    return edits(coveringEdits({ start: statement.range.start, end: next.range.start }, text, scriptEnd));
  if (previous === undefined || previous.terminator === '&') return replaceBy(statement.range, 'true');
  return edits(coveringEdits({ start: previous.range.end, end: statement.range.end }, text, scriptEnd));
}

/** A statement that ends with its line: the line goes when nothing else stands on it. */
function ownLineEdits({ statements }: ShellList, index: number, text: string): readonly TextEdit[] {
  const statement = statements[index];
  const next = statements[index + 1];
  if (statement === undefined) return [];
  let { start, end } = statement.range;
  if (statement.terminator === ';' && next !== undefined)
    return [{ range: { start, end: next.range.start }, text: '' }];
  if (statement.terminator === ';' || statement.terminator === '&') end = text.indexOf(statement.terminator, end) + 1;
  while (start > 0 && (text[start - 1] === ' ' || text[start - 1] === '\t')) start--;
  let behind = end;
  while (text[behind] === ' ' || text[behind] === '\t' || text[behind] === '\r') behind++;
  const isOwnLine = (start === 0 || text[start - 1] === '\n') && (behind >= text.length || text[behind] === '\n');
  if (isOwnLine) return [{ range: { start, end: Math.min(behind + 1, text.length) }, text: '' }];
  return [{ range: { start: statement.range.start, end }, text: '' }];
}

/** Deletes a region but for the comment lines in it, and leaves no line empty. */
function coveringEdits(region: TextRange, text: string, scriptEnd: number): readonly TextEdit[] {
  const result: TextEdit[] = [];
  const comments = commentLines(region, text);
  if (comments.length === 0) return [{ range: region, text: '' }];
  let at = region.start;
  for (const comment of comments) {
    addEdit(result, beforeComment({ start: at, end: comment.start }, text, region.end >= scriptEnd));
    at = comment.end;
  }
  addEdit(result, behindComment({ start: at, end: region.end }, text));
  return result;
}

function addEdit(into: TextEdit[], range: TextRange): void {
  if (range.end > range.start) into.push({ range, text: '' });
}

/** The stretch of a region in front of a comment line. */
function beforeComment(range: TextRange, text: string, isAtEnd: boolean): TextRange {
  const lineStart = startOfLine(text, range.start);
  if (text.slice(lineStart, range.start).trim() === '') return { start: lineStart, end: range.end };
  // Something stays on the line: it keeps its line end, and its continuation when more of the script follows.
  const lineEnd = endOfLine(text, range.start);
  const rest = text.slice(range.start, lineEnd);
  const continuation = /[ \t]*[\\`][ \t\r]*$/.exec(rest)?.[0] ?? '';
  const isBehindSpace = /[ \t]/.test(text[range.start - 1] ?? '');
  const kept = isAtEnd ? 0 : (isBehindSpace ? continuation.trimStart() : continuation).length;
  const carriageReturn = kept === 0 && rest.endsWith('\r') ? 1 : 0;
  const end = lineEnd - kept - carriageReturn;
  // Whole lines between this one and the comment can only be part of what goes.
  return lineEnd + 1 >= range.end
    ? { start: range.start, end }
    : { start: range.start, end: range.end - 1 - carriageReturn };
}

function behindComment(range: TextRange, text: string): TextRange {
  const isIndentOnly = text.slice(range.start, range.end).trim() === '';
  if (isIndentOnly) return { start: range.end, end: range.end };
  const lineEnd = endOfLine(text, range.end);
  // The line before the comment continues already.
  const isLineEmpty = /^[ \t]*[\\`]?[ \t\r]*$/.test(text.slice(range.end, lineEnd));
  return { start: range.start, end: isLineEmpty ? Math.min(lineEnd + 1, text.length) : range.end };
}

/** Lines inside a region that are comments of the file, with their line ends. */
function commentLines(region: TextRange, text: string): readonly TextRange[] {
  const lines: TextRange[] = [];
  for (let at = endOfLine(text, region.start) + 1; at < region.end; at = endOfLine(text, at) + 1) {
    const end = endOfLine(text, at) + 1;
    if (/^[ \t]*#/.test(text.slice(at, end)) && end <= region.end) lines.push({ start: at, end });
  }
  return lines;
}

function startOfLine(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

function endOfLine(text: string, offset: number): number {
  const newline = text.indexOf('\n', offset);
  return newline < 0 ? text.length : newline;
}
