/** One path of a build's result. Times and owners are no part of it. */
export interface TreeEntry {
  readonly type: 'file' | 'directory' | 'link' | 'other';
  /** Permission bits with set-id and sticky ones, `0o755`. */
  readonly mode: number;
  /** `sha256:…` of a file, target of a link, else ''. */
  readonly content: string;
}

/** By path from the root, `/` between names and none before the first. */
export type Tree = ReadonlyMap<string, TreeEntry>;

export interface FileDifference {
  readonly path: string;
  readonly change: 'content' | 'mode' | 'type' | 'only-warm' | 'only-cold';
  /** What each side has: a digest, the target of a link, a mode in octal, a type. */
  readonly warm?: string;
  readonly cold?: string;
}

/** Every path that is not the same in both, sorted. A path is told once, by the first of type, content and mode that differs. */
export function compareTrees(warm: Tree, cold: Tree): readonly FileDifference[] {
  const paths = [...new Set([...warm.keys(), ...cold.keys()])].sort();
  return paths.flatMap((path) => compareEntries(path, warm.get(path), cold.get(path)));
}

function compareEntries(
  path: string,
  warm: TreeEntry | undefined,
  cold: TreeEntry | undefined,
): readonly FileDifference[] {
  if (warm === undefined || cold === undefined) {
    if (cold !== undefined) return [{ path, change: 'only-cold', cold: cold.content || cold.type }];
    return warm === undefined ? [] : [{ path, change: 'only-warm', warm: warm.content || warm.type }];
  }
  if (warm.type !== cold.type) return [{ path, change: 'type', warm: warm.type, cold: cold.type }];
  if (warm.content !== cold.content) return [{ path, change: 'content', warm: warm.content, cold: cold.content }];
  if (warm.mode === cold.mode) return [];
  return [{ path, change: 'mode', warm: formatMode(warm.mode), cold: formatMode(cold.mode) }];
}

function formatMode(mode: number): string {
  return `0${mode.toString(8)}`;
}
