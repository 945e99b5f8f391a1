import { scaleLinear } from 'd3-scale';
import { formatSeconds } from '../../core/size.ts';
import type { BenchRow } from '../data.ts';
import { html, type Markup } from '../html.ts';
import { fitText, percent } from './text.ts';

const ROW_HEIGHT = 38;
const AXIS_HEIGHT = 22;

/** A row for each strategy: a dot at its median on a line over its interval, from a common zero. */
export function intervals(rows: readonly BenchRow[], label: string): Markup {
  const scale = scaleLinear([0, Math.max(0.1, ...rows.map(({ high }) => high))], [0, 0.98]);
  const height = rows.length * ROW_HEIGHT;
  const best = Math.min(...rows.map(({ median }) => median));
  const ticks = scale.ticks(5).map((at) => {
    const anchor = at === 0 ? 'start' : scale(at) > 0.94 ? 'end' : 'middle';
    return html`<line class="grid" x1="${percent(scale(at))}" x2="${percent(scale(at))}" y1="0" y2="${height}"/><text class="tick" x="${percent(scale(at))}" y="${height + 16}" text-anchor="${anchor}">${at} s</text>`;
  });
  const drawn = rows.map((row, index) => interval(row, { y: index * ROW_HEIGHT, scale, isBest: row.median === best }));
  return html`<svg class="intervals" role="img" aria-label="${label}" width="100%" height="${height + AXIS_HEIGHT}">${ticks}${drawn}</svg>`;
}

interface Place {
  readonly y: number;
  readonly scale: (seconds: number) => number;
  readonly isBest: boolean;
}

function interval({ label, median, low, high, isCensored }: BenchRow, { y, scale, isBest }: Place): Markup {
  const [from, to, at, line] = [percent(scale(low)), percent(scale(high)), percent(scale(median)), y + 26];
  const name = fitText(label, 190, { fontPx: 12.5, isMono: false });
  const cap = (x: string): Markup => html`<line class="cap" x1="${x}" x2="${x}" y1="${line - 5}" y2="${line + 5}"/>`;
  return html`<g class="${isBest ? 'best' : 'other'}"><text class="name" x="0" y="${y + 14}">${name}</text><text class="value" x="100%" y="${y + 14}" text-anchor="end">${isCensored ? 'over ' : ''}${formatSeconds(median)}</text><line class="reach" x1="${from}" x2="${to}" y1="${line}" y2="${line}"/>${cap(from)}${cap(to)}<circle class="median" cx="${at}" cy="${line}" r="5"/></g>`;
}
