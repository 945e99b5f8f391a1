import { resolve } from 'node:path';
import { isRemoteContext } from '../buildkit/buildctl-arguments.ts';
import { EMPTY_BUILD } from '../buildkit/empty-build.ts';
import type { UserBuild } from '../buildkit/types.ts';
import { SlipwayError } from '../core/errors.ts';
import type { SessionHost } from '../session/session.ts';
import type { Names } from './call.ts';
import type { BuildInput, BuildOptions, MountOptions } from './options.ts';
import { STORE_OPTIONS, STORE_TABLE, type OptionTable } from './store-options.ts';

export const BUILD_INPUT: Names<BuildInput> = {
  context: true,
  file: true,
  target: true,
  platforms: true,
  buildArgs: true,
  buildContexts: true,
};

export const MOUNT_OPTIONS: Names<MountOptions> = {
  ...STORE_OPTIONS,
  ...BUILD_INPUT,
  scope: true,
  strictCache: true,
  trust: true,
  guard: true,
  fetch: true,
  saveTestResults: true,
  allowPublic: true,
  engine: true,
  builder: true,
  helperImage: true,
  secrets: true,
  ssh: true,
};

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
  layersFirst: true,
  save: true,
  buildxFlags: true,
};

export const MOUNT_TABLE: OptionTable<BuildOptions> = {
  ...STORE_TABLE,
  scope: 'scope',
  strictCache: 'strict-cache',
  trust: 'trust',
  guard: 'guard',
  layersFirst: 'layers-first',
  fetch: 'fetch',
  saveTestResults: 'save-test-results',
  allowPublic: 'allow-public',
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
