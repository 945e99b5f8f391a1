import { formatBytes } from '../core/size.ts';
import type { StoreCheck } from '../warm/check-store.ts';
import type { GarbagePlan } from '../warm/collect-garbage.ts';
import type { StoreUsage } from '../warm/store-usage.ts';
import type { StoreSurvey } from '../warm/survey-store.ts';
import { count } from './closing-line.ts';
import { cleanText } from './progress/clean-text.ts';

/** A line of `cache ls`, and its member in `--format json`. */
export interface SnapshotRow {
  readonly scope: string;
  readonly snapshot: string;
  readonly createdAtMs: number | null;
  readonly bytes: number;
  readonly packs: number;
  readonly entries: number;
  readonly isMerged: boolean;
  readonly problem?: string;
}

export function listSnapshots(survey: StoreSurvey): readonly SnapshotRow[] {
  return survey.snapshots.map(({ name, snapshot, problem, blobs, mergedBy }) => ({
    scope: name.scope,
    snapshot: `${name.sequence}-${name.nonce}`,
    createdAtMs: snapshot?.createdAtMs ?? null,
    bytes: blobs.reduce((sum, blob) => sum + blob.sizeBytes, 0),
    packs: snapshot?.packs.length ?? 0,
    entries: snapshot?.packs.reduce((sum, pack) => sum + pack.entryCount, 0) ?? 0,
    isMerged: mergedBy.length > 0,
    ...(problem === undefined ? {} : { problem }),
  }));
}

export function formatList(rows: readonly SnapshotRow[], nowMs: number): string {
  if (rows.length === 0) return 'nothing is stored yet\n';
  const head = ['SCOPE', 'SNAPSHOT', 'AGE', 'SIZE', 'ENTRIES', 'PACKS', ''];
  const lines = rows.map((row) => [
    row.scope,
    row.snapshot,
    row.createdAtMs === null ? '?' : formatAge(nowMs - row.createdAtMs),
    formatBytes(row.bytes),
    count(row.entries),
    count(row.packs),
    row.problem === undefined ? (row.isMerged ? 'merged' : '') : `damaged: ${cleanText(row.problem)}`,
  ]);
  return formatTable([head, ...lines]);
}

export function formatUsage(usage: StoreUsage): string {
  const head = ['SCOPE', 'SNAPSHOTS', 'SIZE', 'OWN'];
  const lines = usage.scopes.map((one) => [
    one.scope,
    count(one.snapshots),
    formatBytes(one.bytes),
    formatBytes(one.ownBytes),
  ]);
  const rest = usage.unreferencedBytes === undefined ? '' : `, ${formatBytes(usage.unreferencedBytes)} unreferenced`;
  return `${lines.length === 0 ? '' : formatTable([head, ...lines])}${formatBytes(usage.bytes)} in all${rest}\n`;
}

export function formatCheck(check: StoreCheck): string {
  const faults = check.faults.map(({ subject, problem }) => `${subject}: ${cleanText(problem)}\n`);
  const read = `${count(check.snapshots)} snapshots, ${count(check.packs)} packs, ${formatBytes(check.bytes)} read`;
  return `${faults.join('')}${read}; ${faults.length === 0 ? 'all whole' : `${count(faults.length)} damaged`}\n`;
}

export function formatGarbage(plan: GarbagePlan, isDryRun: boolean): string {
  const bytes = (plan.blobs ?? []).reduce((sum, blob) => sum + blob.sizeBytes, 0);
  const verb = isDryRun ? 'would delete' : 'deleted';
  const names = plan.snapshots.map((name) => `${verb} snapshot ${name.scope}@${name.sequence}-${name.nonce}\n`);
  const blobs =
    plan.blobs === undefined
      ? "the registry's own garbage collection frees the blobs"
      : `${count(plan.blobs.length)} blobs, ${formatBytes(bytes)}`;
  return `${names.join('')}${verb} ${count(plan.snapshots.length)} snapshots; ${blobs}\n`;
}

function formatAge(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  if (minutes < 60) return `${minutes}m`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)}h`;
  return `${Math.floor(minutes / (24 * 60))}d`;
}

function formatTable(rows: readonly (readonly string[])[]): string {
  const columns = rows[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return `${rows.map(line).join('\n')}\n`;
}
