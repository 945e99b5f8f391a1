import type { Range } from '../../dockerfile/tree.ts';

/** Something in the repository that builds an image: a bake target, a compose service, a workflow step, a `docker build` line. */
export interface BuildDefinition {
  readonly kind: 'bake' | 'compose' | 'workflow' | 'skaffold' | 'command';
  readonly file: string;
  /** Where the build is defined. */
  readonly range: Range;
  /** Paths from the root of the survey; undefined when a variable decides. */
  readonly dockerfile: string | undefined;
  readonly context: string | undefined;
  readonly target: string | undefined;
  /** undefined: the definition doesn't say, so the builder's own. */
  readonly platforms: readonly string[] | undefined;
  readonly buildArgs: readonly BuildArgument[];
  readonly cacheFrom: readonly CacheReference[];
  readonly cacheTo: readonly CacheReference[];
  readonly isNoCache: boolean;
  /** The builder starts empty each time, as on a hosted CI runner; undefined when it can't be told. */
  readonly isEphemeral: boolean | undefined;
}

export interface BuildArgument {
  readonly name: string;
  /** As written, with its own variables untouched; undefined when the value comes from the environment. */
  readonly value: string | undefined;
  /** The value comes from git, a date, a run number or the commit. */
  readonly isPerCommit: boolean;
  readonly range: Range;
}

/** `type=gha,mode=max,scope=app` */
export interface CacheReference {
  readonly type: string;
  readonly values: ReadonlyMap<string, string>;
  readonly text: string;
  readonly range: Range;
}
