import { parseDockerfile } from '../../dockerfile/parse.ts';
import type { InstructionNode } from '../../dockerfile/tree.ts';
import type { Edit } from '../types.ts';

/**
 * Does a fixed Dockerfile hold the instructions it held, plus and minus those that the edits announce? What no edit touches
 * must be there word for word.
 */
export function keepsInstructions(before: string, after: string, edits: readonly Edit[]): boolean {
  const [old, now] = [parseDockerfile(before), parseDockerfile(after)];
  if (now.problems.length > 0 || old.directives.length !== now.directives.length) return false;
  const untouched = old.instructions.filter((node) => !edits.some((edit) => touches(edit, node)));
  if (!isSubsequence(untouched.map(textOf), now.instructions.map(textOf))) return false;
  const expected =
    old.instructions.length + edits.reduce((sum, edit) => sum + announced(edit, old.instructions, edits), 0);
  return now.instructions.length === expected;
}

function touches(edit: Edit, { range }: InstructionNode): boolean {
  if (edit.kind === 'insert-before' || edit.kind === 'insert-after') return false;
  if (edit.kind === 'move-before') return edit.instructions.includes(range.start);
  if (!('range' in edit)) return edit.at === range.start;
  return edit.range.start < range.end && range.start <= edit.range.end;
}

function announced(edit: Edit, nodes: readonly InstructionNode[], edits: readonly Edit[]): number {
  const isRepeat = edits.findIndex((other) => JSON.stringify(other) === JSON.stringify(edit)) !== edits.indexOf(edit);
  if (isRepeat) return 0;
  if (edit.kind === 'remove-instruction') return nodes.some(({ range }) => range.start === edit.at) ? -1 : 0;
  if (edit.kind === 'replace') return announcedByText(edit, nodes);
  if (edit.kind !== 'insert-before' && edit.kind !== 'insert-after') return 0;
  return parseDockerfile(edit.lines.join('\n')).instructions.length;
}

/** A replacement that starts between instructions takes and brings what stands in it; one inside an instruction brings none. */
function announcedByText(
  { range, text }: Extract<Edit, { kind: 'replace' }>,
  nodes: readonly InstructionNode[],
): number {
  if (nodes.some((node) => node.range.start < range.start && range.start < node.range.end)) return 0;
  const gone = nodes.filter((node) => range.start <= node.range.start && node.range.start < range.end).length;
  return parseDockerfile(text).instructions.length - gone;
}

function textOf({ raw }: InstructionNode): string {
  return raw.trimEnd();
}

function isSubsequence(wanted: readonly string[], all: readonly string[]): boolean {
  let at = 0;
  for (const text of wanted) {
    while (at < all.length && all[at] !== text) at++;
    if (at++ >= all.length) return false;
  }
  return true;
}
