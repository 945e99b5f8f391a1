import type { UserBuildResult } from '../../buildkit/types.ts';
import type { GoCaches } from '../caches.ts';
import type { PlannedBuild, WarmContext } from '../types.ts';
import { closeTreesIn } from './close.ts';
import { findMissingInTree } from './missing-in-tree.ts';

export interface BroughtTrees {
  /** See `RestoreOutcome`. */
  readonly trees: readonly string[] | undefined;
  /** Where they are to be closed. */
  readonly caches: GoCaches | undefined;
}

/**
 * Runs the user's build. When it stops because a restored tree lacks something, the trees are closed and it runs once more, with
 * modules that Go fetches by itself: the cache fails no build.
 */
export async function runUserBuild(
  context: WarmContext,
  planned: PlannedBuild,
  { trees = [], caches }: BroughtTrees,
): Promise<UserBuildResult> {
  const run = (): Promise<UserBuildResult> => context.engine.runUserBuild(planned.userBuild, context);
  const first = await run();
  if (first.exitCode === 0 || trees.length === 0 || caches === undefined) return first;
  const module = findMissingInTree([...(first.failureLog ?? []), ...first.messages], trees);
  if (module === undefined) return first;
  const text = `the build lacked a part of ${module}, which was restored without what no source here imports: it runs once more`;
  context.onEvent({ type: 'message', level: 'warning', text });
  if (!(await closeTreesIn(context, caches, { isForced: true }))) return first;
  const second = await run();
  return { ...second, seconds: first.seconds + second.seconds };
}
