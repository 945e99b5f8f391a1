import { formatBytes, formatSeconds } from '../core/size.ts';
import type { RestoreReport, SaveReport } from '../warm/types.ts';
import type { Fault } from './run-slipway.ts';
import { sentence, tellFault } from './tell-fault.ts';

/** What came of one image: a report, or the fault because of which there is none. */
export interface Result<Report> {
  /** As `nameOf` has it. */
  readonly image: string;
  readonly report: Report | undefined;
  readonly fault: Fault | undefined;
}

const WARM_STATES: readonly RestoreReport['state'][] = ['restored', 'already-warm', 'stopped'];

/** The outputs of a restore, by name: of all images together. */
export function restoreOutputs(results: readonly Result<RestoreReport>[]): Readonly<Record<string, string>> {
  const reports = results.flatMap(({ report }) => report ?? []);
  const sum = (value: (report: RestoreReport) => number): number =>
    reports.reduce((total, report) => total + value(report), 0);
  const isHit = results.length > 0 && results.every(({ report }) => report && WARM_STATES.includes(report.state));
  return {
    hit: String(isHit),
    'restored-bytes': String(sum(({ bytesMoved }) => bytesMoved)),
    'restored-entries': String(sum(({ entriesRestored }) => entriesRestored)),
    'restore-seconds': sum(({ seconds }) => seconds).toFixed(1),
    'saved-seconds': savedSeconds(results)?.toFixed(1) ?? '',
    report: JSON.stringify(results.map(({ image, report, fault }) => ({ image, restore: report, fault }))),
  };
}

/**
 * Seconds that the restore saves by what is on record: a cold build's, less those of this restore and of a build that finds as
 * much. Undefined unless builds of both kinds are on record for each image.
 */
function savedSeconds(results: readonly Result<RestoreReport>[]): number | undefined {
  const saved = results.map(({ report }) => {
    if (report?.onRecord === undefined) return undefined;
    return report.onRecord.coldSeconds - report.onRecord.warmSeconds - report.seconds;
  });
  const isKnown = saved.length > 0 && saved.every((seconds) => seconds !== undefined);
  return isKnown ? saved.reduce((total: number, seconds) => total + seconds, 0) : undefined;
}

/** A fault of the cache as it is told, with the images that met it. */
export interface ToldFault {
  /** What went wrong and what to write instead. */
  readonly text: string;
  readonly images: readonly string[];
}

/** The faults of a step, each once. */
export function collectFaults(results: readonly Result<RestoreReport | SaveReport>[]): readonly ToldFault[] {
  const faulty = results.flatMap(({ image, report, fault }) => {
    if (fault !== undefined) return [{ image, text: tellFault(fault) }];
    if (report?.state !== 'failed') return [];
    return [{ image, text: sentence(report.reason ?? 'the cache failed', hintOfFailure(report)) }];
  });
  return joinSame(faulty);
}

/** The step is for nothing where no image has a mount to fill; one without Go in it is fine among others. */
export function collectPointless(results: readonly Result<RestoreReport>[]): readonly ToldFault[] {
  const without = results.flatMap(({ image, report }) => (report?.state === 'no-mounts' ? [{ image, report }] : []));
  if (without.length < results.length) return [];
  return joinSame(without.map(({ image, report }) => ({ image, text: sentence(report.reason ?? '', report.hint) })));
}

function joinSame(faults: readonly { readonly image: string; readonly text: string }[]): readonly ToldFault[] {
  return [...Map.groupBy(faults, ({ text }) => text)].map(([text, those]) => ({
    text,
    images: those.map(({ image }) => image),
  }));
}

/** The one annotation that a step makes of its faults. */
export function describeFaults(verb: 'restored' | 'saved', faults: readonly ToldFault[]): string {
  const end = verb === 'restored' ? 'the build runs without the cache' : 'the next build starts without what is new';
  return [`Not ${verb}, so ${end}.`, ...faults.map(({ images, text }) => `${images.join('; ')}: ${text}`)].join('\n');
}

/** The CLI advises those to use an action who can't see the cache service; here that is done, and the runner has none. */
function hintOfFailure({ reason = '', hint }: RestoreReport | SaveReport): string | undefined {
  const isWithoutService = /^the GitHub Actions cache needs .* not set$/.test(reason);
  return isWithoutService ? 'This runner has no cache service: name another `store`.' : hint;
}

/** The table of a restore for the page of the run. */
export function restoreSummary(results: readonly Result<RestoreReport>[], place: string): string {
  const rows = results.map(({ image, report, fault }) => [
    image,
    stateText(report, fault),
    report === undefined ? '' : formatBytes(report.bytesMoved),
    String(report?.entriesRestored ?? ''),
    report === undefined ? '' : formatSeconds(report.seconds),
  ]);
  const saved = savedSeconds(results);
  return [
    table(`slipway: restore from ${place}`, ['image', 'restore', 'moved', 'entries', 'time'], rows),
    ...(saved === undefined ? [] : [`By the builds on record this ${saveWords(saved)}.`, '']),
  ].join('\n');
}

function saveWords(seconds: number): string {
  return seconds < 0 ? `costs ${formatSeconds(-seconds)} more than it saves` : `saves ${formatSeconds(seconds)}`;
}

/** The table of a save for the page of the run. `reasons`: by image, why this run may not write. */
export function saveSummary(
  results: readonly Result<SaveReport>[],
  { place, reasons }: { readonly place: string; readonly reasons: ReadonlyMap<string, string | undefined> },
): string {
  const rows = results.map(({ image, report, fault }) => [
    image,
    stateText(report, fault, reasons.get(image)),
    report === undefined ? '' : formatBytes(report.bytesMoved),
    report === undefined ? '' : `${report.entriesUsed} used, ${report.entriesNew} new`,
    report === undefined ? '' : formatSeconds(report.seconds),
  ]);
  return table(`slipway: save to ${place}`, ['image', 'save', 'moved', 'entries', 'time'], rows);
}

function stateText(
  report: RestoreReport | SaveReport | undefined,
  fault: Fault | undefined,
  readOnlyReason?: string,
): string {
  if (fault !== undefined || report === undefined) return `failed: ${fault?.message ?? 'no report'}`;
  const reason = report.state === 'skipped' ? (readOnlyReason ?? report.reason) : report.reason;
  return reason === undefined ? report.state : `${report.state}: ${reason}`;
}

function table(title: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const body = rows.map((cells) => line(cells.map(escapeMarkdown)));
  return [`#### ${escapeMarkdown(title)}`, '', line(head), line(head.map(() => '---')), ...body, ''].join('\n');
}

/** Names of files and answers of servers stand in these texts: none of them may become an image, a tag or a row. */
function escapeMarkdown(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]<>()#+!|~@]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
