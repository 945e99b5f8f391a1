import { rm } from 'node:fs/promises';
import { pullImages } from '../buildkit/pull-images.ts';
import { errorMessage } from '../core/errors.ts';
import { makeRunDirectory } from './run-directory.ts';
import type { PlannedBuild, WarmContext } from './types.ts';

/** Base images come down beside restore; the user's build joins a pull that is still running. */
export async function pullAhead(context: WarmContext, planned: PlannedBuild, stop: AbortSignal): Promise<void> {
  if (planned.facts.baseImages.length === 0 || planned.facts.mounts.length === 0 || planned.userBuild.pull) return;
  const signal = AbortSignal.any([context.signal, stop]);
  let directory: string | undefined;
  try {
    directory = await makeRunDirectory(context);
    const platform = planned.userBuild.platforms[0];
    const images = planned.facts.baseImages.map((image) => ({ ...image, platform: image.platform ?? platform }));
    await pullImages(context.engine, images, { ...context, signal, context: directory });
  } catch (error) {
    // The user's build pulls by itself and reports what is wrong; that this one failed only matters to who looks closely.
    if (!signal.aborted) context.logger.debug(`base images could not be pulled ahead: ${errorMessage(error)}`);
  } finally {
    if (directory !== undefined) await rm(directory, { recursive: true, force: true });
  }
}
