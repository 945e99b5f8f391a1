import { html, type HtmlValue, type Markup } from '../html.ts';

/** A named value above its drawing. The name is text of the page: it wraps, and is read aloud. */
export interface Row {
  readonly name: string;
  readonly value: string;
  readonly drawing: Markup;
  /** `mono` for code, `strong`, `indented`. */
  readonly looks?: string;
  /** What only the drawing shows, for those who don't see it. */
  readonly aside?: string;
}

/** A list of rows that share a scale, with the axis below. */
export function rowList(rows: readonly Row[], axis?: HtmlValue): Markup {
  const items = rows.map(
    ({ name, value, drawing, looks = '', aside }) =>
      html`<li class="${looks}"><span class="name">${name}</span> <span class="value">${value}</span>${aside === undefined ? '' : html`<span class="hidden">, ${aside}</span>`}${drawing}</li>\n`,
  );
  return html`<ul class="rows">${items}</ul>${axis}`;
}
