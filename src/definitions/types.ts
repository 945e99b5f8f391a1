import type { Range } from '../dockerfile/tree.ts';

/**
 * How much can be said of a value before a build runs. `per-commit`: it differs from commit to commit or from run to run (a commit id, a
 * date, a run number). `unknown`: it comes from somewhere that isn't read.
 */
export type Certainty = 'known' | 'per-commit' | 'unknown';

/** A value that a definition gives, and where. */
export interface Setting {
  /** What is known filled in; expressions that aren't known stand as written. */
  readonly text: string;
  readonly certainty: Certainty;
  /** Where it stands: mostly the invocation's own file, but a `set:` of a workflow or an argument of a script reaches into others. */
  readonly file: string;
  /** In that file, without quotes around it. */
  readonly range: Range;
  /** The file holds the text at the range letter by letter, so that it can be edited there. */
  readonly isExact: boolean;
}

/** `type=gha,mode=max,scope=app` of `cache-from` or `cache-to`, or a bare image reference. */
export interface CacheEntry {
  readonly setting: Setting;
  /** The expression it hangs on: `github.event_name != 'pull_request'` of `${{ … && 'type=gha' || '' }}`. */
  readonly condition: string | undefined;
  /** `gha`, `registry`, `inline`, `local`, `s3`, `azblob`; undefined when it isn't known. */
  readonly type: string | undefined;
  /** All `key=value` fields; keys in lower case. */
  readonly fields: ReadonlyMap<string, string>;
  /** `min` where none is written; undefined when it isn't known, or the type has none. */
  readonly mode: 'min' | 'max' | undefined;
  /** Of `gha`: `buildkit` where none is written. undefined for other types. */
  readonly scope: string | undefined;
  /** Of `registry`: the image. */
  readonly ref: string | undefined;
}

export interface BuildArgument {
  readonly name: string;
  /** undefined: taken from the environment (`--build-arg NAME`). */
  readonly value: Setting | undefined;
  /** Of `NAME=value` in the definition's file. */
  readonly range: Range;
}

/** What kind of file a build was found in. */
export type DefinitionKind = 'workflow' | 'action' | 'bake' | 'compose' | 'skaffold' | 'gitlab' | 'makefile' | 'script';

/** What starts the build. */
export type BuildTool =
  | 'build-push-action'
  | 'bake-action'
  | 'bake'
  | 'docker'
  | 'buildx'
  | 'buildctl'
  | 'compose'
  | 'skaffold'
  | 'docker-action';

/** One build of one Dockerfile as a definition states it. A matrix gives one for each of its rows, all with the same range. */
export interface BuildInvocation {
  readonly file: string;
  readonly kind: DefinitionKind;
  readonly tool: BuildTool;
  /** Of the step, target, service or command. */
  readonly range: Range;
  /** For messages: `job build, step "Build and push"`, `target app`, `service web`. */
  readonly label: string;
  /** Path in the tree; undefined when it can't be known. The file need not exist. */
  readonly dockerfile: string | undefined;
  /** Directory in the tree, '' for its root; undefined when it is remote or can't be known. */
  readonly context: string | undefined;
  readonly target: Setting | undefined;
  /** undefined: none named, so the builder's own. Each entry's text may hold an expression. */
  readonly platforms: readonly Setting[] | undefined;
  readonly buildArgs: readonly BuildArgument[];
  readonly cacheFrom: readonly CacheEntry[];
  readonly cacheTo: readonly CacheEntry[];
  /** Set when the build leaves all layers of earlier ones aside, or may do so. */
  readonly noCache: Setting | undefined;
  /** Names given by `build-contexts`, `contexts`, `additional_contexts`. */
  readonly contextNames: readonly string[];
  readonly builder: BuilderKind;
  readonly isPushed: boolean;
  /** Job and step of a workflow, when there is one. */
  readonly job: JobPlace | undefined;
  /** Values of the matrix row this build belongs to. */
  readonly matrixRow: ReadonlyMap<string, string>;
  /** The matrix couldn't be read in full: there may be more rows than invocations. */
  readonly isMatrixOpen: boolean;
  /** A step before it brings the cache mounts back (buildkit-cache-dance, slipway). */
  readonly restoresMounts: boolean;
  /** Not everything that shapes the build could be read: `with: ${{ … }}`, set by a function, an unread include. */
  readonly isOpen: boolean;
}

/** Where the build's mounts and layers live: gone after the job, kept, or not said. */
export type BuilderKind = 'ephemeral' | 'persistent' | 'unknown';

export interface JobPlace {
  readonly file: string;
  readonly jobId: string;
  /** From 0, in the job's list as written. */
  readonly stepIndex: number;
}

/** What is wrong with a file that holds definitions. Nothing is read of it then. */
export interface DefinitionProblem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
}
