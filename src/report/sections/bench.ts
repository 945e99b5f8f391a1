import { formatSeconds } from '../../core/size.ts';
import type { BenchChart, ReportBench } from '../data.ts';
import { html, type Markup } from '../html.ts';
import { intervals } from '../svg/intervals.ts';
import { benchSentence } from '../words.ts';
import { formatTime } from './format-time.ts';
import { foldedTable, section, type Section } from './section.ts';

/** Strategies against each other, scenario by scenario. */
export function benchSection(bench: ReportBench | undefined): Section | undefined {
  if (bench === undefined) return undefined;
  const about = `${bench.program} on ${bench.machine}, ${formatTime(bench.finishedAt)}`;
  const left = bench.left.map((text) => html`<li>${text}</li>`);
  const columns = [
    { title: 'Scenario' },
    { title: 'Strategy' },
    ...['Median', 'Low', 'High', 'Runs'].map((title) => ({ title, isNumber: true })),
  ];
  const rows = bench.charts.flatMap(({ title, rows: strategies }) =>
    strategies.map(({ label, median, low, high, samples, isCensored }) => [
      title,
      `${label}${isCensored ? ' (stopped by a time limit)' : ''}`,
      ...[median, low, high].map(formatSeconds),
      samples,
    ]),
  );
  const content = html`<p class="quiet">${about}</p><div class="two">${bench.charts.map(chart)}</div>${left.length === 0 ? '' : html`<h3>Not measured</h3><ul>${left}</ul>`}${foldedTable('Measurements as a table', columns, rows)}`;
  return section('bench', 'Benchmark', { finding: benchSentence(bench), content });
}

function chart({ title, rows }: BenchChart): Markup {
  return html`<figure><figcaption><strong>${title}</strong></figcaption>${intervals(rows)}</figure>`;
}
