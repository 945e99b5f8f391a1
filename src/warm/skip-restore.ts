import type { PlannedBuild, RestoreState } from './types.ts';

/** Why nothing is to be restored for a build, whatever is stored. */
export function skipRestore({
  facts,
  userBuild,
}: PlannedBuild): { state: RestoreState; reason: string; hint?: string } | undefined {
  if (!facts.isKnownFrontend)
    return { state: 'skipped', reason: `the frontend \`${facts.syntax}\` is not docker/dockerfile` };
  if (facts.mounts.length === 0) {
    return {
      state: 'no-mounts',
      reason: 'the build has no cache mounts for Go',
      hint: 'add `--mount=type=cache,target=/root/.cache/go-build` and `--mount=type=cache,target=/go/pkg/mod` to the RUN that compiles',
    };
  }
  if (userBuild.noCache) return { state: 'skipped', reason: '`--no-cache` makes BuildKit use empty cache mounts' };
  return undefined;
}
