/**
 * The files of a repository as a survey found them, for code that does no input of its own. All paths are relative to the
 * root of the survey, with `/` between names and no `.` or `..` inside.
 */
export interface FileTree {
  /** Files, not directories, sorted by bytes. What the survey leaves out (`.git`, `node_modules`) isn't there. */
  readonly paths: readonly string[];
  /** The text of a file; undefined when it isn't there, is no text, or is larger than the survey reads. */
  readonly read: (path: string) => string | undefined;
  readonly hasFile: (path: string) => boolean;
  readonly hasDirectory: (path: string) => boolean;
}

/** A tree from texts in memory, for library users and tests. */
export function fileTreeOf(texts: Readonly<Record<string, string>>): FileTree {
  const files = new Map(Object.entries(texts));
  const paths = [...files.keys()].sort();
  const directories = new Set(paths.flatMap(parentsOf));
  return {
    paths,
    read: (path) => files.get(path),
    hasFile: (path) => files.has(path),
    hasDirectory: (path) => path === '' || directories.has(path),
  };
}

/** `a/b/c.go` lies in `a` and `a/b`. */
export function parentsOf(path: string): readonly string[] {
  const parents: string[] = [];
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) parents.push(path.slice(0, at));
  return parents;
}

/** The directory that a path of the tree lies in; '' for the root. */
export function directoryOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}
