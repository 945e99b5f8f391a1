import { type Cell, groupByCell, secondsOf } from './cells.ts';
import { type Drift, findDrift } from './drift.ts';
import type { BenchResults, BenchSample, StrategyName } from './results.ts';
import { type Estimate, estimate, findOutliers, median, quotient } from './statistics.ts';
import { type StepSummary, summarizeSteps } from './summarize-steps.ts';

/** A measured build that lies far from the others of its cell. It counts as they do. */
export interface Outlier {
  readonly repeat: number;
  readonly seconds: number;
  /** From the median, in scaled MADs; negative for a build that was faster. */
  readonly deviations: number;
}

/** What several builds of one strategy in one scenario say. */
export interface CellSummary extends Cell {
  readonly n: number;
  readonly seconds: Estimate;
  /** Medians of the parts: they need not add up to the median of the whole. */
  readonly phases: { readonly before: number; readonly build: number; readonly after: number };
  readonly bytesDown: number;
  readonly bytesUp: number;
  readonly bytesStored: number;
  readonly steps: readonly StepSummary[];
  /** Median; undefined where it wasn't counted in each build. */
  readonly packagesCompiled?: number;
  readonly outliers: readonly Outlier[];
  /** How many were ended by a time limit. */
  readonly censored: number;
  /** Seconds as a multiple of the reference strategy's, round by round; undefined for the reference itself and without one. */
  readonly ratio?: Estimate;
}

export interface BenchSummary {
  readonly cells: readonly CellSummary[];
  /** What the ratios compare with: `none` where it was measured, else `mounts-ephemeral`. */
  readonly reference?: StrategyName;
  readonly drift?: Drift;
}

/** Results in a few numbers for each cell. Warm-ups count nowhere, outliers count. */
export function summarize(results: Pick<BenchResults, 'samples'>): BenchSummary {
  const groups = groupByCell(results);
  const measured = new Set(groups.map(([{ strategy }]) => strategy));
  const reference = (['none', 'mounts-ephemeral'] as const).find((strategy) => measured.has(strategy));
  const cells = groups.map(([cell, samples]): CellSummary => {
    const base =
      cell.strategy === reference ? undefined : groups.find(([other]) => isBaseOf(cell, other, reference))?.[1];
    return { ...summarizeCell(cell, samples), ratio: base === undefined ? undefined : ratioByRound(samples, base) };
  });
  return { cells, reference, drift: findDrift(groups.map(([, samples]) => samples)) };
}

/**
 * How many times as long `samples` took as `base`: the quotient of each round's two builds, made one soon after the other, so
 * that a slow quarter of an hour is in both. Undefined where no round has both.
 */
export function ratioByRound(samples: readonly BenchSample[], base: readonly BenchSample[]): Estimate | undefined {
  const quotients = samples.flatMap((sample) => {
    const partner = base.find(({ repeat }) => repeat === sample.repeat);
    return partner === undefined ? [] : [quotient(secondsOf(sample), secondsOf(partner))];
  });
  return quotients.length === 0 ? undefined : estimate(quotients);
}

function isBaseOf(cell: Cell, other: Cell, reference: StrategyName | undefined): boolean {
  return other.strategy === reference && other.scenario === cell.scenario && other.cgo === cell.cgo;
}

function summarizeCell(cell: Cell, samples: readonly BenchSample[]): Omit<CellSummary, 'ratio'> {
  const of = (pick: (sample: BenchSample) => number): number => median(samples.map(pick));
  return {
    ...cell,
    n: samples.length,
    seconds: estimate(samples.map(secondsOf)),
    phases: {
      before: of(({ phases }) => phases.before),
      build: of(({ phases }) => phases.build),
      after: of(({ phases }) => phases.after),
    },
    bytesDown: of(({ bytesDown }) => bytesDown),
    bytesUp: of(({ bytesUp }) => bytesUp),
    bytesStored: of(({ bytesStored }) => bytesStored),
    steps: summarizeSteps(samples),
    packagesCompiled: medianOfAll(samples.map(({ packagesCompiled }) => packagesCompiled)),
    outliers: findOutliers(samples.map(({ seconds }) => seconds)).flatMap(({ index, deviations }) => {
      const sample = samples[index];
      return sample === undefined ? [] : [{ repeat: sample.repeat, seconds: sample.seconds, deviations }];
    }),
    censored: samples.filter(({ isCensored }) => isCensored).length,
  };
}

function medianOfAll(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === values.length ? median(known) : undefined;
}
