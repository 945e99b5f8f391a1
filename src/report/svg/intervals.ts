import { scaleLinear, type ScaleLinear } from 'd3-scale';
import { formatSeconds } from '../../core/size.ts';
import type { BenchRow } from '../data.ts';
import { html, type Markup } from '../html.ts';
import { secondsAxis } from './axis.ts';
import { percent } from './numbers.ts';
import { rowList, type Row } from './row.ts';

/** A row for each strategy: a dot at its median on a line over its interval, from a common zero. */
export function intervals(rows: readonly BenchRow[]): Markup {
  const scale = scaleLinear([0, Math.max(0.1, ...rows.map(({ high }) => high))], [0, 0.98]);
  const best = Math.min(...rows.map(({ median }) => median));
  return rowList(
    rows.map((row) => interval(row, { scale, isBest: row.median === best })),
    secondsAxis(scale),
  );
}

interface Place {
  readonly scale: ScaleLinear<number, number>;
  readonly isBest: boolean;
}

function interval({ label, median, low, high, isCensored }: BenchRow, { scale, isBest }: Place): Row {
  const [from, to, at] = [percent(scale(low)), percent(scale(high)), percent(scale(median))];
  const cap = (x: string): Markup => html`<line class="cap" x1="${x}" x2="${x}" y1="3" y2="13"/>`;
  return {
    name: isBest ? `${label}, the quickest` : label,
    value: `${isCensored ? 'over ' : ''}${formatSeconds(median)}`,
    looks: isBest ? 'strong best' : 'other',
    aside: `from ${formatSeconds(low)} to ${formatSeconds(high)}`,
    drawing: html`<svg aria-hidden="true" width="100%" height="16"><rect class="track" width="100%" y="7" height="2"/><line class="reach" x1="${from}" x2="${to}" y1="8" y2="8"/>${cap(from)}${cap(to)}<circle class="median" cx="${at}" cy="8" r="5"/></svg>`,
  };
}
