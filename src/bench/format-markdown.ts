import type { Comparison } from './compare.ts';
import { comparisonDocument } from './comparison-document.ts';
import type { Section, Table } from './document.ts';
import { escapeMarkdown } from './escape-markdown.ts';
import type { Judgement } from './judge.ts';
import type { RecommendOptions } from './recommend.ts';
import type { BenchResults } from './results.ts';
import { resultsDocument } from './results-document.ts';

export interface MarkdownOptions extends RecommendOptions {
  /** Of the headings, 1 to 6; 2 unless it is set. */
  readonly level?: number;
}

/** Tables and lists for a page or a job's summary. What comes from outside is only ever text in it. */
export function formatResultsMarkdown(results: BenchResults, options: MarkdownOptions = {}): string {
  return render(resultsDocument(results, options), options);
}

export function formatComparisonMarkdown(
  comparison: Comparison,
  options: MarkdownOptions & { readonly judgements?: readonly Judgement[] } = {},
): string {
  return render(comparisonDocument(comparison, options.judgements), options);
}

function render(sections: readonly Section[], { level = 2 }: MarkdownOptions): string {
  const blocks = sections.flatMap(({ title, table, lines }, index) => [
    `${'#'.repeat(Math.min(6, index === 0 ? level : level + 1))} ${escapeMarkdown(title)}`,
    ...(table === undefined ? [] : [tableText(table)]),
    ...(lines.length === 0 ? [] : [lines.map(({ text }) => `- ${escapeMarkdown(text)}`).join('\n')]),
  ]);
  return `${blocks.join('\n\n')}\n`;
}

function tableText({ columns, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(columns.map(({ title }) => escapeMarkdown(title))),
    line(columns.map(({ isRight }) => (isRight ? '---:' : '---'))),
    ...rows.map((row) => line(row.map(({ text }) => escapeMarkdown(text)))),
  ].join('\n');
}
