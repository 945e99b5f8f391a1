import { formatBytes } from '../../../src/core/size.ts';
import { table } from '../markdown.ts';
import type { CheckedBuild } from './check-model.ts';
import type { CommitKind } from './commits.ts';
import type { BuildMeasure } from './play.ts';
import { type HistorySummary, judgeHistory } from './summarize.ts';

/** `bench/results/history.json`. */
export interface HistoryResults {
  readonly schemaVersion: 1;
  readonly commit: string;
  readonly seed: number;
  readonly summary: HistorySummary;
  readonly measures: readonly BuildMeasure[];
}

/** The tables for docs/benchmarks.md. */
export function renderHistory(results: HistoryResults, checks: readonly CheckedBuild[]): string {
  const { summary, measures, seed, commit } = results;
  return [
    `${summary.builds} builds (seed ${seed}) at commit ${commit}: ${kinds(measures)}.`,
    goals(summary),
    facts(summary),
    '**The model against real builds.** Each row is one build by the real go; "compiled" is the same set of packages in both, unless it says otherwise.',
    checkTable(checks),
  ].join('\n\n');
}

function kinds(measures: readonly BuildMeasure[]): string {
  const counts = new Map<CommitKind, number>();
  for (const { kind } of measures) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const branches = new Set(measures.map(({ scope }) => scope)).size - 1;
  return `${[...counts].map(([kind, count]) => `${count} ${kind}`).join(', ')}; ${branches} branches`;
}

function goals(summary: HistorySummary): string {
  const rows = judgeHistory(summary).map(({ what, measured, limit }) => [
    what,
    limit < 0.1 ? percent(measured) : `${measured.toFixed(2)}x`,
    limit < 0.1 ? `≤ ${percent(limit)}` : `≤ ${limit}x`,
    measured <= limit ? 'passed' : '**missed**',
  ]);
  return table(['what', 'measured', 'goal', ''], rows);
}

function facts({ restore, upload, ...summary }: HistorySummary): string {
  const ratio = (value: number): string => `${value.toFixed(2)}x`;
  return table(
    ['what', 'measured'],
    [
      [
        'a restore against its ideal: median, 95th percentile, worst',
        [restore.median, restore.p95, restore.worst].map(ratio).join(', '),
      ],
      ['uploaded against new, in builds that rewrite nothing', ratio(upload.ratioPlain)],
      [
        'builds that rewrite, and what they upload beside what is new',
        `${upload.compactions}, ${formatBytes(upload.compactedBytes)}`,
      ],
      ['the most that one build rewrote', formatBytes(upload.worstExtraBytes)],
      ['packages compiled, and of them needlessly', `${summary.compiled}, ${summary.avoidable}`],
      ['most packs of a snapshot', String(summary.mostPacks)],
      ['most snapshots in the store', String(summary.mostSnapshots)],
      [
        'the store at the end; without `cache gc`',
        `${formatBytes(summary.storedBytes)}; ${formatBytes(summary.grownBytes)}`,
      ],
    ],
  );
}

function checkTable(checks: readonly CheckedBuild[]): string {
  const rows = checks.map(({ what, compiled, onlyReal, onlyModel, newBytes, readBytes }) => [
    what,
    onlyReal.length + onlyModel.length === 0
      ? String(compiled)
      : `${compiled} (${onlyReal.length} more, ${onlyModel.length} fewer)`,
    `${formatBytes(newBytes.real)}; ${signed(newBytes.model / newBytes.real)}`,
    `${formatBytes(readBytes.real)}; ${signed(readBytes.model / readBytes.real)}`,
  ]);
  return table(['change', 'compiled', 'new; the model', 'read; the model'], rows);
}

function signed(ratio: number): string {
  return `${ratio >= 1 ? '+' : '−'}${percent(Math.abs(ratio - 1))}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}
