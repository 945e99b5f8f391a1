import { SlipwayError } from '../core/errors.ts';
import { type Cell, groupByCell, nameCells, type Names } from './cells.ts';
import { type Comparison, MEASURES } from './compare.ts';
import type { CellPattern, Condition } from './fail-if.ts';
import type { BenchResults } from './results.ts';
import { type Estimate, estimate, LEAST_COVERAGE } from './statistics.ts';
import { counted } from './words.ts';

/** What became of one condition in one cell. */
export interface Judgement extends Cell {
  readonly condition: Condition;
  /** The ratio to the run before, or seconds or bytes of this run. */
  readonly measured: Estimate;
  /** `not-shown`: the median is over the limit, but the interval reaches below it, so it may be noise. It doesn't fail. */
  readonly verdict: 'failed' | 'not-shown' | 'passed';
}

/**
 * Every condition in every cell that it is about. One fails only where the whole interval is over the limit. What can't be
 * judged throws USAGE: a cell that one of the runs lacks, too few repeats, builds that a time limit ended, a relative
 * condition without a comparison.
 */
export function judge(
  conditions: readonly Condition[],
  after: BenchResults,
  comparison?: Comparison,
): readonly Judgement[] {
  const own = groupByCell(after).map(([cell]) => cell);
  const names = nameCells([...own, ...(comparison?.onlyBefore ?? [])]);
  return conditions.flatMap((condition) =>
    measured(condition, after, comparison, names).map(([cell, estimate]): Judgement => {
      const { strategy, scenario, cgo } = cell;
      const verdict = verdictOf(condition, names.cell(cell), estimate);
      return { condition, strategy, scenario, cgo, measured: estimate, verdict };
    }),
  );
}

export function hasFailed(judgements: readonly Judgement[]): boolean {
  return judgements.some(({ verdict }) => verdict === 'failed');
}

function measured(
  condition: Condition,
  after: BenchResults,
  comparison: Comparison | undefined,
  names: Names,
): readonly (readonly [Cell, Estimate])[] {
  const { cells: pattern, kind, measure } = condition;
  if (kind === 'amount') {
    const cells = groupByCell(after).filter(([cell]) => matches(cell, pattern));
    if (cells.length === 0) throw fault(condition, 'is about nothing that was measured', listOf(after, names));
    return cells.map(([cell, samples]) => [cell, estimate(samples.map(MEASURES[measure]))]);
  }
  if (comparison === undefined) {
    throw fault(condition, 'needs a run to compare with', 'Name its results with `--compare FILE`.');
  }
  const lost = comparison.onlyBefore.find((cell) => matches(cell, pattern));
  if (lost !== undefined) {
    const hint = 'Measure it, or name what to judge, as in `slipway/edit-main:slower>10%`.';
    throw fault(condition, `can't be judged: the run before has ${names.cell(lost)}, this one hasn't`, hint);
  }
  const cells = comparison.cells.filter((cell) => matches(cell, pattern));
  if (cells.length === 0) {
    const fresh = comparison.onlyAfter.find((cell) => matches(cell, pattern));
    if (fresh !== undefined) {
      const hint = 'Compare with a run that measured it.';
      throw fault(condition, `can't be judged: the run before has no ${names.cell(fresh)}`, hint);
    }
    throw fault(condition, 'is about nothing that was measured', listOf(after, names));
  }
  return cells.map((cell) => [cell, cell.changes[measure].ratio]);
}

function verdictOf(condition: Condition, name: string, measured: Estimate): Judgement['verdict'] {
  const { kind, limit } = condition;
  const { low, median, bound, n, coverage } = measured;
  if (coverage < LEAST_COVERAGE) {
    const hint = `Measure at least ${kind === 'ratio' ? 'three in each run' : 'five'}: \`--repeats 5\`.`;
    throw fault(condition, `can't be judged in ${name}: ${counted(n, 'repeat')} can't tell a change from noise`, hint);
  }
  if (low > limit) return 'failed';
  if (bound === 'at-least' || bound === 'unknown') {
    const hint = 'Give builds more time with `--time-limit`, or name the cells to judge.';
    throw fault(condition, `can't be judged in ${name}: a time limit ended its builds`, hint);
  }
  return median > limit ? 'not-shown' : 'passed';
}

function matches(cell: Cell, { strategy, scenario, cgo }: CellPattern): boolean {
  return (
    (strategy ?? cell.strategy) === cell.strategy &&
    (scenario ?? cell.scenario) === cell.scenario &&
    (cgo ?? cell.cgo) === cell.cgo
  );
}

function listOf(results: BenchResults, names: Names): string {
  const measured = groupByCell(results).map(([cell]) => names.cell(cell));
  return measured.length === 0 ? 'Nothing was measured.' : `Measured were ${measured.join(', ')}.`;
}

function fault({ text }: Condition, what: string, hint: string): SlipwayError {
  return new SlipwayError('USAGE', `\`--fail-if ${text}\` ${what}`, { hint });
}
