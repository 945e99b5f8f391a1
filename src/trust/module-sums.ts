import { parseGoSum } from '../golang/module/go-sum.ts';
import { isEntryPath } from '../pack/grammar.ts';

/** What the checkout says of the entries of a module cache: the word of go.sum, which any writer of a store has to keep to. */
export interface ModuleSums {
  /** May the entry travel at all? An `.info`, which no sum covers, when its version is listed. */
  isListed(path: string): boolean;
  /** The `h1:` sums of a `.zip` or `.mod`: one where the files agree. */
  sumsOf(path: string): ReadonlySet<string>;
  /** Every listed entry path, sorted by bytes. */
  readonly paths: readonly string[];
  /** How many files they were read from. */
  readonly fileCount: number;
}

const NONE: ReadonlySet<string> = new Set();

/**
 * Joins the go.sum and go.work.sum files of a checkout. Several modules may lie in one context, each with a file of its
 * own, and share the mount: an entry is sound when no file of theirs would refuse it, so all sums are kept, and files
 * that disagree make every content wrong. A module that none lists is unlisted: Go would believe its zip unseen where
 * the checksum database is off.
 */
export function joinModuleSums(texts: readonly string[]): ModuleSums {
  const sums = new Map<string, Set<string>>();
  const infos = new Set<string>();
  for (const { path, version, file, sum } of texts.flatMap((text) => parseGoSum(text).lines)) {
    // Go compares no other kind; a line of another kind neither allows nor forbids anything.
    if (!sum.startsWith('h1:')) continue;
    const stem = `cache/download/${escapeName(path)}/@v/${escapeName(version)}`;
    const entry = `${stem}.${file}`;
    if (!isEntryPath('gomodcache', entry)) continue;
    sums.set(entry, (sums.get(entry) ?? new Set()).add(sum));
    infos.add(`${stem}.info`);
  }
  return {
    isListed: (path) => sums.has(path) || infos.has(path),
    sumsOf: (path) => sums.get(path) ?? NONE,
    paths: [...sums.keys(), ...infos].sort(),
    fileCount: texts.length,
  };
}

/** `X` is `!x` in file names. Source: module.EscapePath in https://github.com/golang/mod/blob/v0.30.0/module/module.go */
function escapeName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`);
}
