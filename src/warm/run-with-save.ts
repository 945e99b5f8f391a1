import type { UserBuildResult } from '../buildkit/types.ts';
import type { BegunSave } from './begin-save.ts';
import type { PlannedBuild, WarmContext } from './types.ts';
import { watchMountSteps, type MountUse } from './watch-mount-steps.ts';

/** Begins a save, now that the build is done with its cache mounts. */
export type BeginSave = (use: MountUse) => BegunSave | undefined;

export interface RunWithSave {
  readonly result: UserBuildResult;
  /** Only of a build that ended well. */
  readonly begun: BegunSave | undefined;
  /** No step ran that has a cache mount. */
  readonly isUnused: boolean;
}

/** Runs the user's build, and begins the save once the build is done with its cache mounts. A failed build leaves nothing of it. */
export async function runWithSave(
  context: WarmContext,
  { userBuild, facts }: PlannedBuild,
  begin: BeginSave | undefined,
): Promise<RunWithSave> {
  let begun: BegunSave | undefined;
  let isUnused = false;
  const isOneSolve = userBuild.platforms.length < 2;
  // Each platform has its own steps of one name, and each node of buildx its own export.
  const canFollow = isOneSolve || context.engine.kind !== 'buildx';
  const follow =
    begin === undefined || !canFollow
      ? undefined
      : watchMountSteps(isOneSolve ? facts.mountSteps : [], (use) => {
          ({ isUnused } = use);
          begun = begin(use);
        });
  const onEvent: WarmContext['onEvent'] = (event) => {
    context.onEvent(event);
    follow?.(event);
  };
  let result: UserBuildResult | undefined;
  try {
    result = await context.engine.runUserBuild(userBuild, { signal: context.signal, onEvent });
  } finally {
    if (result?.exitCode !== 0) await begun?.drop();
  }
  return { result, begun: result.exitCode === 0 ? begun : undefined, isUnused };
}
