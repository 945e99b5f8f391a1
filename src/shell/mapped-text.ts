/** From the first character to just behind the last, in UTF-16 units. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** A stretch of a text and where it comes from. It reaches to the next piece. */
export interface TextPiece {
  readonly start: number;
  readonly sourceStart: number;
  readonly sourceEnd: number;
  /** Character for character as in the source; else the whole stretch stands for the whole source range (an escape, a variable's value). */
  readonly isExact: boolean;
}

/** A text made from another one, such as the script of a RUN from a Dockerfile, with a way back. */
export interface MappedText {
  readonly text: string;
  /** In order, without gaps, the first at 0. The source between two pieces is what was dropped: continuations, comments, quotes. */
  readonly pieces: readonly TextPiece[];
}

/** A text that is its own source, or stands in it word by word from `sourceStart` on. */
export function exactText(text: string, sourceStart = 0): MappedText {
  return { text, pieces: [{ start: 0, sourceStart, sourceEnd: sourceStart + text.length, isExact: true }] };
}

/** A text that as a whole stands for a source range. */
export function standInText(text: string, source: TextRange): MappedText {
  return { text, pieces: [{ start: 0, sourceStart: source.start, sourceEnd: source.end, isExact: false }] };
}

/** Where a stretch of the text comes from. What stands between its pieces in the source lies inside. */
export function sourceRange(mapped: MappedText, written: TextRange): TextRange {
  // A parser may place the end of broken text behind the text.
  const last = mapped.text.length;
  const range = { start: Math.min(written.start, last), end: Math.min(written.end, last) };
  const [only] = mapped.pieces;
  if (mapped.pieces.length === 1 && only?.isExact === true) {
    return { start: only.sourceStart + range.start, end: only.sourceStart + Math.max(range.end, range.start) };
  }
  const first = mapped.pieces[pieceIndexAt(mapped, range.start)];
  const final = mapped.pieces[pieceIndexAt(mapped, Math.max(range.end - 1, range.start))];
  if (first === undefined || final === undefined) return { start: 0, end: 0 };
  const start = first.isExact ? first.sourceStart + range.start - first.start : first.sourceStart;
  const end = final.isExact ? final.sourceStart + range.end - final.start : final.sourceEnd;
  return { start, end: Math.max(start, end) };
}

/** True when each character of the stretch stands in the source as it is, so that it can be edited there. */
export function isExactStretch(mapped: MappedText, range: TextRange): boolean {
  const last = Math.max(range.end - 1, range.start);
  for (let index = pieceIndexAt(mapped, range.start); index < mapped.pieces.length; index++) {
    const piece = mapped.pieces[index];
    if (piece === undefined || piece.start > last) break;
    if (!piece.isExact) return false;
  }
  return true;
}

/** A stretch as a text of its own. */
export function sliceMapped(mapped: MappedText, range: TextRange): MappedText {
  const pieces: TextPiece[] = [];
  for (let index = pieceIndexAt(mapped, range.start); index < mapped.pieces.length; index++) {
    const piece = mapped.pieces[index];
    if (piece === undefined || (piece.start >= range.end && pieces.length > 0)) break;
    const cut = Math.max(range.start - piece.start, 0);
    const sourceStart = piece.isExact ? piece.sourceStart + cut : piece.sourceStart;
    pieces.push({ ...piece, start: piece.start + cut - range.start, sourceStart });
  }
  return { text: mapped.text.slice(range.start, range.end), pieces };
}

/** Texts one after the other. */
export function joinMapped(parts: readonly MappedText[]): MappedText {
  const pieces: TextPiece[] = [];
  let length = 0;
  for (const part of parts) {
    for (const piece of part.pieces) pieces.push({ ...piece, start: piece.start + length });
    length += part.text.length;
  }
  const isKept = (piece: TextPiece, index: number): boolean => piece.start !== (pieces[index + 1]?.start ?? -1);
  return { text: parts.map((part) => part.text).join(''), pieces: pieces.filter(isKept) };
}

function pieceIndexAt({ pieces }: MappedText, offset: number): number {
  let low = 0;
  let high = pieces.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((pieces[middle]?.start ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
