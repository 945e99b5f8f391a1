import type { Edit, Finding } from '../types.ts';

export interface Choice {
  readonly chosen: readonly Finding[];
  /** They touch what a chosen one touches: for the next round. */
  readonly postponed: readonly Finding[];
}

/** The fixes that can be applied together: all edits of each, none that meets an edit of another one. The same edit may come from several. */
export function chooseFixes(findings: readonly Finding[]): Choice {
  const chosen: Finding[] = [];
  const postponed: Finding[] = [];
  const taken: Edit[] = [];
  for (const finding of findings) {
    const edits = finding.fix?.edits ?? [];
    const isFree = edits.every((edit) => taken.every((other) => !meet(edit, other)));
    if (isFree) taken.push(...edits);
    (isFree ? chosen : postponed).push(finding);
  }
  return { chosen, postponed };
}

/** Mounts added to one RUN never meet: the same target is added once. */
function meet(edit: Edit, other: Edit): boolean {
  if (edit.file !== other.file || JSON.stringify(edit) === JSON.stringify(other)) return false;
  const [a, b] = [spansOf(edit), spansOf(other)];
  return a.some((one) => b.some((two) => overlap(one, two)));
}

interface Span {
  readonly start: number;
  readonly end: number;
  /** The whole instruction goes or moves: nothing else may be done at its start. */
  readonly isWhole?: boolean;
}

function spansOf(edit: Edit): readonly Span[] {
  switch (edit.kind) {
    case 'replace':
    case 'remove-word':
    case 'remove-flag':
      return [edit.range];
    case 'remove-instruction':
      return [{ start: edit.at, end: edit.at, isWhole: true }];
    case 'move-before':
      return edit.instructions.map((at) => ({ start: at, end: at, isWhole: true }));
    default:
      return [{ start: edit.at, end: edit.at }];
  }
}

function overlap(a: Span, b: Span): boolean {
  if (a.isWhole === true || b.isWhole === true) return a.start === b.start;
  return a.start < b.end && b.start < a.end;
}
