import type { ScaleLinear } from 'd3-scale';
import { html, type Markup } from '../html.ts';
import { percent } from './numbers.ts';

/** The ticks of a scale of seconds, whose range are shares of the width, below the rows that share it. */
export function secondsAxis(scale: ScaleLinear<number, number>): Markup {
  const ticks = scale.ticks(5).map((at) => {
    const anchor = at === 0 ? 'start' : scale(at) > 0.94 ? 'end' : 'middle';
    const x = percent(scale(at));
    return html`<line class="grid" x1="${x}" x2="${x}" y1="0" y2="5"/><text class="tick" x="${x}" y="18" text-anchor="${anchor}">${at} s</text>`;
  });
  return html`<svg class="axis" aria-hidden="true" width="100%" height="22"><line class="grid" x1="0" x2="100%" y1=".5" y2=".5"/>${ticks}</svg>`;
}
