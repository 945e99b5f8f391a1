import type { IgnoreFile } from '../../definitions/dockerignore/read-ignore-file.ts';

/** The directory that the build sends to BuildKit. */
export interface BuildContextFacts {
  /** From the root of the survey, '' for the root itself. */
  readonly directory: string;
  /** False when nothing says which directory it is and it was inferred from the sources of COPY. */
  readonly isKnown: boolean;
  /** False when the survey has no files but the Dockerfile (`--stdin`): nothing can be said about files then. */
  readonly hasFiles: boolean;
  /** The ignore file in force: `.dockerignore`, or `<Dockerfile>.dockerignore`. */
  readonly ignoreFile: IgnoreFile | undefined;
  /** Files that reach the build, as paths of the repository. */
  readonly files: readonly string[];
  /** By a path inside the context; false for what the ignore file takes out. */
  readonly hasFile: (path: string) => boolean;
  readonly hasDirectory: (path: string) => boolean;
  /** The file is there, but the ignore file takes it out. */
  readonly isIgnored: (path: string) => boolean;
}
