import type { Range } from '../../dockerfile/tree.ts';
import type { Setting } from '../types.ts';
import { type PlacedText, rangeWithin } from '../yaml/scalar-text.ts';
import type { Known } from './certainty.ts';

/** A stretch of a text, trimmed, as a setting whose value was worked out as `known`. */
export function toSetting(file: string, placed: PlacedText, span: Range, known: Known): Setting {
  const written = placed.text.slice(span.start, span.end);
  return {
    ...known,
    file,
    range: rangeWithin(placed, span.start, span.end),
    isExact: placed.isExact && written === known.text && !written.includes('\n'),
  };
}

/** The lines of a list input that hold something, trimmed; empty ones and, as the actions do, no comments are left out. */
export function lineSpans(text: string): readonly Range[] {
  return spansBetween(text, /\r?\n/g);
}

/** The parts of a text between separators, trimmed, empty ones left out. A separator inside of `${{ … }}` is none. */
export function spansBetween(written: string, separator: RegExp): readonly Range[] {
  const text = written.replace(/\$\{\{[^]*?\}\}/g, (expression) => '$'.repeat(expression.length));
  const spans: Range[] = [];
  let start = 0;
  const take = (end: number): void => {
    const part = text.slice(start, end);
    const from = start + (part.length - part.trimStart().length);
    const to = from + part.trim().length;
    if (to > from) spans.push({ start: from, end: to });
  };
  for (const match of text.matchAll(separator)) {
    take(match.index);
    start = match.index + match[0].length;
  }
  take(text.length);
  return spans;
}
