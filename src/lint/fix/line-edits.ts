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

/**
 * What goes with an instruction that is taken out: its lines, and comments right above it that are orders to a linter, since those would
 * hold for the next instruction. Other comments are somebody's words and stay.
 */
export function removedBlock(tree: DockerfileTree, node: InstructionNode): Range {
  let { start } = node.range;
  for (let index = tree.nodes.indexOf(node) - 1; index >= 0; index--) {
    const above = tree.nodes[index];
    if (above?.kind !== 'comment' || !/^(?:hadolint|slipway)\s+ignore=/.test(above.text)) break;
    start = above.range.start;
  }
  return { start, end: node.range.end };
}

export interface Insertion {
  readonly node: InstructionNode;
  readonly lines: readonly string[];
  readonly lineEnd: string;
}

/** Whole lines below an instruction. */
export function insertBelow(text: string, { node, lines, lineEnd }: Insertion): Change {
  const { end } = node.range;
  const isOpen = text[end - 1] !== '\n';
  const body = isOpen ? `${lineEnd}${lines.join(lineEnd)}` : lines.map((line) => `${line}${lineEnd}`).join('');
  return { start: end, end, text: body };
}
