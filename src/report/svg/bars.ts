import { scaleLinear } from 'd3-scale';
import { html, type Markup } from '../html.ts';
import { fitText, percent } from './text.ts';

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** The value in words, with its unit. */
  readonly text: string;
  /** Which of the page's fills it has. */
  readonly tone: 'plain' | 'hot' | 'cold' | 'dim';
  readonly isMono?: boolean;
}

const ROW_HEIGHT = 36;
const LABEL_WIDTH = 228;

/** Horizontal bars from a common zero, each under its name and value. */
export function bars(rows: readonly Bar[], label: string): Markup {
  const scale = scaleLinear([0, Math.max(1, ...rows.map(({ value }) => value))], [0, 1]);
  const drawn = rows.map(({ label: name, value, text, tone, isMono = false }, index) => {
    const y = index * ROW_HEIGHT;
    const width = value === 0 ? '0' : percent(Math.max(scale(value), 0.004));
    const fitted = fitText(name, LABEL_WIDTH, { fontPx: 12.5, isMono });
    return html`<text class="${isMono ? 'mono' : 'name'}" x="0" y="${y + 14}">${fitted}</text><text class="value" x="100%" y="${y + 14}" text-anchor="end">${text}</text><rect class="track" x="0" y="${y + 20}" width="100%" height="9" rx="2"/><rect class="bar ${tone}" x="0" y="${y + 20}" width="${width}" height="9" rx="2"/>`;
  });
  return html`<svg class="bars" role="img" aria-label="${label}" width="100%" height="${rows.length * ROW_HEIGHT}">${drawn}</svg>`;
}
