import { parseDockerfile } from '../../dockerfile/parse.ts';
import type { DockerfileTree, InstructionNode, Range } from '../../dockerfile/tree.ts';
import type { Edit } from '../types.ts';
import { addMountText } from './add-mount.ts';
import { insertBelow, instructionBlock, removedBlock } from './line-edits.ts';
import { flagRemoval, wordRemoval, type Change } from './removals.ts';

/**
 * Applies edits to the text of one file, or gives undefined when one of them can't be. They are done from the end of the
 * file to its start, so that the offsets of those still to come stay right; ranges must not overlap.
 */
export function applyEdits(text: string, edits: readonly Edit[], isDockerfile: boolean): string | undefined {
  let current: string | undefined = text;
  const original = isDockerfile ? parseDockerfile(text) : undefined;
  for (const edit of unfold(text, original, edits).toSorted((a, b) => placeOf(b) - placeOf(a) || order(a) - order(b))) {
    if (current === undefined) return undefined;
    current = applyEdit(current, edit, isDockerfile);
  }
  return current;
}

/** A move is an insertion and removals; what comes above one instruction comes at once. Removed words that stand side by side are one. */
type SimpleEdit =
  | Exclude<Edit, { kind: 'move-before' | 'remove-word' | 'insert-before' }>
  | { readonly kind: 'remove-words'; readonly range: Range }
  | { readonly kind: 'cut-block'; readonly at: number }
  | { readonly kind: 'insert-above'; readonly at: number; readonly text: string };

function unfold(text: string, tree: DockerfileTree | undefined, edits: readonly Edit[]): readonly SimpleEdit[] {
  const simple: SimpleEdit[] = [];
  const words: Range[] = [];
  /** Moved blocks stand above new lines, which may need what they declare. */
  const above = new Map<number, { moved: string; lines: string }>();
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  for (const edit of withoutRepeats(edits)) {
    const place = 'at' in edit ? (above.get(edit.at) ?? { moved: '', lines: '' }) : { moved: '', lines: '' };
    if (edit.kind === 'remove-word') words.push(edit.range);
    else if (edit.kind === 'insert-before') {
      place.lines += edit.lines.map((line) => `${line}${end}`).join('');
      above.set(edit.at, place);
    } else if (edit.kind === 'move-before') {
      place.moved += edit.instructions.map((start) => blockText(text, tree, start, end)).join('');
      above.set(edit.at, place);
      for (const at of edit.instructions) simple.push({ kind: 'cut-block', at });
    } else simple.push(edit);
  }
  for (const range of joinNeighbours(text, words)) simple.push({ kind: 'remove-words', range });
  for (const [at, { moved, lines }] of above) simple.push({ kind: 'insert-above', at, text: moved + lines });
  return simple;
}

/** An instruction with its comments, as whole lines. */
function blockText(text: string, tree: DockerfileTree | undefined, start: number, lineEnd: string): string {
  const node = tree && instructionAt(tree, start);
  if (tree === undefined || node === undefined) return '';
  const range = instructionBlock(tree, node);
  const block = text.slice(range.start, range.end);
  return block.endsWith('\n') ? block : `${block}${lineEnd}`;
}

/** The same edit from two rules is one. */
function withoutRepeats(edits: readonly Edit[]): readonly Edit[] {
  return [...new Map(edits.map((edit) => [JSON.stringify(edit), edit])).values()];
}

function joinNeighbours(text: string, ranges: readonly Range[]): readonly Range[] {
  const joined: Range[] = [];
  for (const range of ranges.toSorted((a, b) => a.start - b.start)) {
    const last = joined.at(-1);
    if (last !== undefined && /^[ \t]*$/.test(text.slice(last.end, range.start)))
      joined[joined.length - 1] = { start: last.start, end: range.end };
    else joined.push(range);
  }
  return joined;
}

function placeOf(edit: SimpleEdit): number {
  if (edit.kind === 'insert-after') return edit.at + 0.5;
  return 'range' in edit ? edit.range.start : edit.at;
}

/** At one place: what is below the start of the instruction first, then lines above it, then the text moved there. */
const ORDER = [
  'insert-after',
  'replace',
  'remove-words',
  'remove-flag',
  'add-mount',
  'insert-above',
  'remove-instruction',
  'cut-block',
];

/** What is put in at the start of a range comes after what happens to the range, which it would move. */
function order(edit: SimpleEdit): number {
  const isInsertion = edit.kind === 'replace' && edit.range.start === edit.range.end;
  return ORDER.indexOf(isInsertion ? 'remove-flag' : edit.kind) + (isInsertion ? 0.5 : 0);
}

function applyEdit(text: string, edit: SimpleEdit, isDockerfile: boolean): string | undefined {
  if (edit.kind === 'replace') return splice(text, { ...edit.range, text: edit.text });
  if (edit.kind === 'remove-words') return splice(text, wordRemoval(text, edit.range));
  if (!isDockerfile) return applyToLines(text, edit);
  const tree = parseDockerfile(text);
  if (edit.kind === 'remove-flag') return splice(text, flagRemoval(tree, text, edit.range));
  const node = instructionAt(tree, edit.at);
  if (node === undefined) return undefined;
  switch (edit.kind) {
    case 'add-mount':
      return splice(text, addMountText(tree, text, { node, mount: edit.mount, lineEnd: lineEnd(tree, text) }));
    case 'remove-instruction':
      return splice(text, { ...removedBlock(tree, node), text: '' });
    case 'cut-block':
      return splice(text, { ...instructionBlock(tree, node), text: '' });
    case 'insert-above': {
      const { start } = instructionBlock(tree, node);
      return splice(text, { start, end: start, text: edit.text });
    }
    case 'insert-after':
      return splice(text, insertBelow(text, { node, lines: edit.lines, lineEnd: lineEnd(tree, text) }));
  }
}

/** In files that are no Dockerfiles only whole lines can be put in. */
function applyToLines(text: string, edit: SimpleEdit): string | undefined {
  if (edit.kind === 'insert-above') {
    const start = edit.at === 0 ? 0 : text.lastIndexOf('\n', edit.at - 1) + 1;
    return splice(text, { start, end: start, text: edit.text });
  }
  if (edit.kind !== 'insert-after') return undefined;
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  const next = text.indexOf('\n', edit.at);
  const lines = edit.lines.join(end);
  return next < 0 ? `${text}${end}${lines}` : splice(text, { start: next + 1, end: next + 1, text: `${lines}${end}` });
}

function splice(text: string, change: Change | undefined): string | undefined {
  return change && `${text.slice(0, change.start)}${change.text}${text.slice(change.end)}`;
}

function instructionAt(tree: DockerfileTree, start: number): InstructionNode | undefined {
  return tree.instructions.find(({ range }) => range.start === start);
}

function lineEnd(tree: DockerfileTree, text: string): string {
  const first = text.indexOf('\n', tree.hasByteOrderMark ? 1 : 0);
  return first > 0 && text[first - 1] === '\r' ? '\r\n' : '\n';
}
