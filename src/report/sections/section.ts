import { html, type HtmlValue, type Markup } from '../html.ts';

/** One part of the page; `id` is its anchor. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly content: Markup;
}

/** A section that says in words what it found, before it shows it. */
export function section(
  id: string,
  title: string,
  { finding, content }: { readonly finding: string; readonly content: HtmlValue },
): Section {
  return {
    id,
    title,
    content: html`<section aria-labelledby="${id}"><h2 id="${id}" tabindex="-1">${title}</h2><p>${withCode(finding)}</p>${content}</section>`,
  };
}

/** A sentence in which `backquotes` mark code. */
export function withCode(text: string): Markup {
  return html`${text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}

/** What may be wider than the page: it scrolls by itself, with the keyboard too. */
export function scrolling(label: string, content: HtmlValue): Markup {
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0">${content}</div>`;
}

export interface Column {
  readonly title: string;
  readonly isNumber?: boolean;
}

/** A table behind a fold: the same as the picture above it, for who can't see that or wants the numbers. */
export function foldedTable(
  title: string,
  columns: readonly Column[],
  rows: readonly (readonly HtmlValue[])[],
): Markup {
  const number = (index: number): Markup | undefined =>
    columns[index]?.isNumber === true ? html` class="number"` : undefined;
  const head = columns.map((column, index) => html`<th scope="col"${number(index)}>${column.title}</th>`);
  const body = rows.map(
    ([first, ...more]) =>
      html`<tr><th scope="row"${number(0)}>${first}</th>${more.map((cell, index) => html`<td${number(index + 1)}>${cell}</td>`)}</tr>\n`,
  );
  return html`<details><summary>${title}</summary>${scrolling(title, html`<table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`)}</details>`;
}
