/** HTML that is known to be safe: made by `html` alone. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type HtmlValue = string | number | Markup | undefined | readonly HtmlValue[];

/**
 * HTML or SVG in which every value is text: it can't end the text or the quoted attribute it stands in. Markup in it stays
 * markup, lists are joined, undefined is nothing. Attributes must be quoted in the template.
 */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Markup {
  let text = parts[0] ?? '';
  for (const [index, value] of values.entries()) text += toHtml(value) + (parts[index + 1] ?? '');
  return new Markup(text);
}

function toHtml(value: HtmlValue): string {
  if (value === undefined) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'object') return value.map(toHtml).join('');
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
