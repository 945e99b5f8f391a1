/** Stands in a text for something that can't be known here, such as the output of `$(shell …)`. */
export const UNKNOWN = '\uE000';

export function isUnknownText(text: string): boolean {
  return text.includes(UNKNOWN);
}

export function splitWords(text: string): readonly string[] {
  return text.split(/[ \t\n\r\f\v]+/).filter((word) => word !== '');
}

/** Behind the bracket that closes the one at `open`, counting only brackets of its kind, as make does; -1 without one. */
export function behindReference(text: string, open: number): number {
  const opener = text[open];
  const closer = opener === '(' ? ')' : '}';
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === opener) depth++;
    else if (text[at] === closer && --depth === 0) return at + 1;
  }
  return -1;
}

/** The first place outside of `$(…)` where `isFound` holds; -1 without one. */
export function findOutside(text: string, from: number, isFound: (char: string, at: number) => boolean): number {
  for (let at = from; at < text.length; at++) {
    const char = text[at] ?? '';
    if (char === '$') {
      const next = text[at + 1];
      const end = next === '(' || next === '{' ? behindReference(text, at + 1) : at + 2;
      at = (end < 0 ? text.length : end) - 1;
    } else if (isFound(char, at)) return at;
  }
  return -1;
}

/** Splits the arguments of a function at commas that stand in no inner bracket of the function's own kind. */
export function splitArguments(text: string, open: string): readonly string[] {
  const close = open === '(' ? ')' : '}';
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === open) depth++;
    else if (char === close) depth--;
    else if (char === ',' && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

/** What `%` stands for when the pattern matches; undefined when it doesn't. A pattern without `%` matches itself. */
export function matchPattern(pattern: string, text: string): string | undefined {
  const percent = pattern.indexOf('%');
  if (percent < 0) return pattern === text ? '' : undefined;
  const tail = pattern.length - percent - 1;
  if (text.length < pattern.length - 1) return undefined;
  if (!text.startsWith(pattern.slice(0, percent)) || !text.endsWith(pattern.slice(percent + 1))) return undefined;
  return text.slice(percent, text.length - tail);
}

export function fillPattern(pattern: string, stem: string): string {
  const percent = pattern.indexOf('%');
  return percent < 0 ? pattern : pattern.slice(0, percent) + stem + pattern.slice(percent + 1);
}

/** `patsubst` for one word. */
export function substitute(word: string, pattern: string, replacement: string): string {
  const stem = matchPattern(pattern, word);
  if (stem === undefined) return word;
  return pattern.includes('%') ? fillPattern(replacement, stem) : replacement;
}
