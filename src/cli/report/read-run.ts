import type { ReportEntries, ReportPastRun, ReportRun, ReportTransfer } from '../../report/data.ts';
import type { BuildReport, BytesByKind } from '../../warm/types.ts';
import type { KeptBuild, KeptRun } from '../explain/kept-build.ts';

/** A kept run in the words of the report. */
export function readRun({ finishedAtMs, report, spans }: KeptRun): ReportRun {
  const { restore, save } = report;
  return {
    finishedAt: new Date(finishedAtMs).toISOString(),
    exitCode: report.buildExitCode,
    engine: report.engine,
    store: report.store,
    scope: report.scope,
    totalSeconds: report.totalSeconds,
    buildSeconds: report.buildSeconds,
    ...(report.savedSeconds !== undefined && { savedSeconds: report.savedSeconds }),
    restore: endOf(restore),
    save: endOf(save),
    spans: spans.map(({ phase, from, to }) => ({ name: phase, from, to })),
    transfers: [
      ...transfersOf('down', restore.bytesMoved, restore.bytesByKind),
      ...transfersOf('up', save.bytesMoved, save.bytesByKind),
    ],
    entries: entriesOf(report),
    warnings: [...restore.warnings, ...save.warnings],
  };
}

/** The newest last, at most so many. */
export function readHistory({ history = [] }: KeptBuild, most: number): readonly ReportPastRun[] {
  return history.slice(-most).map(({ finishedAtMs, ...numbers }) => ({
    finishedAt: new Date(finishedAtMs).toISOString(),
    ...numbers,
  }));
}

function endOf({ state, reason, seconds }: BuildReport['restore'] | BuildReport['save']): ReportRun['restore'] {
  return { state, ...(reason !== undefined && { reason }), seconds };
}

function transfersOf(
  direction: ReportTransfer['direction'],
  total: number,
  byKind: BytesByKind | undefined,
): readonly ReportTransfer[] {
  if (byKind === undefined) return total === 0 ? [] : [{ direction, what: 'packs', bytes: total }];
  const { gocache = 0, gomodcache = 0 } = byKind;
  const all = [
    { direction, what: 'gocache', bytes: gocache },
    { direction, what: 'gomodcache', bytes: gomodcache },
    { direction, what: 'documents', bytes: Math.max(0, total - gocache - gomodcache) },
  ] as const;
  return all.filter(({ bytes }) => bytes > 0);
}

function entriesOf({ restore, save }: BuildReport): ReportEntries {
  const stored =
    save.stored &&
    (['gocache', 'gomodcache'] as const).flatMap((kind) => {
      const amount = save.stored?.[kind];
      return amount === undefined
        ? []
        : [{ kind, bytes: amount.bytes, entries: amount.entries, idle: amount.entriesIdle }];
    });
  return {
    restored: restore.entriesRestored,
    // What a save counts as used is all that the build touched, what it made too.
    used: Math.max(0, save.entriesUsed - save.entriesNew - save.entriesRejected),
    new: save.entriesNew,
    rejected: save.entriesRejected,
    ...(stored && { stored }),
  };
}
