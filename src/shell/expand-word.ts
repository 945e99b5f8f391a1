import type { Word, WordPart } from 'unbash';
import { joinMapped, sliceMapped, sourceRange, standInText, isExactStretch, type MappedText } from './mapped-text.ts';
import type { ShellWord } from './types.ts';
import { expandParameter } from './expand-parameter.ts';

/** The value of a variable; undefined when it isn't set or can't be known. */
export type Lookup = (name: string) => string | undefined;

/**
 * The words that a written word gives: none for an unset variable, several for a variable that holds spaces.
 * Where a part can't be known the word stays one, as it is written.
 */
export function expandFields(word: Word, script: MappedText, lookup: Lookup): readonly ShellWord[] {
  // Most words are plain.
  if (word.parts === undefined && !word.text.includes('\\')) {
    const stretch = { start: word.pos, end: word.end };
    const range = sourceRange(script, stretch);
    return [{ text: word.text, value: word.value, range, isExact: isExactStretch(script, stretch) }];
  }
  // A continuation right behind the word is not part of it, whatever the parser says.
  const trailing = /(?:\\\n)+$/.exec(word.text)?.[0].length ?? 0;
  const stretch = { start: word.pos, end: word.end - trailing };
  const range = sourceRange(script, stretch);
  const text = word.text.replaceAll('\\\n', '');
  const isExact = isExactStretch(script, stretch);
  const chunks = chunksOf(word, lookup);
  if (chunks.some((chunk) => chunk.value === undefined)) return [{ text, value: undefined, range, isExact }];
  const values = splitFields(chunks);
  const isAlone = values.length === 1;
  return values.map((value) => ({ text, value, range, isExact: isExact && isAlone }));
}

/** The value of a word that is not split, as on the right of an assignment. */
export function expandValue(word: Word, lookup: Lookup): string | undefined {
  const chunks = chunksOf(word, lookup);
  return chunks.some((chunk) => chunk.value === undefined) ? undefined : chunks.map((chunk) => chunk.value).join('');
}

/** The value with a way back to the file, as a script of its own; what can't be known stays as written. */
export function expandMapped(word: Word, script: MappedText, lookup: Lookup): MappedText {
  const parts = chunksOf(word, lookup).map((chunk) => {
    const stretch = { start: chunk.start, end: chunk.end };
    if (chunk.value === undefined || (chunk.isWritten && chunk.value.length === chunk.end - chunk.start)) {
      return sliceMapped(script, stretch);
    }
    return standInText(chunk.value, sourceRange(script, stretch));
  });
  return joinMapped(parts);
}

interface Chunk {
  readonly value: string | undefined;
  readonly start: number;
  readonly end: number;
  /** The value is what stands between start and end. */
  readonly isWritten: boolean;
  readonly isQuoted: boolean;
  /** From a variable: split at space where it isn't quoted. */
  readonly isVariable: boolean;
}

function chunksOf(word: Word, lookup: Lookup): readonly Chunk[] {
  if (word.parts === undefined) return [literal(word.value, word.pos, word.end, false)];
  return word.parts.flatMap((part, index) => partChunks(part, { lookup, isQuoted: false, isFirst: index === 0 }));
}

interface PartPlace {
  readonly lookup: Lookup;
  readonly isQuoted: boolean;
  readonly isFirst: boolean;
}

function partChunks(part: WordPart, place: PartPlace): readonly Chunk[] {
  const { pos, end } = part;
  const unknown = { start: pos, end, isWritten: false, isQuoted: place.isQuoted, isVariable: false, value: undefined };
  switch (part.type) {
    case 'Literal':
      return [literal(part.value, pos, end, place.isQuoted)];
    case 'Glob':
      return [literal(part.text, pos, end, place.isQuoted)];
    case 'BraceExpansion':
    case 'ExtendedGlob':
      // Only some shells know them; what is written is as good a value as any.
      return [literal(part.text, pos, end, place.isQuoted)];
    case 'SingleQuoted':
      return [literal(part.value, pos + 1, end - 1, true)];
    case 'AnsiCQuoted':
      return [{ ...unknown, value: part.value, isQuoted: true }];
    case 'DoubleQuoted':
    case 'LocaleString': {
      const inner = part.parts.flatMap((child) => partChunks(child, { ...place, isQuoted: true, isFirst: false }));
      return inner.length > 0 ? inner : [literal('', pos + 1, pos + 1, true)];
    }
    case 'SimpleExpansion':
    case 'ParameterExpansion':
      return [
        {
          ...unknown,
          value:
            part.type === 'SimpleExpansion'
              ? place.lookup(part.text.slice(1))
              : expandParameter(part, place.lookup, (operand) => expandValue(operand, place.lookup)),
          isVariable: true,
        },
      ];
    default:
      return [unknown];
  }
}

function literal(value: string, start: number, end: number, isQuoted: boolean): Chunk {
  return { value, start, end, isWritten: true, isQuoted, isVariable: false };
}

function splitFields(chunks: readonly Chunk[]): readonly string[] {
  const fields: string[] = [];
  let current: string | undefined;
  for (const chunk of chunks) {
    const value = chunk.value ?? '';
    if (!chunk.isVariable || chunk.isQuoted) {
      current = (current ?? '') + value;
      continue;
    }
    const parts = value.split(/[ \t\n]+/);
    for (const [index, part] of parts.entries()) {
      if (index > 0 && current !== undefined) {
        fields.push(current);
        current = undefined;
      }
      if (part !== '') current = (current ?? '') + part;
    }
  }
  if (current !== undefined) fields.push(current);
  return fields;
}
