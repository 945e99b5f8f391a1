import type { DockerfileTree, InstructionNode, Range } from '../../dockerfile/tree.ts';
import type { Change } from './removals.ts';

/** The lines of an instruction with the comment lines right above it, which are about it; directives stay where they are. */
export function instructionBlock(tree: DockerfileTree, node: InstructionNode): Range {
  let { start } = node.range;
  for (let index = tree.nodes.indexOf(node) - 1; index >= 0; index--) {
    const above = tree.nodes[index];
    if (above?.kind !== 'comment' || above.directive !== undefined) break;
    start = above.range.start;
  }
  return { start, end: node.range.end };
}

export interface Insertion {
  readonly node: InstructionNode;
  readonly lines: readonly string[];
  readonly where: 'insert-before' | 'insert-after';
  readonly lineEnd: string;
}

/** Whole lines above the instruction and its comments, or below it. */
export function insertLines(tree: DockerfileTree, text: string, { node, lines, where, lineEnd }: Insertion): Change {
  const body = lines.map((line) => `${line}${lineEnd}`).join('');
  if (where === 'insert-before') {
    const { start } = instructionBlock(tree, node);
    return { start, end: start, text: body };
  }
  const { end } = node.range;
  const isOpen = text[end - 1] !== '\n';
  return { start: end, end, text: isOpen ? `${lineEnd}${lines.join(lineEnd)}` : body };
}
