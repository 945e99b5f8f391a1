import { scaleLinear } from 'd3-scale';
import { html, type Markup } from '../html.ts';
import { percent } from './numbers.ts';
import { rowList } from './row.ts';

export interface Bar {
  readonly name: string;
  readonly value: number;
  /** The value in words, with its unit. */
  readonly text: string;
  /** Which of the page's fills it has. */
  readonly tone: 'plain' | 'hot' | 'cold' | 'dim';
  readonly isMono?: boolean;
}

/** Horizontal bars from a common zero, each under its name and value. */
export function bars(rows: readonly Bar[]): Markup {
  const scale = scaleLinear([0, Math.max(1, ...rows.map(({ value }) => value))], [0, 1]);
  return rowList(
    rows.map(({ name, value, text, tone, isMono = false }) => {
      const width = value === 0 ? '0' : percent(Math.max(scale(value), 0.004));
      const drawing = html`<svg aria-hidden="true" width="100%" height="10"><rect class="track" width="100%" height="10" rx="2"/><rect class="bar ${tone}" width="${width}" height="10" rx="2"/></svg>`;
      return { name, value: text, drawing, looks: isMono ? 'mono' : '' };
    }),
  );
}
