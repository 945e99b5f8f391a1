import { ingredient, keyOf } from './key.ts';
import { selectFiles } from './select-files.ts';
import type { Ingredient } from './types.ts';

/**
 * What is known of the files of a stage, for steps that copy or mount from it: BuildKit asks for their content, not for how
 * they came to be. What a RUN leaves is known only by the key of that RUN.
 */
export interface StageContent {
  /** The image or context at the bottom; '' for scratch. */
  readonly image: string;
  /** Keys of the RUNs so far, and of copies whose names can't be told. */
  readonly unknown: readonly string[];
  /** What COPY and ADD have put since the last of those, by absolute path without the leading slash. */
  readonly files: ReadonlyMap<string, string>;
}

export function contentOf(image: string): StageContent {
  return { image, unknown: [], files: new Map() };
}

/** Behind a step that may have written anywhere, also over what was copied before it. */
export function afterUnknown(content: StageContent, key: string): StageContent {
  return { ...content, unknown: [...content.unknown, keyOf([key, [...content.files]])], files: new Map() };
}

export function afterCopy(content: StageContent, files: ReadonlyMap<string, string>): StageContent {
  return { ...content, files: new Map([...content.files, ...files]) };
}

/** What the content hash of a path in the stage rests on. */
export function contentIngredients(content: StageContent, path: string, from: string): readonly Ingredient[] {
  const known = selectFiles(content.files, { source: path });
  // A file that was copied hides whatever lay there before.
  if (known.size === 1 && known.has(path)) return [...known].map(([name, value]) => file(from, name, value));
  return [
    ...(content.image === '' ? [] : [ingredient('image', content.image, content.image)]),
    ...(content.unknown.length === 0 ? [] : [ingredient('output', from, keyOf(content.unknown))]),
    ...[...known].map(([name, value]) => file(from, name, value)),
  ];
}

function file(from: string, name: string, value: string): Ingredient {
  return ingredient('file', `${from}:/${name}`, value);
}
