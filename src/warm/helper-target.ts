import type { HelperTarget } from '../buildkit/helper-dockerfile.ts';
import { planOwner } from './mount-owner.ts';
import type { StoredState } from './stored-state.ts';
import type { PlannedBuild } from './types.ts';

/** The mounts of a build as its helpers mount them. */
export function planTarget(planned: PlannedBuild, state: StoredState | undefined): HelperTarget {
  return {
    mounts: planned.facts.mounts.map((mount) => ({ mount, owner: planOwner(mount, state?.united.owners ?? {}) })),
    userBuild: planned.userBuild,
    dockerfileText: planned.dockerfileText,
  };
}
