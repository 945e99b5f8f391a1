import { seededRandom } from './crash-run.ts';
import { SUITE_SIZE } from './suite-size.ts';

/** What a run's slices are drawn by: `SLIPWAY_SEED` repeats a run. Tests show it in their names. */
export const SLICE_SEED: number = Number(process.env['SLIPWAY_SEED'] ?? Math.floor(Math.random() * 1e6));

/** So many of the items, one behind the other from a place that the seed draws; in the long runs all of them. */
export function seededSlice<T>(items: readonly T[], count: number): readonly T[] {
  if (SUITE_SIZE !== 'slice') return items;
  const start = SLICE_SEED % Math.max(1, items.length);
  return [...items.slice(start), ...items.slice(0, start)].slice(0, count);
}

/**
 * So many of the items from all over the list, in its order; in the long runs all of them. Where one of them is drawn from
 * what another draw made, the two need different `draw`s, or some pairs never come.
 */
export function seededSample<T>(items: readonly T[], count: number, draw = 0): readonly T[] {
  if (SUITE_SIZE !== 'slice') return items;
  const random = seededRandom(SLICE_SEED + draw * 1e6);
  const keys = items.map(() => random());
  const limit = [...keys].sort((a, b) => a - b)[count - 1] ?? 1;
  return items.filter((_, index) => (keys[index] ?? 1) <= limit);
}

/** So many of the items of each kind, so that every slice holds all kinds, in the list's order; in the long runs all of them. */
export function seededOfEach<T>(items: readonly T[], kindOf: (item: T) => string, count = 1): readonly T[] {
  const kinds = [...Map.groupBy(items, kindOf).values()];
  const taken = new Set(kinds.flatMap((kind) => seededSample(kind, count)));
  return items.filter((item) => taken.has(item));
}
