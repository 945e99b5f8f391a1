import { lineIndexAt } from '../dockerfile/source-lines.ts';

/** Line and column from 1, in UTF-16 units. */
export interface LinePosition {
  readonly line: number;
  readonly column: number;
}

/** Positions of offsets in a text. */
export function positionsOf(text: string): (offset: number) => LinePosition {
  const starts = [text.startsWith('\ufeff') ? 1 : 0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    const index = lineIndexAt(starts, offset);
    return { line: index + 1, column: Math.max(offset - (starts[index] ?? 0), 0) + 1 };
  };
}
