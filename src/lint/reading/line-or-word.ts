import type { Range } from '../../dockerfile/tree.ts';

/**
 * What goes when a setting of a file goes: its whole line when it is all the line says, `key: value` or `key = value`, else the word with the
 * space before it.
 */
export function lineOrWord(text: string, range: Range): Range {
  const start = text.lastIndexOf('\n', range.start - 1) + 1;
  const newline = text.indexOf('\n', range.end);
  const end = newline < 0 ? text.length : newline + 1;
  const before = text.slice(start, range.start);
  const after = text.slice(range.end, end);
  if (/^\s*["']?[\w-]+["']?\s*[:=]\s*["']?$/.test(before) && /^["']?\s*,?\s*(?:#.*)?\r?\n?$/.test(after))
    return { start, end };
  const space = /[ \t]*$/.exec(before)?.[0].length ?? 0;
  return { start: range.start - space, end: range.end };
}
