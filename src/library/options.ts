import type { Engine } from '../buildkit/types.ts';
import type { Environment } from '../config/options.ts';
import type { EventSink } from '../core/events.ts';
import type { Store } from '../store/port.ts';

/** What every call takes. */
export interface CallOptions {
  /** Where relative paths start; the process's own directory. */
  readonly cwd?: string;
  /**
   * The variables that count: slipway's own (`SLIPWAY_…`), those by which a CI system says what runs, and those that Docker's and
   * git's programs want, such as `PATH` and `HOME`. `process.env` where it is left out; never changed.
   */
  readonly env?: Environment;
  /** Ends the call: it cleans up, and rejects with the code `INTERRUPTED`. */
  readonly signal?: AbortSignal;
}

/** Which store, and what may be done with it. What is left out is as in the CLI: a variable, `.slipway.yaml`, or the default. */
export interface StoreOptions extends CallOptions {
  /** A spec as the CLI takes it (`type=registry,ref=…`), several with the nearest first, or a store of your own. */
  readonly store?: string | readonly string[] | Store;
  /** Only read it. `false` lifts what the run's own event forbids, as `--read-only=false` does. */
  readonly readOnly?: boolean;
  /** Seconds to the first answer of a store; then a transfer must keep up 256 KiB/s over each such window. */
  readonly cacheTimeoutSeconds?: number;
  /** Told all that happens, in order. It must not throw. */
  readonly onEvent?: EventSink;
}

/** What decides which mounts a build has: the same words as for `docker buildx build`. */
export interface BuildInput {
  /** A directory; `.` where it is left out. */
  readonly context?: string;
  /** The Dockerfile, from `cwd`; `Dockerfile` in the context where it is left out. */
  readonly file?: string;
  readonly target?: string;
  /** Such as `linux/arm64`; `DOCKER_DEFAULT_PLATFORM` where there are none. */
  readonly platforms?: readonly string[];
  /** undefined as a value: that of the environment. */
  readonly buildArgs?: Readonly<Record<string, string | undefined>>;
  /** Directories, images or URLs by name. */
  readonly buildContexts?: Readonly<Record<string, string>>;
}

/** A build whose Go cache mounts are filled or saved. */
export interface MountOptions extends StoreOptions, BuildInput {
  /** Under which snapshots are written and looked for first; that of the branch where it is left out. */
  readonly scope?: string;
  /** A cache fault rejects, instead of being told by an event and in the report. */
  readonly strictCache?: boolean;
  /** What is restored: all, or only modules, which go.sum proves. */
  readonly trust?: 'auto' | 'all' | 'modules';
  /** Restore less, or nothing, where a restore would cost more time than it saves. */
  readonly guard?: boolean;
  /** Who fetches packs of the build cache: the builder by itself where it reaches the store, or always this machine. */
  readonly fetch?: 'auto' | 'client';
  /** Save what `go test` keeps of its runs too. */
  readonly saveTestResults?: boolean;
  /** Save private code also where anybody can read it without a login. */
  readonly allowPublic?: boolean;
  /** What runs BuildKit, or an engine of your own, which stays open. */
  readonly engine?: 'auto' | 'buildx' | 'buildctl' | 'embedded' | Engine;
  /** Of buildx; the chosen one where it is left out. */
  readonly builder?: string;
  /** Image with sh, tar and gzip that fills and reads the mounts. */
  readonly helperImage?: string;
  /** As for `--secret` and `--ssh`: a helper that stands on a stage of the build may need them. */
  readonly secrets?: readonly string[];
  readonly ssh?: readonly string[];
}

/** A build that is run too. */
export interface BuildOptions extends MountOptions {
  readonly tags?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  /** As for `--output`: `type=local,dest=out`. */
  readonly outputs?: readonly string[];
  readonly push?: boolean;
  readonly load?: boolean;
  readonly pull?: boolean;
  readonly noCache?: boolean;
  readonly cacheFrom?: readonly string[];
  readonly cacheTo?: readonly string[];
  /** Restore nothing for a build that may come from the layer cache as a whole, by what is on record. */
  readonly layersFirst?: boolean;
  /** Save what is new after it; `true` where it is left out. */
  readonly save?: boolean;
  /** Further words for `docker buildx build`; buildctl refuses them. */
  readonly buildxFlags?: readonly string[];
}

/** How it is linted. The `lint:` section of `.slipway.yaml` counts where nothing is said here. */
export interface LintOptions extends CallOptions {
  /** Rules by id. */
  readonly rules?: Readonly<Record<string, 'off' | 'info' | 'low' | 'medium' | 'high'>>;
  /** Stage that is built. */
  readonly target?: string;
  /** undefined as a value: that of the environment. */
  readonly buildArgs?: Readonly<Record<string, string | undefined>>;
  /** Which fixes are made. `findings` are then what is left. */
  readonly fix?: 'none' | 'safe' | 'unsafe';
}

export interface LintProjectOptions extends LintOptions {
  /** Files and directories; `cwd` where there are none. */
  readonly paths?: readonly string[];
  /** Write the mended files, each as a whole. Without it `texts` is all there is. */
  readonly write?: boolean;
}

export interface LintTextOptions extends LintOptions {
  /** Where the text would lie, from `cwd`: the files around it count. `Dockerfile` where it is left out. */
  readonly name?: string;
}

/** A build, and what is different in it now: `paths`, `since` or `changedBuildArgs`. */
export interface ExplainChangeOptions extends CallOptions, BuildInput {
  /** Files and directories as if they were edited; those that aren't there, as if they were added. */
  readonly paths?: readonly string[];
  /** Instead: all that differs from a revision of git, the Dockerfile too. */
  readonly since?: string;
  /** Build arguments that get this value now. */
  readonly changedBuildArgs?: Readonly<Record<string, string>>;
}

/** What may be deleted, and when: ages by the store's own clock. */
export interface GcOptions extends StoreOptions {
  /** Only this scope. */
  readonly scope?: string;
  /** Most that a scope may hold: packs that the last build used nothing of are left out beyond it. 2 GiB; `Infinity`: no limit. */
  readonly maxScopeBytes?: number;
  /** Delete snapshots that were written longer ago, also those that nothing replaces. Left out, those stay. */
  readonly keepDays?: number;
  /** Keep so many of the newest snapshots of each scope in any case; 0 where it is left out. */
  readonly keepNewest?: number;
  /** Leave what is younger: a build may be reading or saving it. 24 where it is left out; less only when none runs. */
  readonly graceHours?: number;
  /** Say what would go, and delete nothing. */
  readonly dryRun?: boolean;
}
