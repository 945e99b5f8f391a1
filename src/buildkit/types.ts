import type { EventSink, Phase } from '../core/events.ts';
import type { BuilderFacts } from './builder-facts.ts';

/**
 * The user's build as buildx's flags state it. Lists keep the order of the command line. What slipway has no own use
 * for stays in `passthrough`, word by word, for buildx; under buildctl a passthrough flag is an error that names it.
 */
export interface UserBuild {
  /** PATH | URL | `-`. */
  readonly context: string;
  /** `-f`; undefined = `<context>/Dockerfile`; `-` = standard input. */
  readonly file: string | undefined;
  /** The Dockerfile's text when it was read from standard input. */
  readonly fileText?: string;
  /** Text of the ignore file that belongs to it (`<Dockerfile>.dockerignore`), where it isn't that of the context. */
  readonly ignoreText?: string;
  readonly target: string | undefined;
  readonly platforms: readonly string[];
  readonly tags: readonly string[];
  readonly labels: readonly string[];
  /** `KEY=VALUE` or `KEY` (from the environment). */
  readonly buildArgs: readonly string[];
  /** `name=value`. */
  readonly buildContexts: readonly string[];
  readonly secrets: readonly string[];
  readonly ssh: readonly string[];
  readonly outputs: readonly string[];
  readonly push: boolean;
  readonly load: boolean;
  readonly pull: boolean;
  readonly quiet: boolean;
  readonly noCache: boolean;
  readonly cacheFrom: readonly string[];
  readonly cacheTo: readonly string[];
  readonly metadataFile: string | undefined;
  readonly iidFile: string | undefined;
  readonly builder: string | undefined;
  readonly passthrough: readonly string[];
}

/** A build of slipway's own: its Dockerfile as text, directories as named contexts, an optional local export. */
export interface HelperBuild {
  readonly phase: Phase;
  readonly dockerfile: string;
  readonly target?: string;
  /** Directory with the helper's files: the main context, or the named context `slipway-context` on top of `base`. */
  readonly context: string;
  readonly buildArgs: Readonly<Record<string, string>>;
  /** Files that the helper's steps see by `--mount=type=secret`, and nobody keeps. */
  readonly secrets?: readonly HelperSecret[];
  /** Directory that receives the target's files (`--output type=local`). */
  readonly exportTo?: string;
  readonly platform?: string;
  /** The network of its steps, as `--network` names it: that of the user's build, since the builder may have no other. */
  readonly network?: string;
  /** Whole lines that the helper's steps print. */
  readonly onLogLine?: (line: string) => void;
  /** Build on top of this build: its context, arguments, named contexts and secrets; `dockerfile` then holds its text plus appended stages. */
  readonly base?: UserBuild;
}

export interface HelperSecret {
  readonly id: string;
  readonly file: string;
}

export interface RunOptions {
  readonly signal: AbortSignal;
  readonly onEvent: EventSink;
}

export interface UserBuildResult {
  /** BuildKit's own, 1 where it has no better one. */
  readonly exitCode: number;
  /** What `--quiet` prints: the digest of the image, when there is one. */
  readonly imageId: string | undefined;
  /** What the client said beside its progress: errors, source excerpts. */
  readonly messages: readonly string[];
  /** Last lines of the step that failed. */
  readonly failureLog?: readonly string[];
  readonly seconds: number;
  /** Steps that ran (not cached), by vertex name. */
  readonly ranSteps: readonly string[];
  readonly cachedSteps: readonly string[];
}

/** Something that runs BuildKit builds. */
export interface Engine extends AsyncDisposable {
  readonly kind: 'buildx' | 'buildctl' | 'embedded';
  /** One line for people: what was found and where. */
  readonly description: string;
  /** Throws FLAG_UNSUPPORTED or USAGE for a build that this engine can't be asked for, before anything runs. */
  checkUserBuild(build: UserBuild): void;
  /** What the builder says of itself, after nodes that don't run were started if asked. Rejects with ENGINE_FAILED where it doesn't answer. */
  inspect(options: { readonly signal: AbortSignal; readonly isStarted?: boolean }): Promise<BuilderFacts>;
  /** Rejects with ENGINE_FAILED, whose message holds the step's last log lines, or with ENGINE_TOO_OLD or ENGINE_MISSING. */
  runHelper(build: HelperBuild, options: RunOptions): Promise<void>;
  runUserBuild(build: UserBuild, options: RunOptions): Promise<UserBuildResult>;
}
