import type { PlannedBuild } from '../types.ts';

/** Why a build can't be audited, as far as its Dockerfile tells, and what to do; undefined: nothing stands against it. */
export function findObstacle({
  facts,
  dockerfilePath,
}: PlannedBuild): { readonly reason: string; readonly hint: string } | undefined {
  if (dockerfilePath === '') {
    return { reason: 'its context is remote or comes from standard input', hint: 'audit a local directory' };
  }
  const caches = facts.mounts.filter(({ kind }) => kind === 'gocache');
  if (!facts.isKnownFrontend) {
    return { reason: `the frontend \`${facts.syntax}\` is not docker/dockerfile`, hint: 'audit a Dockerfile' };
  }
  if (caches.length === 0) {
    return {
      reason: "the build has no cache mount for Go's build cache",
      hint: 'name the target that compiles, and see `slipway lint`',
    };
  }
  const seeded = caches.find(({ identity }) => identity.from !== undefined);
  if (seeded !== undefined) {
    return {
      reason: `the mount at ${seeded.target} starts from \`${seeded.identity.from}\`, so that no build of it is cold`,
      hint: 'audit a build whose mounts start empty',
    };
  }
  return undefined;
}
