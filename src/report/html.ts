const MARKUP: unique symbol = Symbol('markup');

/** HTML that is known to be safe. Nothing that came out of a file can look like it. */
export interface Markup {
  readonly [MARKUP]: true;
  readonly text: string;
}

/** For text of our own that is markup already. */
export function ownMarkup(text: string): Markup {
  return { [MARKUP]: true, text };
}

export type HtmlValue = string | number | Markup | undefined | readonly HtmlValue[];

/**
 * HTML or SVG in which every value is text: it can't end the text or the quoted attribute it stands in. Markup in it stays
 * markup, lists are joined, undefined is nothing. Attributes must be quoted in the template.
 */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Markup {
  let text = parts[0] ?? '';
  for (const [index, value] of values.entries()) text += toHtml(value) + (parts[index + 1] ?? '');
  return ownMarkup(text);
}

function toHtml(value: HtmlValue): string {
  if (value === undefined) return '';
  if (typeof value === 'object') return MARKUP in value ? value.text : value.map(toHtml).join('');
  return escapeHtml(plainText(String(value)));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? '');
}

const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/g;
// They show nothing, or turn the direction of what follows.
const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/** Text without characters that a reader can't see, and that only change how the rest is shown. */
export function plainText(text: string): string {
  return text.toWellFormed().replace(CONTROL, '').replace(INVISIBLE, '');
}
