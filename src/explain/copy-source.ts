import type { StageStep } from '../dockerfile/evaluate-build.ts';
import { joinPath } from '../dockerfile/go-text.ts';
import { readHeredocStart } from '../dockerfile/heredoc.ts';
import { ingredient } from './key.ts';
import type { Sources } from './run-ingredients.ts';
import { cleanSource, hasWildcard, selectFiles } from './select-files.ts';
import { contentIngredients } from './stage-content.ts';
import type { Ingredient } from './types.ts';

/** Where a COPY or ADD puts what it takes. */
export interface Destination {
  /** Absolute and clean. */
  readonly path: string;
  readonly isDirectory: boolean;
  readonly hasParents: boolean;
  readonly isExcluded?: (path: string) => boolean;
}

export interface CopiedSource {
  readonly ingredients: readonly Ingredient[];
  /** By path in the stage without the leading slash; undefined where the names can't be told. */
  readonly written: ReadonlyMap<string, string> | undefined;
}

/** One source of a COPY or ADD, its variables filled in: a body in the Dockerfile, a URL, a stage's files, or the context's. */
export function copiedSource(
  place: StageStep,
  source: string,
  { to, sources }: { readonly to: Destination; readonly sources: Sources },
): CopiedSource {
  const { step } = place;
  const body = heredocIngredient(place, source, sources);
  if (body !== undefined) {
    return { ingredients: [body], written: new Map([[under(to, body.subject), body.value]]) };
  }
  if (isRemote(source)) return { ingredients: [ingredient('remote', source, '')], written: undefined };
  const path = cleanSource(to.hasParents ? source.replace('/./', '/') : source);
  const [from] = step.sources;
  if (step.instruction.name === 'copy' && from !== undefined) {
    const name = step.flags.get('from')?.at(-1) ?? '';
    return { ingredients: contentIngredients(sources.contentOf(from), path, name), written: undefined };
  }
  const selected = selectFiles(sources.files, { source: path, ...(to.isExcluded && { isExcluded: to.isExcluded }) });
  return {
    ingredients: [
      // Of the source's own name only the last part counts, where the content is the same.
      ingredient('instruction', `source ${path}`, baseName(path)),
      ...[...selected].map(([file, value]) => ingredient('file', file, value)),
    ],
    written: new Map([...selected].map(([file, value]) => [placeOf(file, path, to), value])),
  };
}

/** A body in the Dockerfile: its text counts, with the variables in it filled in. */
function heredocIngredient({ step, before }: StageStep, word: string, { escape }: Sources): Ingredient | undefined {
  const start = readHeredocStart(word);
  const heredoc = start && step.heredocs.find(({ name }) => name === start.name);
  if (heredoc === undefined) return undefined;
  const text = heredoc.expand ? fillIn(heredoc.content, before.env, escape) : heredoc.content;
  return ingredient('instruction', heredoc.name, `${heredoc.chomp} ${text}`);
}

/** Plain `$NAME` and `${NAME}`; with any other form every variable counts, which is never too little. */
function fillIn(text: string, env: ReadonlyMap<string, string>, escape: string): string {
  let hasMore = false;
  const filled = text.replace(/(\\|`)?\$(?:(\w+)|\{(\w+)\}|\{[^}]*\})/g, (whole, mark, plain, braced) => {
    if (mark === escape) return whole;
    const name = plain ?? braced;
    hasMore ||= name === undefined;
    return name === undefined ? whole : `${mark ?? ''}${env.get(name) ?? ''}`;
  });
  return hasMore ? `${filled}\n${JSON.stringify([...env])}` : filled;
}

function isRemote(source: string): boolean {
  return /^(?:https?:\/\/|git@|git:\/\/|ssh:\/\/|github\.com\/)/.test(source);
}

/** Of a directory the content is copied, of a file the file itself. */
function placeOf(file: string, source: string, to: Destination): string {
  if (to.hasParents) return joinPath(to.path, file).slice(1);
  const depth = source === '' ? 0 : source.split('/').length;
  const below = hasWildcard(source) || source !== file ? file.split('/').slice(depth).join('/') : '';
  return below === '' ? under(to, baseName(file)) : joinPath(to.path, below).slice(1);
}

function under({ path, isDirectory }: Destination, name: string): string {
  return (isDirectory ? joinPath(path, name) : path).slice(1);
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
