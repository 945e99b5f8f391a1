/** An entry of the build cache. */
export interface CacheFile {
  readonly path: string;
  readonly sizeBytes: number;
}

/**
 * How entries are dealt out: `names` by turns in the order of their names, which are hashes; `sizes` from the largest down, to and fro, so
 * that packs are equal.
 */
export type Manner = 'names' | 'sizes';

/** The entries of each pack, each in the order of its names, so that those of a directory follow each other. */
export function splitEntries(files: readonly CacheFile[], count: number, manner: Manner): readonly CacheFile[][] {
  const parts: CacheFile[][] = Array.from({ length: count }, () => []);
  const byName = files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const ordered = manner === 'names' ? byName : byName.toSorted((a, b) => b.sizeBytes - a.sizeBytes);
  for (const [index, file] of ordered.entries()) {
    const turn = index % (2 * count);
    const part = manner === 'names' ? index % count : Math.min(turn, 2 * count - 1 - turn);
    parts[part]?.push(file);
  }
  return parts.map((part) => part.toSorted((a, b) => (a.path < b.path ? -1 : 1)));
}
