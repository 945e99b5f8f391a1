import type { BenchResults, ScenarioName, StrategyName } from '../../src/bench/results.ts';
import { summarize, type CellSummary } from '../../src/bench/summarize.ts';
import { secondsOfKind } from '../../src/bench/summarize-steps.ts';
import { table } from './markdown.ts';

/** `bench/results/article.json`. */
export interface ArticleResults {
  readonly schemaVersion: 1;
  readonly commit: string;
  /** What `slipway lint` said of the file as it was written. */
  readonly finding: string;
  /** The article's file, with `-a`, and the same without mounts. */
  readonly asWritten: BenchResults;
  /** After `slipway lint --fix`. */
  readonly mended: BenchResults;
  /** The mended file on a base image with a C compiler: CGO_ENABLED as it is written, 0, and the other way round. */
  readonly cgo: BenchResults;
  /** That part can be measured alone. */
  readonly cgoCommit: string;
}

const HEADINGS = ['total s', 'download s', 'compile s', 'packages'];

const ROWS: readonly (readonly [string, 'asWritten' | 'mended', StrategyName])[] = [
  ['without caching, `-a`', 'asWritten', 'none'],
  ['with cache mounts, `-a`', 'asWritten', 'mounts'],
  ['with cache mounts, `-a` removed by `slipway lint --fix`', 'mended', 'mounts'],
  ['the same on a fresh worker, with slipway', 'mended', 'slipway'],
];

/** The tables for docs/benchmarks.md. Medians; one round has none beside it. */
export function renderArticle(results: ArticleResults): string {
  const { asWritten, mended, cgo, commit, cgoCommit } = results;
  const { machine, startedAt, repeats } = mended;
  return [
    `Measured ${startedAt.slice(0, 10)} at commit ${commit}, ${repeats} round${repeats === 1 ? '' : 's'}, ${machine.cores} cores (${machine.cpu}).`,
    'A code change edits one line of package main; a dependency change takes one direct dependency to its next version.',
    changes(results),
    ...left([asWritten, mended]),
    'What `slipway lint` said of the file first:',
    `\`\`\`text\n${results.finding}\n\`\`\``,
    `\`CGO_ENABLED=0\` against 1, everything built anew, by the mended file on a base image with a C compiler. The other value is another cache key for every package that uses cgo and for all that import one. Measured ${cgo.startedAt.slice(0, 10)} at commit ${cgoCommit}, ${cgo.repeats} round${cgo.repeats === 1 ? '' : 's'}.`,
    cgoTable(cgo),
    ...left([cgo]),
  ].join('\n\n');
}

function changes(results: ArticleResults): string {
  const rows = ROWS.map(([title, run, strategy]) => [
    title,
    ...numbers(results[run], strategy, 'edit-main'),
    ...numbers(results[run], strategy, 'dependency-bump'),
  ]);
  const head = ['', ...['code', 'dependency'].flatMap((kind) => HEADINGS.map((heading) => `${kind}: ${heading}`))];
  return table(head, rows);
}

function cgoTable(results: BenchResults): string {
  return table(
    ['', ...HEADINGS],
    [
      ['`CGO_ENABLED=0`', ...numbers(results, 'none', 'cold')],
      ['`CGO_ENABLED=1`', ...numbers(results, 'none', 'cgo')],
    ],
  );
}

function numbers(results: BenchResults, strategy: StrategyName, scenario: ScenarioName): readonly string[] {
  const cell = summarize(results).cells.find((one) => one.strategy === strategy && one.scenario === scenario);
  if (cell === undefined) return HEADINGS.map(() => '–');
  const steps = (kind: 'download' | 'compile'): string => format(secondsOfKind(cell.steps, kind));
  return [bound(cell), steps('download'), steps('compile'), String(cell.packagesCompiled ?? '–')];
}

function bound({ seconds }: CellSummary): string {
  return `${seconds.bound === 'at-least' ? '≥ ' : ''}${format(seconds.median)}`;
}

function format(seconds: number | undefined): string {
  return seconds === undefined ? '–' : seconds.toFixed(1);
}

function left(runs: readonly BenchResults[]): readonly string[] {
  const reasons = [...new Set(runs.flatMap((run) => run.left))];
  return reasons.length === 0 ? [] : [reasons.map((reason) => `- Left out: ${reason}`).join('\n')];
}
