import { plainText } from './html.ts';

// With any of these a text could become something else: a tag, a table's cell, a mention, a link, a workflow command.
const SPECIAL = /[&<>"'`*_[\]{}|~@#!:\\$]/g;

/** Text that stays text in GitHub's Markdown, on one line. */
export function markdownText(text: string): string {
  const line = plainText(text.replace(/\s+/g, ' '));
  return line
    .replace(SPECIAL, (char) => `&#${char.charCodeAt(0)};`)
    .replace(/www\./gi, (word) => `${word.slice(0, 3)}&#46;`);
}

/** Code inside of a sentence or a cell. Backquotes would need another escape for each text. */
export function markdownCode(text: string): string {
  return `<code>${markdownText(text)}</code>`;
}

/** A sentence in which `backquotes` mark code. */
export function markdownSentence(text: string): string {
  return text
    .split('`')
    .map((part, index) => (index % 2 === 1 ? markdownCode(part) : markdownText(part)))
    .join('');
}

/** Cells are Markdown already; `-:` in the head aligns numbers. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const titles = head.map((title) => title.replace(/:$/, ''));
  return [line(titles), line(head.map((title) => (title.endsWith(':') ? '---:' : '---'))), ...rows.map(line)];
}
