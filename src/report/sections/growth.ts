import { formatBytes, formatCount, formatSeconds } from '../../core/size.ts';
import type { ReportPastRun } from '../data.ts';
import { html } from '../html.ts';
import { buildColumns, storedArea } from '../svg/growth.ts';
import { growthSentence } from '../words.ts';
import { formatTime } from './format-time.ts';
import { foldedTable, section, type Section } from './section.ts';

const PARTS = [
  ['restore', 'restore'],
  ['build', 'build'],
  ['save', 'save'],
] as const;

/** How time and size went over the last builds. */
export function growthSection(history: readonly ReportPastRun[]): Section | undefined {
  if (history.length === 0) return undefined;
  const finding = growthSentence(history);
  if (history.length === 1) return section('growth', 'Last builds', { finding, content: '' });
  const key = html`<ul class="legend">${PARTS.map(([part, name]) => html`<li><svg aria-hidden="true" width="12" height="12"><rect class="key ${part}" x="1" y="1" width="10" height="10"/></svg>${name}</li>`)}</ul>`;
  const stored = storedArea(history, `What the store held: ${finding}`);
  const columns = [
    { title: 'Finished' },
    ...['Time', 'Restore', 'Build', 'Save', 'Down', 'Up', 'New entries', 'Stored'].map((title) => ({
      title,
      isNumber: true,
    })),
  ];
  const rows = history
    .toReversed()
    .map((run) => [
      `${formatTime(run.finishedAt)}${run.isFailed ? ', failed' : ''}`,
      ...[run.totalSeconds, run.restoreSeconds, run.buildSeconds, run.saveSeconds].map(formatSeconds),
      formatBytes(run.bytesDown),
      formatBytes(run.bytesUp),
      formatCount(run.entriesNew),
      run.bytesStored === undefined ? '' : formatBytes(run.bytesStored),
    ]);
  const content = html`<div class="two"><figure><figcaption>Seconds, the last build on the right</figcaption>${buildColumns(history, `Seconds of each build: ${finding}`)}${key}</figure>${stored === undefined ? '' : html`<figure><figcaption>Bytes in the store</figcaption>${stored}</figure>`}</div>${foldedTable('Builds as a table', columns, rows)}`;
  return section('growth', 'Last builds', { finding, content });
}
