import { parseDockerfile } from '../../dockerfile/parse.ts';
import type { DockerfileTree, InstructionNode, Range } from '../../dockerfile/tree.ts';
import type { Edit } from '../types.ts';
import { addMountText } from './add-mount.ts';
import { instructionBlock, insertLines } from './line-edits.ts';
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

/** A move is an insertion and removals. Removed words that stand side by side are one. */
type SimpleEdit =
  | Exclude<Edit, { kind: 'move-before' | 'remove-word' }>
  | { readonly kind: 'remove-words'; readonly range: Range }
  | { readonly kind: 'insert-text'; readonly at: number; readonly text: string };

function unfold(text: string, tree: DockerfileTree | undefined, edits: readonly Edit[]): readonly SimpleEdit[] {
  const simple: SimpleEdit[] = [];
  const words: Range[] = [];
  for (const edit of withoutRepeats(edits)) {
    if (edit.kind === 'remove-word') words.push(edit.range);
    else if (edit.kind === 'move-before') simple.push(...unfoldMove(text, tree, edit));
    else simple.push(edit);
  }
  for (const range of joinNeighbours(text, words)) simple.push({ kind: 'remove-words', range });
  return simple;
}

function unfoldMove(
  text: string,
  tree: DockerfileTree | undefined,
  edit: Extract<Edit, { kind: 'move-before' }>,
): readonly SimpleEdit[] {
  const { file, at } = edit;
  const blocks = edit.instructions.map((start) => {
    const node = tree && instructionAt(tree, start);
    return tree === undefined || node === undefined ? '' : textOf(text, instructionBlock(tree, node), tree);
  });
  return [
    { kind: 'insert-text', at, text: blocks.join('') },
    ...edit.instructions.map((start) => ({ kind: 'remove-instruction', file, at: start }) as const),
  ];
}

function textOf(text: string, { start, end }: Range, tree: DockerfileTree): string {
  const block = text.slice(start, end);
  return block.endsWith('\n') ? block : `${block}${lineEnd(tree, text)}`;
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
  'remove-instruction',
  'insert-before',
  'insert-text',
];

function order(edit: SimpleEdit): number {
  return ORDER.indexOf(edit.kind);
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
      return splice(text, { ...instructionBlock(tree, node), text: '' });
    case 'insert-text':
      return splice(text, {
        start: instructionBlock(tree, node).start,
        end: instructionBlock(tree, node).start,
        text: edit.text,
      });
    case 'insert-before':
    case 'insert-after':
      return splice(
        text,
        insertLines(tree, text, { node, lines: edit.lines, where: edit.kind, lineEnd: lineEnd(tree, text) }),
      );
  }
}

/** In files that are no Dockerfiles only whole lines can be put in. */
function applyToLines(text: string, edit: SimpleEdit): string | undefined {
  if (edit.kind !== 'insert-before' && edit.kind !== 'insert-after') return undefined;
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  const start = text.lastIndexOf('\n', edit.at - 1) + 1;
  const next = text.indexOf('\n', edit.at);
  const lines = edit.lines.join(end);
  if (edit.kind === 'insert-before') return splice(text, { start, end: start, text: `${lines}${end}` });
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
