/** Lines that differ: `oldCount` lines from `oldStart` on (from 0) became `lines`. */
export interface LineChange {
  readonly oldStart: number;
  readonly oldCount: number;
  readonly newStart: number;
  readonly lines: readonly string[];
}

/** Splits a text into lines with their ends. */
export function splitLines(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/**
 * The changes that make one list of lines the other, fewest lines first: E. Myers, An O(ND) difference algorithm (1986). Beyond
 * `MOST_EDITS` differing lines the whole stretch counts as one change.
 */
export function diffLines(before: readonly string[], after: readonly string[]): readonly LineChange[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < before.length - head && tail < after.length - head && before.at(-1 - tail) === after.at(-1 - tail))
    tail++;
  const old = before.slice(head, before.length - tail);
  const now = after.slice(head, after.length - tail);
  if (old.length === 0 && now.length === 0) return [];
  return toChanges(keptLines(old, now) ?? [], old.length, now).map((change) => ({
    ...change,
    oldStart: change.oldStart + head,
    newStart: change.newStart + head,
  }));
}

const MOST_EDITS = 2000;

type Pair = readonly [old: number, now: number];

/** Pairs of lines that stay, in order. */
function keptLines(old: readonly string[], now: readonly string[]): readonly Pair[] | undefined {
  let reach = new Map<number, number>([[1, 0]]);
  const most = Math.min(old.length + now.length, MOST_EDITS);
  const trace: Map<number, number>[] = [];
  for (let depth = 0; depth <= most; depth++) {
    const next = new Map<number, number>();
    for (let diagonal = -depth; diagonal <= depth; diagonal += 2) {
      const down = reach.get(diagonal + 1) ?? -1;
      const right = (reach.get(diagonal - 1) ?? -1) + 1;
      let x = diagonal === -depth || (diagonal !== depth && right <= down) ? down : right;
      while (x < old.length && x - diagonal < now.length && old[x] === now[x - diagonal]) x++;
      next.set(diagonal, x);
      if (x >= old.length && x - diagonal >= now.length) return backtrack([...trace, reach], old.length, now.length);
    }
    trace.push(reach);
    reach = next;
  }
  return undefined;
}

function backtrack(trace: readonly Map<number, number>[], oldLength: number, newLength: number): readonly Pair[] {
  const pairs: Pair[] = [];
  let [x, y] = [oldLength, newLength];
  for (let depth = trace.length - 1; depth >= 0; depth--) {
    const reach = trace[depth] ?? new Map<number, number>();
    const diagonal = x - y;
    const down = reach.get(diagonal + 1) ?? -1;
    const right = (reach.get(diagonal - 1) ?? -1) + 1;
    const isDown = diagonal === -depth || (diagonal !== depth && right <= down);
    const startX = isDown ? down : right;
    while (x > startX && y > startX - diagonal) pairs.push([--x, --y]);
    if (isDown) y--;
    else x--;
  }
  return pairs.reverse();
}

function toChanges(pairs: readonly Pair[], oldLength: number, now: readonly string[]): readonly LineChange[] {
  const changes: LineChange[] = [];
  let [old, next] = [0, 0];
  for (const [oldIndex, newIndex] of [...pairs, [oldLength, now.length] as const]) {
    if (oldIndex > old || newIndex > next) {
      changes.push({ oldStart: old, oldCount: oldIndex - old, newStart: next, lines: now.slice(next, newIndex) });
    }
    [old, next] = [oldIndex + 1, newIndex + 1];
  }
  return changes;
}
