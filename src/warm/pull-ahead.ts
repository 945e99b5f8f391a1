import { rm } from 'node:fs/promises';
import { findNodes } from '../buildkit/node-platforms.ts';
import { pullImages } from '../buildkit/pull-images.ts';
import { errorMessage } from '../core/errors.ts';
import type { BaseImage } from '../dockerfile/types.ts';
import { makeRunDirectory } from './run-directory.ts';
import type { PlannedBuild, WarmContext } from './types.ts';

/** Base images come down beside restore; the user's build joins a pull that is still running. */
export async function pullAhead(context: WarmContext, planned: PlannedBuild, stop: AbortSignal): Promise<void> {
  if (planned.facts.baseImages.length === 0 || planned.facts.mounts.length === 0 || planned.userBuild.pull) return;
  const signal = AbortSignal.any([context.signal, stop]);
  let directory: string | undefined;
  try {
    directory = await makeRunDirectory(context);
    const { platforms } = planned.userBuild;
    const run = { ...context, signal, context: directory };
    const nodes = await findNodes(context.engine, platforms, signal);
    await Promise.all(nodes.map((node) => pullTo(node, platforms[0], planned.facts.baseImages, run)));
  } catch (error) {
    // The user's build pulls by itself and reports what is wrong; that this one failed only matters to who looks closely.
    if (!signal.aborted) context.logger.debug(`base images could not be pulled ahead: ${errorMessage(error)}`);
  } finally {
    if (directory !== undefined) await rm(directory, { recursive: true, force: true });
  }
}

async function pullTo(
  node: string | undefined,
  platform: string | undefined,
  images: readonly BaseImage[],
  run: WarmContext & { readonly context: string },
): Promise<void> {
  // Which platform $BUILDPLATFORM is, each of several nodes decides for itself.
  const mine = node === undefined ? images : images.filter((image) => image.platform === undefined);
  if (mine.length === 0) return;
  const named = mine.map((image) => ({ ...image, platform: image.platform ?? node ?? platform }));
  await pullImages(run.engine, named, { ...run, node });
}
