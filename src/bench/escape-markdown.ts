import { cleanText } from '../core/clean-text.ts';

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '@': '&#64;', $: '&#36;' };

/**
 * A text that Markdown shows as it is: one line, no markup, no HTML, no mention of a person, no formula, no address made
 * into a link. Backticks are kept as they are told: escaped.
 */
export function escapeMarkdown(text: string): string {
  return cleanText(text.replace(/[\r\n]+/g, ' '))
    .replace(/[&<>@$]/g, (sign) => ENTITIES[sign] ?? sign)
    .replace(/[\\`*_{}[\]~#|!]/g, String.raw`\$&`)
    .replace(/:\/\//g, '&#58;//')
    .replace(/\bwww\./gi, (word) => `${word.slice(0, 3)}&#46;`);
}
