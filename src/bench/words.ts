import type { CellSummary } from './summarize.ts';
import type { Line } from './document.ts';
import { plain } from './document.ts';
import { type Bound, type Estimate, excludes, type Interval } from './statistics.ts';

const BOUND_WORDS: Readonly<Record<Bound, string>> = { exact: '', 'at-least': '≥ ', 'at-most': '≤ ', unknown: '? ' };

/** Three figures: `0.42`, `5.10`, `27.4`, `148`. */
export function figures(value: number): string {
  if (!Number.isFinite(value)) return '∞';
  return value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
}

export function medianText({ median, bound }: Estimate, format: (value: number) => string = figures): string {
  return `${BOUND_WORDS[bound]}${format(median)}`;
}

/** `25.6 – 37.7`; nothing where one value says nothing about others. */
export function intervalText({ low, high, coverage }: Interval, format: (value: number) => string = figures): string {
  if (coverage === 0) return '';
  return `${format(low)} – ${high === Infinity ? '…' : format(high)}`;
}

/** Of a ratio of seconds: `5.4x faster`, with a question mark where the interval doesn't leave 1 out. */
export function pace(ratio: Estimate | undefined): Line {
  if (ratio === undefined) return plain('');
  const isFaster = ratio.median < 1;
  const isShown = excludes(ratio, 1);
  const factor = isFaster ? 1 / ratio.median : ratio.median;
  // Turned around, a ratio of at most a half is a factor of at least two.
  const isOpenAbove = isFaster === (ratio.bound === 'at-most');
  const bound = ratio.bound === 'exact' || ratio.bound === 'unknown' ? '' : isOpenAbove ? '≥ ' : '≤ ';
  const text = factor < 1.005 ? 'the same' : `${bound}${figures(factor)}x ${isFaster ? 'faster' : 'slower'}`;
  return { tone: isShown ? (isFaster ? 'good' : 'bad') : 'unsure', text: `${text}${isShown ? '' : '?'}` };
}

/** The interval of `pace`'s factor, in its direction. */
export function paceInterval(ratio: Estimate | undefined): string {
  if (ratio === undefined) return '';
  const { low, high, median, coverage } = ratio;
  const turned = median < 1 ? { low: 1 / high, high: low === 0 ? Infinity : 1 / low, coverage } : ratio;
  return intervalText(turned, (factor) => `${figures(factor)}x`);
}

/** A ratio as a change: `+32 %`, `-4.1 %`, `x12` from ten times on. */
export function change(ratio: number): string {
  if (ratio === Infinity) return 'from nothing';
  if (ratio >= 10) return `x${figures(ratio)}`;
  const percent = (ratio - 1) * 100;
  const digits = Math.abs(percent) < 9.95 ? 1 : 0;
  const number = percent.toFixed(digits);
  return Number(number) === 0 ? '0 %' : `${percent > 0 ? '+' : ''}${number} %`;
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;
}

/** `1 round`, `5 rounds`. */
export function counted(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}

/** What an interval is worth by the number of repeats, once for each number. */
export function coverageLines(cells: readonly Pick<CellSummary, 'seconds'>[]): readonly string[] {
  const byCount = new Map(cells.map(({ seconds }) => [seconds.n, seconds.coverage]));
  return [...byCount]
    .toSorted(([a], [b]) => a - b)
    .map(([n, coverage]) => {
      if (n === 1) return 'One build says nothing of how much builds differ: no interval.';
      const what = n < 6 ? `Of ${n} builds the interval is the least to the greatest:` : `Of ${n} builds the interval`;
      return `${what}${n < 6 ? ' it' : ''} holds the true median ${percent(coverage)} of the time.`;
    });
}
