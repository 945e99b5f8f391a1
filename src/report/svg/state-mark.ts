import type { StepDocument } from '../../explain/document.ts';
import { html, type Markup } from '../html.ts';

/** A small shape for each state, so that colour is not needed to tell them apart: 12 pixels wide, drawn around 0,0. */
const SHAPES: Readonly<Record<StepDocument['state'], string>> = {
  cached: 'M-5,0 -1.5,4 5,-4.5',
  're-run': 'M4.6,-2.2A5,5 0 1 0 5,1M5,-6V-1.8H0.8',
  failed: 'M-4.5,-4.5 4.5,4.5M4.5,-4.5 -4.5,4.5',
  'not-run': 'M-5,0H5',
};

/** To stand once in a picture that uses `stateMark`. */
export function stateMarks(): Markup {
  const shapes = Object.entries(SHAPES).map(([state, shape]) => html`<path id="mark-${state}" d="${shape}"/>`);
  return html`<defs>${shapes}</defs>`;
}

export function stateMark(state: StepDocument['state'], { x, y }: { readonly x: number; readonly y: number }): Markup {
  return html`<use class="mark" href="#mark-${state}" x="${x}" y="${y}"/>`;
}
