import type { StepDocument } from '../../explain/document.ts';
import { html, type Markup } from '../html.ts';

/** A small shape for each state, so that colour is not needed to tell them apart: 12 pixels wide, drawn around 0,0. */
export function stateMark(state: StepDocument['state']): Markup {
  switch (state) {
    case 'cached':
      return html`<path class="mark" d="M-5,0 -1.5,4 5,-4.5"/>`;
    case 're-run':
      return html`<path class="mark" d="M4.6,-2.2A5,5 0 1 0 5,1M5,-6V-1.8H0.8"/>`;
    case 'failed':
      return html`<path class="mark" d="M-4.5,-4.5 4.5,4.5M4.5,-4.5 -4.5,4.5"/>`;
    case 'not-run':
      return html`<path class="mark" d="M-5,0H5"/>`;
  }
}
