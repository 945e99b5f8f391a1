import { diffLines, splitLines, type LineChange } from './line-diff.ts';

const CONTEXT = 3;

/** A patch of one file as `patch -p1` and `git apply` take it; '' when nothing differs. `before` is undefined for a new file. */
export function unifiedPatch(path: string, before: string | undefined, after: string): string {
  const [old, now] = [splitLines(before ?? ''), splitLines(after)];
  const hunks = groupChanges(diffLines(old, now), old.length);
  if (hunks.length === 0) return '';
  const body = hunks.map((changes) => formatHunk(changes, old));
  const name = before === undefined ? '/dev/null' : `a/${path}`;
  return `--- ${name}\n+++ b/${path}\n${body.join('')}`;
}

/** Changes whose surroundings meet are one hunk. */
function groupChanges(changes: readonly LineChange[], length: number): readonly (readonly LineChange[])[] {
  const hunks: LineChange[][] = [];
  for (const change of changes) {
    const last = hunks.at(-1)?.at(-1);
    const isNear = last !== undefined && change.oldStart - (last.oldStart + last.oldCount) <= 2 * CONTEXT;
    if (isNear && length > 0) hunks.at(-1)?.push(change);
    else hunks.push([change]);
  }
  return hunks;
}

function formatHunk(changes: readonly LineChange[], old: readonly string[]): string {
  const [first] = changes;
  const last = changes.at(-1);
  if (first === undefined || last === undefined) return '';
  const start = Math.max(first.oldStart - CONTEXT, 0);
  const end = Math.min(last.oldStart + last.oldCount + CONTEXT, old.length);
  const lines: string[] = [];
  let at = start;
  for (const change of changes) {
    for (const line of old.slice(at, change.oldStart)) lines.push(` ${line}`);
    at = change.oldStart + change.oldCount;
    for (const line of old.slice(change.oldStart, at)) lines.push(`-${line}`);
    for (const line of change.lines) lines.push(`+${line}`);
  }
  for (const line of old.slice(at, end)) lines.push(` ${line}`);
  const added = changes.reduce((sum, change) => sum + change.lines.length - change.oldCount, 0);
  const newStart = first.newStart - (first.oldStart - start);
  const header = `@@ -${span(start, end - start)} +${span(newStart, end - start + added)} @@\n`;
  return header + lines.map(withEnd).join('');
}

/** Lines count from 1; an empty stretch is named by the line before it. */
function span(start: number, count: number): string {
  return `${count === 0 ? start : start + 1},${count}`;
}

function withEnd(line: string): string {
  return line.endsWith('\n') ? line : `${line}\n\\ No newline at end of file\n`;
}
