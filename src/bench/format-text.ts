import { styleText } from 'node:util';
import { cleanText } from '../core/clean-text.ts';
import type { Comparison } from './compare.ts';
import { comparisonDocument, judgementSections } from './comparison-document.ts';
import type { Column, Line, Section, Table, Tone } from './document.ts';
import type { Judgement } from './judge.ts';
import type { RecommendOptions } from './recommend.ts';
import type { BenchResults } from './results.ts';
import { resultsDocument } from './results-document.ts';

export interface TextOptions extends RecommendOptions {
  /** Columns of the terminal; `Infinity` where nothing has to fit. */
  readonly width: number;
  readonly colours: boolean;
}

export function formatResults(results: BenchResults, options: TextOptions): string {
  return render(resultsDocument(results, options), options);
}

export function formatComparison(
  comparison: Comparison,
  options: TextOptions & { readonly judgements?: readonly Judgement[] },
): string {
  return render(comparisonDocument(comparison, options.judgements), options);
}

/** For conditions on a run alone. */
export function formatJudgements(judgements: readonly Judgement[], options: TextOptions): string {
  return render(judgementSections(judgements), options);
}

const STYLES: Readonly<Record<Tone, 'green' | 'red' | 'yellow' | undefined>> = {
  good: 'green',
  bad: 'red',
  unsure: 'yellow',
  plain: undefined,
};

function render(sections: readonly Section[], { width, colours }: TextOptions): string {
  const paint = ({ tone, text }: Line): string => {
    const style = STYLES[tone];
    return colours && style !== undefined ? styleText(style, text, { validateStream: false }) : text;
  };
  const bold = (text: string): string => (colours ? styleText('bold', text, { validateStream: false }) : text);
  const blocks = sections.map(({ title, table, lines }) =>
    [
      bold(cleanText(title)),
      ...(table === undefined ? [] : tableLines(table, { width: width - 2, paint, bold })),
      ...lines.flatMap((line) => wrap(line, width - 2).map(paint)),
    ]
      .map((line, index) => (index === 0 ? line : `  ${line}`))
      .join('\n'),
  );
  return blocks.length === 0 ? '' : `${blocks.join('\n\n')}\n`;
}

const GAP = '  ';

interface Pen {
  readonly width: number;
  readonly paint: (line: Line) => string;
  readonly bold: (text: string) => string;
}

function tableLines(table: Table, { width, paint, bold }: Pen): readonly string[] {
  const { columns, rows } = fit(table, width);
  const widths = columns.map((column, i) => columnWidth(column, rows, i));
  const line = (cells: readonly (readonly [shown: string, length: number])[]): string =>
    cells
      .map(([shown, length], i) => {
        const space = ' '.repeat(Math.max(0, (widths[i] ?? 0) - length));
        return columns[i]?.isRight === true ? `${space}${shown}` : `${shown}${space}`;
      })
      .join(GAP)
      .trimEnd();
  const head = line(columns.map(({ title }) => [bold(title), title.length]));
  return [head, ...rows.map((row) => line(row.map((cell) => [paint(cell), cell.text.length])))];
}

/** Leaves out the least important column until what is left fits. */
function fit({ columns, rows }: Table, width: number): Table {
  const total = columns.reduce(
    (sum, column, i) => sum + columnWidth(column, rows, i),
    GAP.length * (columns.length - 1),
  );
  const ranks = columns.map(({ rank }) => (rank === 'always' ? Infinity : rank));
  const least = Math.min(...ranks);
  if (total <= width || least === Infinity) return { columns, rows };
  const gone = ranks.indexOf(least);
  return fit(
    { columns: columns.filter((_, i) => i !== gone), rows: rows.map((row) => row.filter((_, i) => i !== gone)) },
    width,
  );
}

function columnWidth({ title }: Column, rows: Table['rows'], index: number): number {
  return Math.max(title.length, ...rows.map((row) => row[index]?.text.length ?? 0));
}

/** `12 MB`, `3 min 4 s`: a number stays with its unit. */
const BEFORE_UNIT = /(\d) (?=(?:[kMGT]?B|s|min|%|Mbit)(?:[^A-Za-z]|$))/g;

/** At spaces; lines after the first are indented. Names come from the project and from tools: they are cleaned. */
function wrap({ tone, text }: Line, width: number): readonly Line[] {
  const lines: string[] = [];
  let line = '';
  for (const word of cleanText(text).replace(BEFORE_UNIT, '$1\u00a0').split(' ')) {
    if (line !== '' && line.trim() !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = `  ${word}`;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  // A word that GitHub's runner takes for a command at the start of a line may only now have come there.
  return [...lines, line].map((text) => ({ tone, text: cleanText(text.replaceAll('\u00a0', ' ')) }));
}
