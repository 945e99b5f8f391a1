import type { BenchResults, BenchSample } from '../bench/results.ts';
import type { BenchRow, ReportBench } from './data.ts';

/** The charts of a benchmark: one for each scenario, a row for each strategy, warm-ups left out. */
export function benchCharts(results: BenchResults): ReportBench {
  const counted = results.samples.filter(({ isWarmUp }) => !isWarmUp);
  const hasBoth = new Set(counted.map(({ cgo }) => cgo)).size > 1;
  const scenarios = Map.groupBy(counted, ({ scenario, cgo }) => titleOf(scenario, cgo, hasBoth));
  const { machine, project } = results;
  return {
    program: `${project.module} (${project.packages} packages)`,
    machine: `${machine.cpu}, ${machine.cores} ${machine.cores === 1 ? 'core' : 'cores'}`,
    finishedAt: results.finishedAt,
    isPartial: results.isPartial,
    isQuick: results.isQuick,
    interval: 'fastest to slowest run',
    charts: [...scenarios].map(([title, samples]) => ({ title, rows: rowsOf(samples) })),
    left: results.left,
  };
}

function titleOf(scenario: string, cgo: 0 | 1, hasBoth: boolean): string {
  return hasBoth ? `${scenario}, CGO_ENABLED=${cgo}` : scenario;
}

function rowsOf(samples: readonly BenchSample[]): readonly BenchRow[] {
  return [...Map.groupBy(samples, ({ strategy }) => strategy)].map(([label, runs]) => {
    const seconds = runs.map((run) => run.seconds).toSorted((a, b) => a - b);
    return {
      label,
      median: median(seconds),
      low: seconds[0] ?? 0,
      high: seconds.at(-1) ?? 0,
      samples: seconds.length,
      isCensored: runs.some(({ isCensored }) => isCensored),
    };
  });
}

/** Of sorted numbers. */
function median(sorted: readonly number[]): number {
  const middle = sorted.length / 2;
  const [low = 0, high = 0] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return (low + high) / 2;
}
