import { formatBytes, formatCount, formatSeconds } from '../core/size.ts';
import type { BuildReport, PrefetchReport, RestoreReport, SaveReport } from '../warm/types.ts';

/** The one line a build ends with: what was moved, what it was good for, how long it took. */
export function formatClosingLine(report: BuildReport): string {
  const { restore, save, buildExitCode } = report;
  const time = `${formatSeconds(report.totalSeconds)}${formatSaved(report.savedSeconds)}`;
  const head = buildExitCode === 0 ? 'slipway:' : 'slipway: build failed;';
  if (restore.state === 'no-mounts') return `${head} no Go cache mounts in this build; ${time}`;
  const parts = [
    ...formatDecision(restore),
    `${formatBytes(restore.bytesMoved)} down, ${formatBytes(save.bytesMoved)} up`,
    ...formatSources(report),
    `entries ${formatCount(restore.entriesRestored)} restored, ${formatCount(save.entriesUsed)} used, ${formatCount(save.entriesNew)} new`,
    time,
  ];
  return `${head} ${parts.join('; ')}`;
}

/** Which of several stores gave how much; nothing where one alone, or none, was asked. */
function formatSources({ stores = [] }: BuildReport): readonly string[] {
  const givers = stores.filter(({ down }) => down.bytes > 0);
  const texts = givers.map(({ store, down }) => `${formatBytes(down.bytes)} from ${store}`);
  return stores.length < 2 || givers.length === 0 ? [] : [texts.join(', ')];
}

export function formatRestoreLine(report: RestoreReport): string {
  const facts = [
    `${formatBytes(report.bytesMoved)} down in ${plural(report.packsMoved, 'pack')}`,
    `${formatCount(report.entriesRestored)} entries restored`,
    formatSeconds(report.seconds),
  ];
  return `slipway: restore ${stateText(report)}; ${facts.join('; ')}`;
}

export function formatSaveLine(report: SaveReport): string {
  const facts = [
    `${formatBytes(report.bytesMoved)} up in ${plural(report.packsMoved, 'pack')}`,
    `entries ${formatCount(report.entriesUsed)} used, ${formatCount(report.entriesNew)} new`,
    formatSeconds(report.seconds),
  ];
  return `slipway: save ${stateText(report)}; ${facts.join('; ')}`;
}

export function formatPrefetchLine(report: PrefetchReport): string {
  const facts = [
    `${formatBytes(report.bytesMoved)} down in ${plural(report.packsMoved, 'pack')}`,
    formatSeconds(report.seconds),
  ];
  return `slipway: prefetch ${stateText(report)}; ${facts.join('; ')}`;
}

const STATE_WORDS: Readonly<Record<RestoreReport['state'] | SaveReport['state'] | PrefetchReport['state'], string>> = {
  prefetched: 'done',
  restored: 'done',
  'already-warm': 'not needed, the mounts are warm',
  'not-needed': 'not needed',
  'nothing-stored': 'found nothing stored yet',
  'no-mounts': 'found no Go cache mounts',
  skipped: 'skipped',
  stopped: 'stopped',
  failed: 'failed',
  saved: 'done',
  'nothing-new': 'found nothing new',
};

function stateText(report: RestoreReport | SaveReport | PrefetchReport): string {
  return `${STATE_WORDS[report.state]}${report.reason === undefined ? '' : ` (${report.reason})`}`;
}

/** What was left out on purpose, where something was. */
function formatDecision({ state, decision, reason = '' }: RestoreReport): readonly string[] {
  if (state === 'stopped') return [`restore stopped: ${reason}`];
  if (state === 'not-needed') return [`nothing restored: ${reason}`];
  if (decision?.share === 'none' && decision.by === 'guard') return [`nothing restored: ${decision.reason ?? ''}`];
  if (decision?.share !== 'modules') return [];
  return [decision.by === 'trust' ? 'modules only' : `modules only: ${decision.reason ?? ''}`];
}

function formatSaved(seconds: number | undefined): string {
  if (seconds === undefined) return '';
  const word = seconds >= 0 ? 'less' : 'more';
  return `, ${formatSeconds(Math.abs(seconds))} ${word} than the cold build on record`;
}

function plural(number: number, word: string): string {
  return `${formatCount(number)} ${word}${number === 1 ? '' : 's'}`;
}
