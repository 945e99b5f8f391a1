import { resolve } from 'node:path';
import { isRemoteContext } from '../buildkit/buildctl-arguments.ts';
import { EMPTY_BUILD } from '../buildkit/empty-build.ts';
import type { Engine, UserBuild } from '../buildkit/types.ts';
import { SlipwayError } from '../core/errors.ts';
import type { SessionHost } from '../session/session.ts';
import type { Names } from './call.ts';
import { STORE_OPTIONS, STORE_TABLE, type OptionTable, type StoreOptions } from './store-options.ts';

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

export const BUILD_INPUT: Names<BuildInput> = {
  context: true,
  file: true,
  target: true,
  platforms: true,
  buildArgs: true,
  buildContexts: true,
};

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
  /** Save what `go test` keeps of its runs too. */
  readonly saveTestResults?: boolean;
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

export const MOUNT_OPTIONS: Names<MountOptions> = {
  ...STORE_OPTIONS,
  ...BUILD_INPUT,
  scope: true,
  strictCache: true,
  trust: true,
  guard: true,
  saveTestResults: true,
  engine: true,
  builder: true,
  helperImage: true,
  secrets: true,
  ssh: true,
};

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
  /** Save what is new after it; `true` where it is left out. */
  readonly save?: boolean;
  /** Further words for `docker buildx build`; buildctl refuses them. */
  readonly buildxFlags?: readonly string[];
}

export const BUILD_OPTIONS: Names<BuildOptions> = {
  ...MOUNT_OPTIONS,
  tags: true,
  labels: true,
  outputs: true,
  push: true,
  load: true,
  pull: true,
  noCache: true,
  cacheFrom: true,
  cacheTo: true,
  save: true,
  buildxFlags: true,
};

export const MOUNT_TABLE: OptionTable<BuildOptions> = {
  ...STORE_TABLE,
  scope: 'scope',
  strictCache: 'strict-cache',
  trust: 'trust',
  guard: 'guard',
  saveTestResults: 'save-test-results',
  engine: 'engine',
  helperImage: 'helper-image',
};

/** The build that the options mean, with absolute paths. Throws USAGE for a context that isn't a directory's or a URL's name. */
export function toUserBuild(options: BuildOptions, { cwd, env }: Pick<SessionHost, 'cwd' | 'env'>): UserBuild {
  const { context = '.', file, platforms = defaultPlatforms(env['DOCKER_DEFAULT_PLATFORM']) } = options;
  if (context === '-' || file === '-') {
    throw new SlipwayError('USAGE', 'neither the context nor the Dockerfile can come from standard input', {
      hint: 'Name a directory as `context` and a file as `file`.',
    });
  }
  const given = Object.fromEntries(
    (['target', 'builder', 'secrets', 'ssh', 'tags', 'outputs', ...SWITCHES, 'cacheFrom', 'cacheTo'] as const).flatMap(
      (name) => (options[name] === undefined ? [] : [[name, options[name]]]),
    ),
  ) as Partial<UserBuild>;
  return {
    ...EMPTY_BUILD,
    ...given,
    context: isRemoteContext(context) ? context : resolve(cwd, context),
    file: file === undefined ? undefined : resolve(cwd, file),
    platforms,
    labels: toPairs(options.labels),
    buildArgs: toPairs(options.buildArgs),
    buildContexts: toPairs(options.buildContexts),
    passthrough: options.buildxFlags ?? [],
  };
}

const SWITCHES = ['push', 'load', 'pull', 'noCache'] as const;

/** `NAME=value`, `NAME` alone for one of the environment. */
export function toPairs(values: Readonly<Record<string, string | undefined>> = {}): readonly string[] {
  return Object.entries(values).map(([name, value]) => (value === undefined ? name : `${name}=${value}`));
}

function defaultPlatforms(text = ''): readonly string[] {
  return text.split(',').flatMap((word) => word.trim() || []);
}
