import { formatBytes, formatCount } from '../../core/size.ts';
import { isSameScope } from '../../store/scope-name.ts';
import { targetOf } from '../../warm/keep/pins.ts';
import { surveyStore, type StoreSurvey, type SurveyedTrust } from '../../warm/survey-store.ts';
import { lastValue } from '../flag-words.ts';
import { cleanText } from '../../core/clean-text.ts';
import { readsOnly, SCOPE_FLAG, type CacheVerb } from './cache-verb.ts';
import { formatAge, formatTable } from './tables.ts';

/** A line of `cache ls`, and its member in `--format json`. */
interface SnapshotRow {
  readonly scope: string;
  readonly snapshot: string;
  /** By the writer's clock. */
  readonly createdAtMs: number | null;
  readonly bytes: number;
  readonly packs: number;
  readonly entries: number;
  readonly isMerged: boolean;
  readonly isPinned: boolean;
  readonly trust?: Pick<SurveyedTrust, 'isSigned' | 'text'>;
  /** Who wrote it, where, for what: as its writer says. */
  readonly facts: Readonly<Record<string, string>>;
  readonly problem?: string;
}

export const ls: CacheVerb = {
  name: 'ls',
  summary: 'Lists scopes and snapshots with age, size, platform, who wrote them, signatures and pins',
  flags: [SCOPE_FLAG],
  examples: ['slipway cache ls', 'slipway cache ls --scope main --format json'],
  isChange: readsOnly,
  run: async ({ store, survey: options, parsed, clock }) => {
    const survey = await surveyStore(store, options);
    const rows = listRows(survey, lastValue(parsed, 'scope'));
    const snapshots = new Set(survey.snapshots.map(({ name }) => targetOf(name)));
    const orphanedPins = survey.pins.map(({ target }) => target).filter((target) => !snapshots.has(target));
    return { data: { snapshots: rows, orphanedPins }, text: formatRows(rows, orphanedPins, clock.now()), exitCode: 0 };
  },
};

function listRows(survey: StoreSurvey, scope: string | undefined): readonly SnapshotRow[] {
  const meant = survey.snapshots.filter(({ name }) => scope === undefined || isSameScope(name.scope, scope));
  return meant.map(({ name, snapshot, problem, blobs, mergedBy, isPinned, trust }) => ({
    scope: snapshot?.scope ?? name.scope,
    snapshot: `${name.sequence}-${name.nonce}`,
    createdAtMs: snapshot?.createdAtMs ?? null,
    bytes: blobs.reduce((sum, blob) => sum + blob.sizeBytes, 0),
    packs: snapshot?.packs.length ?? 0,
    entries: snapshot?.packs.reduce((sum, pack) => sum + pack.entryCount, 0) ?? 0,
    isMerged: mergedBy.length > 0,
    isPinned,
    ...(trust === undefined ? {} : { trust: { isSigned: trust.isSigned, text: trust.text } }),
    facts: snapshot?.facts ?? {},
    ...(problem === undefined ? {} : { problem }),
  }));
}

const HEADS = [
  ...['SCOPE', 'SNAPSHOT', 'AGE', 'SIZE', 'ENTRIES', 'PACKS'],
  ...['PLATFORM', 'GO', 'WRITER', 'REF', 'SIGNED', 'STATE'],
];

function formatRows(rows: readonly SnapshotRow[], orphanedPins: readonly string[], nowMs: number): string {
  const pins = orphanedPins.map((target) => `pinned, but gone: ${target}\n`).join('');
  if (rows.length === 0) return `nothing is stored yet\n${pins}`;
  const lines = rows.map((row) => [
    cleanText(row.scope),
    row.snapshot,
    row.createdAtMs === null ? '?' : formatAge(nowMs - row.createdAtMs),
    formatBytes(row.bytes),
    formatCount(row.entries),
    formatCount(row.packs),
    row.facts['platform'] ?? '',
    row.facts['goVersion'] ?? '',
    row.facts['workflow'] ?? row.facts['builder'] ?? row.facts['writer'] ?? '',
    row.facts['ref'] ?? '',
    row.trust === undefined ? '' : `${row.trust.isSigned ? '' : 'no: '}${row.trust.text}`,
    stateOf(row),
  ]);
  return `${formatTable(
    HEADS,
    lines.map((line) => line.map(cleanText)),
  )}${pins}`;
}

function stateOf({ isPinned, isMerged, problem }: SnapshotRow): string {
  const words = [isPinned ? 'pinned' : '', problem === undefined ? (isMerged ? 'merged' : '') : `damaged: ${problem}`];
  return words.filter((word) => word !== '').join(', ');
}
