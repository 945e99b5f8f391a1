import type { BenchResults, BenchSample, ScenarioName, StrategyName } from './results.ts';
import type { Bounded } from './statistics.ts';

/** In the order in which tables show them: from the least to set up to the most. */
export const STRATEGIES: readonly StrategyName[] = [
  'none',
  'mounts',
  'mounts-ephemeral',
  'layers',
  'hybrid',
  'slipway',
  'copy',
  'builder-image',
];

export const SCENARIOS: readonly ScenarioName[] = [
  'cold',
  'no-change',
  'edit-main',
  'edit-leaf',
  'edit-wide',
  'dependency-bump',
  'go-flags',
  'cgo',
];

/** What is repeated: one strategy in one scenario, with cgo or without. */
export interface Cell {
  readonly strategy: StrategyName;
  readonly scenario: ScenarioName;
  readonly cgo: 0 | 1;
}

/** The same for samples of the same cell, and for no others. */
export function cellKey({ strategy, scenario, cgo }: Cell): string {
  return `${strategy}/${scenario}/${cgo}`;
}

export interface Names {
  /** `slipway/edit-main`: what a person writes to name it. */
  readonly cell: (cell: Cell) => string;
  /** `edit-main`. */
  readonly scenario: (cell: Pick<Cell, 'scenario' | 'cgo'>) => string;
}

/** Names for these cells: with `/cgo` and `/no-cgo` behind them only in scenarios that were measured with both. */
export function nameCells(cells: readonly Cell[]): Names {
  const seen = new Set(cells.map(({ scenario, cgo }) => `${scenario}/${cgo}`));
  const scenario: Names['scenario'] = ({ scenario, cgo }) => {
    const hasBoth = seen.has(`${scenario}/0`) && seen.has(`${scenario}/1`);
    return hasBoth ? `${scenario}/${cgo === 1 ? 'cgo' : 'no-cgo'}` : scenario;
  };
  return { scenario, cell: (cell) => `${cell.strategy}/${scenario(cell)}` };
}

/** The samples that count, by cell, in the order of tables; those of a cell by repeat. */
export function groupByCell({
  samples,
}: Pick<BenchResults, 'samples'>): readonly (readonly [Cell, readonly BenchSample[]])[] {
  const counted = samples.filter(({ isWarmUp }) => !isWarmUp);
  const groups = [...Map.groupBy(counted, cellKey).values()].map((group): readonly [Cell, readonly BenchSample[]] => {
    const sorted = group.toSorted((a, b) => a.repeat - b.repeat);
    const { strategy, scenario, cgo } = sorted[0] as BenchSample;
    return [{ strategy, scenario, cgo }, sorted];
  });
  return groups.toSorted(([a], [b]) => order(a) - order(b));
}

/** A sample's time as what is known of it: one that a limit ended would have taken longer. */
export function secondsOf({ seconds, isCensored }: BenchSample): Bounded {
  return { value: seconds, low: seconds, high: isCensored ? Infinity : seconds };
}

function order({ strategy, scenario, cgo }: Cell): number {
  return (SCENARIOS.indexOf(scenario) * 2 + cgo) * STRATEGIES.length + STRATEGIES.indexOf(strategy);
}
