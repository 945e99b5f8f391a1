import type { MountFacts } from '../facts/mount.ts';

/** What stands between a mount and the next or previous flag of its RUN: a space, or a continuation. */
export function gapAt(text: string, { range }: MountFacts): string {
  const before = /\s[ \t]*[\\`][ \t]*\r?\n[ \t]*$/.exec(text.slice(0, range.start))?.[0];
  const after = /^[ \t]*[\\`][ \t]*\r?\n[ \t]*(?=--)/.exec(text.slice(range.end))?.[0];
  return before ?? after ?? ' ';
}
