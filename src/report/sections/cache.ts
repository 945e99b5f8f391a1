import { formatBytes, formatCount } from '../../core/size.ts';
import type { ReportEntries, ReportRun, ReportTransfer } from '../data.ts';
import { html } from '../html.ts';
import { bars, type Bar } from '../svg/bars.ts';
import { entriesSentence, transferSentence } from '../words.ts';
import { foldedTable, section, type Section } from './section.ts';

const KINDS: Readonly<Record<ReportTransfer['what'], string>> = {
  gocache: 'compiled packages',
  gomodcache: 'modules',
  documents: 'entry lists and snapshot',
  packs: 'packs',
};

/** What moved, and what it was good for. */
export function cacheSection(run: ReportRun | undefined): Section | undefined {
  if (run === undefined) return undefined;
  const finding = `${transferSentence(run)} ${entriesSentence(run)}`;
  const [moved, entries] = [transferBars(run.transfers), entryBars(run.entries)];
  const stored = run.entries.stored ?? [];
  const columns = [
    { title: 'Kind' },
    { title: 'Stored', isNumber: true },
    { title: 'Entries', isNumber: true },
    { title: 'Not used', isNumber: true },
  ];
  const table = stored.map(({ kind, bytes, entries: count, idle }) => [
    KINDS[kind],
    formatBytes(bytes),
    formatCount(count),
    formatCount(idle),
  ]);
  const warnings = run.warnings.map((text) => html`<li>${text}</li>`);
  const content = html`<div class="two">${moved.length === 0 ? '' : html`<figure><figcaption>Bytes moved</figcaption>${bars(moved)}</figure>`}<figure><figcaption>Cache entries</figcaption>${bars(entries)}</figure></div>${stored.length === 0 ? '' : foldedTable('What the store holds now', columns, table)}${warnings.length === 0 ? '' : html`<h3>Said on the way</h3><ul>${warnings}</ul>`}`;
  return section('cache', 'Cache', { finding, content });
}

function transferBars(transfers: readonly ReportTransfer[]): readonly Bar[] {
  return transfers.map(({ direction, what, bytes }) => ({
    name: `${direction}: ${KINDS[what]}`,
    value: bytes,
    text: formatBytes(bytes),
    tone: direction === 'down' ? 'plain' : 'dim',
  }));
}

function entryBars({ restored, used, new: fresh, rejected, stored }: ReportEntries): readonly Bar[] {
  const idle = stored?.reduce((sum, kind) => sum + kind.idle, 0);
  const all: readonly (Omit<Bar, 'text'> | undefined)[] = [
    { name: 'restored', value: restored, tone: 'plain' },
    { name: 'used by the build', value: used, tone: 'cold' },
    { name: 'new, compiled or downloaded', value: fresh, tone: 'hot' },
    idle === undefined ? undefined : { name: 'stored and not used', value: idle, tone: 'dim' },
    rejected === 0 ? undefined : { name: 'damaged, not saved', value: rejected, tone: 'hot' },
  ];
  return all.flatMap((bar) => (bar === undefined ? [] : [{ ...bar, text: formatCount(bar.value) }]));
}
