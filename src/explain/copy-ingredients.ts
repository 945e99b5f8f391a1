import type { StageStep } from '../dockerfile/evaluate-build.ts';
import { joinPath } from '../dockerfile/go-text.ts';
import { expandIn } from '../dockerfile/stage-state.ts';
import { type CopiedSource, copiedSource, type Destination } from './copy-source.ts';
import { ingredient } from './key.ts';
import type { Sources } from './run-ingredients.ts';
import type { Ingredient } from './types.ts';

/** The test for `--exclude` patterns, in the grammar of `.dockerignore`. */
export type ExcludeTest = (patterns: readonly string[]) => (path: string) => boolean;

export interface StepKey {
  readonly ingredients: readonly Ingredient[];
  /** Files that it puts into the stage, by path without the leading slash; undefined where that can't be told. */
  readonly written: ReadonlyMap<string, string> | undefined;
  /** It is put onto whatever is there, so the steps above don't count. */
  readonly isLinked: boolean;
}

const VALUE_FLAGS = ['chown', 'chmod', 'checksum', 'keep-git-dir', 'unpack'];

/**
 * What decides whether a COPY or ADD is taken from the cache: its destination and flags with their values filled in, and the
 * content of what it copies. Variables count only where it uses them.
 * Source: CacheMap, github.com/moby/buildkit/blob/v0.33.1/solver/llbsolver/ops/file.go and dispatchCopy in
 * frontend/dockerfile/dockerfile2llb/convert_copy.go
 */
export function copyKey(place: StageStep, sources: Sources, excludeTest: ExcludeTest): StepKey {
  const { step, before } = place;
  const expand = (word: string): string => expandIn(before, word, { line: step.line, escape: sources.escape }) ?? word;
  const flag = (name: string): string | undefined => step.flags.get(name)?.at(-1);
  const words = step.instruction.args.slice(0, -1);
  const exclude = (step.flags.get('exclude') ?? []).map(expand);
  const to: Destination = {
    ...destinationOf(expand(step.instruction.args.at(-1) ?? ''), before.workdir, words.length),
    hasParents: isOn(flag('parents')),
    ...(exclude.length > 0 && { isExcluded: excludeTest(exclude) }),
  };
  const flags = VALUE_FLAGS.flatMap((name) => {
    const value = flag(name);
    return value === undefined ? [] : [ingredient('instruction', `--${name}`, expand(value))];
  });
  const copied = words.map((word) => copiedSource(place, word.startsWith('<<') ? word : expand(word), { to, sources }));
  return {
    ingredients: [
      ingredient('instruction', 'destination', `${step.instruction.name} ${to.path}${to.isDirectory ? '/' : ''}`),
      ...flags,
      ...(exclude.length === 0 ? [] : [ingredient('instruction', '--exclude', JSON.stringify(exclude))]),
      ...(to.hasParents ? [ingredient('instruction', '--parents', 'true')] : []),
      ...copied.flatMap(({ ingredients }) => ingredients),
    ],
    written: joinWritten(copied),
    // `--chmod` switches it off: convert_copy.go#L332.
    isLinked: isOn(flag('link')) && flag('chmod') === undefined,
  };
}

function destinationOf(last: string, workdir: string, count: number): Pick<Destination, 'path' | 'isDirectory'> {
  const path = last.startsWith('/') ? joinPath(last) : joinPath(workdir, last === '' ? '.' : last);
  return { path, isDirectory: count > 1 || /(?:^|\/)\.?$/.test(last) || path === workdir };
}

function joinWritten(copied: readonly CopiedSource[]): ReadonlyMap<string, string> | undefined {
  const all = new Map<string, string>();
  for (const { written } of copied) {
    if (written === undefined) return undefined;
    for (const [path, value] of written) all.set(path, value);
  }
  return all;
}

function isOn(value: string | undefined): boolean {
  return value !== undefined && value !== 'false';
}
