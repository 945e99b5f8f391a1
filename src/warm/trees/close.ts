import { rm } from 'node:fs/promises';
import { closeTrees } from '../../buildkit/close-trees.ts';
import { reportCacheFault } from '../cache-fault.ts';
import { helperImages } from '../helper-images.ts';
import { makeRunDirectory } from '../run-directory.ts';
import type { PlannedBuild, WarmContext } from '../types.ts';

/** Closes the trees of a build that no save follows. False when that failed, which is told as the fault that it is. */
export async function closeMountedTrees(context: WarmContext, planned: PlannedBuild): Promise<boolean> {
  const directory = await makeRunDirectory(context);
  const { userBuild, dockerfileText } = planned;
  const mounts = planned.facts.mounts.map((mount) => ({ mount, owner: '-' }));
  try {
    const images = helperImages(context, planned, 'small-first');
    await closeTrees({ ...context, target: { mounts, userBuild, dockerfileText }, images, directory });
    return true;
  } catch (error) {
    reportCacheFault(context, 'module directories that hold only what this build imports stay in the builder', error);
    return false;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
