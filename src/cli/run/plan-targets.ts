import { errorMessage } from '../../core/errors.ts';
import type { PlannedBuild } from '../../warm/types.ts';
import type { Parts } from '../../session/parts.ts';
import { type ColdBuild, isCold, type NamedBuild } from './types.ts';

/** A build of the command with what was read of its Dockerfile: one plan for each platform, whose mounts may differ. */
export interface PlannedTarget {
  readonly name: string;
  readonly plans: readonly PlannedBuild[];
}

/** Reads the Dockerfile of each build. */
export async function planTargets(
  builds: readonly (NamedBuild | ColdBuild)[],
  planBuild: Parts['planBuild'],
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly (PlannedTarget | ColdBuild)[]> {
  return Promise.all(builds.map(async (one) => (isCold(one) ? one : planTarget(one, planBuild, env))));
}

async function planTarget(
  { name, build }: NamedBuild,
  planBuild: Parts['planBuild'],
  env: Readonly<Record<string, string | undefined>>,
): Promise<PlannedTarget | ColdBuild> {
  const plain = (reason: string): ColdBuild => ({ name, cold: { reason, isFault: false } });
  if (build.noCache) return plain('`--no-cache` makes BuildKit use empty cache mounts');
  const platforms = build.platforms.length === 0 ? [[]] : build.platforms.map((platform) => [platform]);
  try {
    const plans = await Promise.all(platforms.map((one) => planBuild({ ...build, platforms: one }, env)));
    const unknown = plans.find(({ facts }) => !facts.isKnownFrontend);
    if (unknown !== undefined) return plain(`the frontend \`${unknown.facts.syntax}\` is not docker/dockerfile`);
    if (plans.every(({ facts }) => facts.mounts.length === 0)) return plain('it has no cache mounts for Go');
    return { name, plans };
  } catch (error) {
    // Mostly BuildKit will refuse it too, and in its own words.
    return { name, cold: { reason: errorMessage(error), isFault: true } };
  }
}
