import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { SlipwayError } from '../core/errors.ts';
import { isRemoteContext } from '../buildkit/buildctl-arguments.ts';
import type { UserBuild } from '../buildkit/types.ts';
import { readBuildFacts } from '../dockerfile/build-facts.ts';
import type { BuildFacts, FactsOptions } from '../dockerfile/types.ts';
import { mountKey } from './join-builds.ts';
import type { PlannedBuild } from './types.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** BuildKit refuses a larger Dockerfile too: github.com/moby/buildkit/blob/v0.33.1/frontend/dockerui/config.go */
const LARGEST_DOCKERFILE = 1 << 20;

/**
 * Reads the build's Dockerfile and what slipway has to know of it. Throws what BuildKit would refuse too:
 * DOCKERFILE_MISSING, DOCKERFILE_INVALID, TARGET_UNKNOWN.
 */
export async function planBuild(userBuild: UserBuild, env: Env): Promise<PlannedBuild> {
  if (isRemoteContext(userBuild.context) || userBuild.context === '-') return planWithoutFile(userBuild);
  const dockerfilePath = userBuild.file ?? path.join(userBuild.context, 'Dockerfile');
  const dockerfileText = userBuild.fileText ?? (await readDockerfile(dockerfilePath, userBuild));
  const options = factsOptions(userBuild, dockerfilePath, env);
  const facts = readBuildFacts(dockerfileText, options);
  const others = userBuild.platforms
    .slice(1)
    .map((targetPlatform) => readBuildFacts(dockerfileText, { ...options, targetPlatform }));
  return { userBuild, dockerfilePath, dockerfileText, facts: { ...facts, mounts: uniteMounts([facts, ...others]) } };
}

/** A mount's id may name the platform: each has mounts of its own then. */
function uniteMounts(all: readonly BuildFacts[]): BuildFacts['mounts'] {
  const mounts = all.flatMap((facts) => facts.mounts);
  return [...new Map(mounts.toReversed().map((mount) => [mountKey(mount), mount])).values()].toReversed();
}

/** How the Dockerfile at `dockerfilePath` is to be read for this build. */
export function factsOptions(userBuild: UserBuild, dockerfilePath: string, env: Env): FactsOptions {
  return {
    fileName: userBuild.file === '-' ? '<stdin>' : dockerfilePath,
    buildArgs: readBuildArgs(userBuild.buildArgs, env),
    buildContextNames: userBuild.buildContexts.map((context) => context.split('=')[0] ?? ''),
    ...(userBuild.target === undefined ? {} : { target: userBuild.target }),
    ...(userBuild.platforms[0] === undefined ? {} : { targetPlatform: userBuild.platforms[0] }),
  };
}

async function readDockerfile(file: string, userBuild: UserBuild): Promise<string> {
  try {
    const bytes = await readFile(file);
    if (bytes.length > LARGEST_DOCKERFILE) {
      throw new SlipwayError('DOCKERFILE_INVALID', `\`${file}\` is larger than 1 MiB`, { hint: 'is it a Dockerfile?' });
    }
    return bytes.toString('utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOENT' && code !== 'EISDIR' && code !== 'ENOTDIR') throw error;
    const hint = userBuild.file === undefined ? 'name it by `-f`, or give the directory that holds it' : 'correct `-f`';
    throw new SlipwayError('DOCKERFILE_MISSING', `there is no Dockerfile at \`${file}\``, { hint, cause: error });
  }
}

/** `KEY=VALUE`, or `KEY` alone, which takes the environment's value, as docker does. */
export function readBuildArgs(buildArgs: readonly string[], env: Env): Record<string, string | undefined> {
  const values: Record<string, string | undefined> = {};
  for (const argument of buildArgs) {
    const at = argument.indexOf('=');
    if (at < 0) values[argument] = env[argument];
    else values[argument.slice(0, at)] = argument.slice(at + 1);
  }
  return values;
}

/** BuildKit fetches the context by itself: its Dockerfile can't be read here, so the build runs without the cache. */
function planWithoutFile(userBuild: UserBuild): PlannedBuild {
  const facts: BuildFacts = {
    syntax: undefined,
    isKnownFrontend: true,
    targetStageIndex: 0,
    targetStageName: userBuild.target,
    neededStages: [],
    baseImages: [],
    mounts: [],
    mountSteps: [],
    compiles: [],
    goPrivate: [],
  };
  return { userBuild, dockerfilePath: '', dockerfileText: '', facts };
}
