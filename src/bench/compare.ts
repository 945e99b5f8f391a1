import { type Cell, cellKey, groupByCell, secondsOf } from './cells.ts';
import { compareSetups, type Caution } from './compare-setups.ts';
import type { BenchResults, BenchSample } from './results.ts';
import { type Bounded, type Estimate, estimate, exactly, excludes, LEAST_COVERAGE, ratioOfRuns } from './statistics.ts';

/** What is compared of a cell, by the word that `--fail-if` takes. */
export type Measure = 'seconds' | 'bytes-down' | 'bytes-up' | 'stored';

export const MEASURES: Readonly<Record<Measure, (sample: BenchSample) => Bounded>> = {
  seconds: secondsOf,
  'bytes-down': ({ bytesDown }) => exactly(bytesDown),
  'bytes-up': ({ bytesUp }) => exactly(bytesUp),
  stored: ({ bytesStored }) => exactly(bytesStored),
};

export interface Change {
  readonly before: Estimate;
  readonly after: Estimate;
  /** `after` as a multiple of `before`, from all pairs of builds. */
  readonly ratio: Estimate;
  /** `none-shown`: the interval includes 1. `too-few`: fewer repeats than anything can be told by (three and three). */
  readonly verdict: 'more' | 'less' | 'none-shown' | 'too-few';
}

export interface CellChange extends Cell {
  readonly changes: Readonly<Record<Measure, Change>>;
}

/** What tells one run from another. */
export interface RunFacts {
  readonly startedAt: string;
  readonly revision?: string;
  readonly isDirty: boolean;
  readonly slipway?: string;
}

export interface Comparison {
  readonly before: RunFacts;
  readonly after: RunFacts;
  readonly cells: readonly CellChange[];
  readonly onlyBefore: readonly Cell[];
  readonly onlyAfter: readonly Cell[];
  /** Why the two may differ for another reason than the one looked for. */
  readonly cautions: readonly Caution[];
}

/** Two runs, cell by cell. They share no rounds, so every build of one is compared with every build of the other. */
export function compareResults(before: BenchResults, after: BenchResults): Comparison {
  const old = new Map(groupByCell(before).map(([cell, samples]) => [cellKey(cell), { cell, samples }]));
  const groups = groupByCell(after);
  const cells = groups.flatMap(([cell, samples]): readonly CellChange[] => {
    const partner = old.get(cellKey(cell));
    return partner === undefined ? [] : [{ ...cell, changes: compareCells(partner.samples, samples) }];
  });
  const now = new Set(groups.map(([cell]) => cellKey(cell)));
  return {
    before: factsOf(before),
    after: factsOf(after),
    cells,
    onlyBefore: [...old].filter(([name]) => !now.has(name)).map(([, { cell }]) => cell),
    onlyAfter: groups.filter(([cell]) => !old.has(cellKey(cell))).map(([cell]) => cell),
    cautions: [...compareSetups(before, after), ...allMoved(cells)],
  };
}

function factsOf({ startedAt, project, machine }: BenchResults): RunFacts {
  return { startedAt, revision: project.revision, isDirty: project.isDirty, slipway: machine.tools['slipway'] };
}

function compareCells(before: readonly BenchSample[], after: readonly BenchSample[]): CellChange['changes'] {
  const of = (measure: Measure): Change => compareValues(before.map(MEASURES[measure]), after.map(MEASURES[measure]));
  return { seconds: of('seconds'), 'bytes-down': of('bytes-down'), 'bytes-up': of('bytes-up'), stored: of('stored') };
}

function compareValues(before: readonly Bounded[], after: readonly Bounded[]): Change {
  const ratio = ratioOfRuns(before, after);
  return { before: estimate(before), after: estimate(after), ratio, verdict: verdictOf(ratio) };
}

function verdictOf(ratio: Estimate): Change['verdict'] {
  if (ratio.coverage < LEAST_COVERAGE) return 'too-few';
  if (!excludes(ratio, 1)) return 'none-shown';
  return ratio.low > 1 ? 'more' : 'less';
}

/** Strategies that share nothing but the machine have no reason to change together. */
function allMoved(cells: readonly CellChange[]): readonly Caution[] {
  const verdicts = new Set(cells.map(({ changes }) => changes.seconds.verdict));
  const strategies = new Set(cells.map(({ strategy }) => strategy));
  const [verdict] = verdicts;
  if (strategies.size < 2 || verdicts.size !== 1 || (verdict !== 'more' && verdict !== 'less')) return [];
  const word = verdict === 'more' ? 'slower' : 'faster';
  return [{ kind: 'all-moved', text: `every strategy became ${word}: the machine or the network may have changed` }];
}
