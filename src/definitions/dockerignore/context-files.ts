import type { FileTree } from '../../core/file-tree.ts';
import { joinPath } from '../../dockerfile/go-text.ts';
import { type IgnoreFile, readIgnoreFile } from './read-ignore-file.ts';

export interface BuildPlace {
  /** Directory of the context in the tree, '' for its root. */
  readonly context: string;
  /** Path of the Dockerfile in the tree. */
  readonly dockerfile: string;
}

/**
 * The ignore file in force: `<Dockerfile>.dockerignore` beside the Dockerfile, else `.dockerignore` at the root of the context.
 * Source: ReadEntrypoint and DockerIgnorePatterns in github.com/moby/buildkit/blob/v0.33.1/frontend/dockerui/config.go
 */
export function findIgnoreFile(tree: FileTree, place: BuildPlace): IgnoreFile | undefined {
  const candidates = [`${place.dockerfile}.dockerignore`, joinPath(place.context, '.dockerignore')];
  for (const path of candidates) {
    const text = tree.read(path);
    if (text !== undefined) return readIgnoreFile(path, text);
  }
  return undefined;
}

/**
 * A test for files by their path in the context: does it stay out of the build? Results of directories are kept, so ask one test for all files.
 * Each pattern is asked for a directory only where it could change something, and what lies in it inherits just that answer: `a/b` and then
 * `!a` leaves a/b out. Source: MatchesUsingParentResults in github.com/moby/patternmatcher/blob/v0.6.1/patternmatcher.go
 */
export function ignoreTest(ignore: IgnoreFile | undefined): (path: string) => boolean {
  const patterns = ignore?.patterns ?? [];
  const directories = new Map<string, Result>();
  const none: Result = { isIgnored: false, matched: patterns.map(() => false) };
  const judge = (path: string, parent: Result): Result => {
    let ignored = false;
    const matched = patterns.map(({ isException, matches }, index) => {
      const isMatch = parent.matched[index] === true || (isException === ignored && matches?.(path) === true);
      if (isMatch) ignored = !isException;
      return isMatch;
    });
    return { isIgnored: ignored, matched };
  };
  const directory = (path: string): Result => {
    const known = directories.get(path);
    if (known !== undefined) return known;
    const result = judge(path, parentOf(path));
    directories.set(path, result);
    return result;
  };
  const parentOf = (path: string): Result => {
    const slash = path.lastIndexOf('/');
    return slash < 0 ? none : directory(path.slice(0, slash));
  };
  return (path) => judge(path, parentOf(path)).isIgnored;
}

interface Result {
  readonly isIgnored: boolean;
  readonly matched: readonly boolean[];
}

/** The files a build sees, relative to its context. Paths that the survey leaves out (`.git`) are missing here too. */
export function contextFiles(tree: FileTree, context: string, ignore: IgnoreFile | undefined): readonly string[] {
  const prefix = context === '' ? '' : `${context}/`;
  const inside = tree.paths.filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length));
  const isIgnored = ignoreTest(ignore);
  return inside.filter((path) => !isIgnored(path));
}
