import type { BenchResults } from '../bench/results.ts';
import { summarize, type CellSummary } from '../bench/summarize.ts';
import type { BenchRow, ReportBench } from './data.ts';

/** The charts of a benchmark: one for each scenario, a row for each strategy, warm-ups left out. */
export function benchCharts(results: BenchResults): ReportBench {
  const { cells } = summarize(results);
  const hasBoth = new Set(cells.map(({ cgo }) => cgo)).size > 1;
  const scenarios = Map.groupBy(cells, ({ scenario, cgo }) => (hasBoth ? `${scenario}, CGO_ENABLED=${cgo}` : scenario));
  const { machine, project } = results;
  return {
    program: `${project.module} (${project.packages} packages)`,
    machine: `${machine.cpu}, ${machine.cores} ${machine.cores === 1 ? 'core' : 'cores'}`,
    finishedAt: results.finishedAt,
    isPartial: results.isPartial,
    isQuick: results.isQuick,
    interval: intervalOf(cells),
    charts: [...scenarios].map(([title, rows]) => ({ title, rows: rows.map(rowOf) })),
    left: results.left,
  };
}

function rowOf({ strategy, n, seconds, censored }: CellSummary): BenchRow {
  const { median, low, high } = seconds;
  // A build that was cut off leaves the interval open: it is drawn to the median, and told as longer.
  return {
    label: strategy,
    median,
    low,
    high: Number.isFinite(high) ? high : median,
    samples: n,
    isCensored: censored > 0,
  };
}

/** What the lines beside the medians are, by the cell that is known least. */
function intervalOf(cells: readonly CellSummary[]): string {
  const coverage = Math.min(1, ...cells.map(({ seconds }) => seconds.coverage));
  if (coverage === 0) return 'one run each: nothing is known of how much they differ';
  return `interval that holds the true median at least ${Math.floor(coverage * 100)} % of the time`;
}
