import { readCsvFields } from '../../dockerfile/csv.ts';
import type { DockerfileTree, InstructionNode } from '../../dockerfile/tree.ts';
import type { Change } from './removals.ts';

export interface MountAddition {
  readonly node: InstructionNode;
  /** Behind `--mount=`. */
  readonly mount: string;
  readonly lineEnd: string;
}

/**
 * `--mount=…` behind the flags that are there, in the way they are written: on lines of their own where they are, on the
 * same line where not. A RUN without flags gets one on its first line and continues on the next. Nothing is added for a
 * target that has its mount.
 */
export function addMountText(tree: DockerfileTree, text: string, { node, mount, lineEnd }: MountAddition): Change {
  const flag = `--mount=${mount}`;
  const last = node.flags.at(-1);
  const behind = last?.range.end ?? node.keywordRange.end;
  const nothing = { start: behind, end: behind, text: '' };
  if (node.flags.some(({ value }) => targetOf(value.slice('--mount='.length)) === targetOf(mount))) return nothing;
  const gap = text.slice(behind, node.rest.range.start);
  const isBroken = /^[ \t]*[\\`][ \t]*\r?\n[ \t]*$/.test(gap);
  if (last !== undefined) return { start: behind, end: behind, text: isBroken ? `${gap}${flag}` : ` ${flag}` };
  // Also with a comment line in the gap, which stays.
  if (isBroken || gap.includes('\n') || node.heredocs.length > 0)
    return { start: behind, end: behind, text: ` ${flag}` };
  const { start } = node.rest.range;
  return { start: behind, end: start, text: ` ${flag} ${tree.escape}${lineEnd}${indentOf(text, node)}` };
}

/** As the instruction's own continuation lines are indented, else four spaces. */
function indentOf(text: string, node: InstructionNode): string {
  const own = /\n(?<indent>[ \t]+)\S/.exec(node.raw)?.groups?.['indent'];
  const start = text.lastIndexOf('\n', node.keywordRange.start) + 1;
  const before = text.slice(start, node.keywordRange.start).replace(/\S/g, '');
  return own === undefined || own.length <= before.length ? `${before}    ` : own;
}

function targetOf(mount: string): string | undefined {
  const fields = (readCsvFields(mount) ?? []).map((field) => field.split('='));
  return fields.findLast(([key = '']) => /^(?:target|dst|destination)$/i.test(key))?.[1];
}
