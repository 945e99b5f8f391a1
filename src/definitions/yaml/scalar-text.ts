import type { Range } from '../../dockerfile/tree.ts';

/** A text that stands in a file in another dress: indented, folded, quoted. */
export interface PlacedText {
  readonly text: string;
  /** Place in the file of a character of `text`. */
  readonly offsetAt: (index: number) => number;
  /** Of the value, quotes left out. */
  readonly range: Range;
  /** Each stretch of a single line stands in the file letter by letter. */
  readonly isExact: boolean;
}

/** Finds the characters of a YAML scalar in its source: `source` from `start` to `end` with quotes, or with the head of a block scalar. */
export function placeScalar(value: string, source: string, range: Range): PlacedText {
  const first = source[range.start] ?? '';
  const isBlock = first === '|' || first === '>';
  const quote = first === '"' || first === "'" ? first : '';
  const head = isBlock ? source.indexOf('\n', range.start) + 1 : range.start + quote.length;
  const end = quote === '' ? range.end : range.end - 1;
  const inner = { start: Math.min(head, range.end), end: Math.max(end, head) };
  const offsets = align(value, source, { ...inner, quote });
  if (offsets === undefined) {
    // Any part of it is then somewhere between start and end.
    const last = Math.max(inner.end - 1, inner.start);
    return { text: value, offsetAt: (index) => (index === 0 ? inner.start : last), range: inner, isExact: false };
  }
  const offsetAt = (index: number): number => offsets[index] ?? lastOf(offsets, inner.start);
  return {
    text: value,
    offsetAt,
    range: inner,
    isExact: !source.slice(inner.start, inner.end).includes('\\') || quote !== '"',
  };
}

/** A part of it, from `start` to `end`. */
export function rangeWithin(placed: PlacedText, start: number, end: number): Range {
  const limit = placed.range.end;
  const from = Math.min(placed.offsetAt(start), limit);
  return { start: from, end: end > start ? Math.max(from, Math.min(placed.offsetAt(end - 1) + 1, limit)) : from };
}

interface Inner extends Range {
  readonly quote: string;
}

/** For each character of the value its offset; undefined when the source says it in a way that isn't followed. */
function align(value: string, source: string, inner: Inner): readonly number[] | undefined {
  const offsets: number[] = [];
  let at = inner.start;
  for (const char of unitsOf(value)) {
    if (/\s/.test(char)) {
      // Folding and indentation change space: any of it in the value stands at the next space of the source.
      offsets.push(at);
      if (source[at] === '\\' && inner.quote === '"' && source[at + 1] !== '\n') at += 2;
      else if (/\s/.test(source[at] ?? '')) at += 1;
      continue;
    }
    while (at < inner.end && /\s/.test(source[at] ?? '')) at += 1;
    if (inner.quote === '"' && source[at] === '\\') {
      at += 1;
      while (/\s/.test(source[at] ?? '')) at += 1;
    } else if (inner.quote === "'" && char === "'" && source[at + 1] === "'") at += 1;
    if (at >= inner.end || source[at] !== char) return undefined;
    offsets.push(at);
    at += 1;
  }
  return offsets;
}

function unitsOf(text: string): readonly string[] {
  return Array.from({ length: text.length }, (_, index) => text[index] ?? '');
}

function lastOf(offsets: readonly number[], otherwise: number): number {
  const last = offsets.at(-1);
  return last === undefined ? otherwise : last + 1;
}
