import type { GoCaches } from '../caches.ts';
import { runWithSave, type BeginSave, type RunWithSave } from '../run-with-save.ts';
import type { PlannedBuild, WarmContext } from '../types.ts';
import { closeTreesIn } from './close.ts';
import { findMissingInTree } from './missing-in-tree.ts';

export interface BroughtTrees {
  /** See `RestoreOutcome`. */
  readonly trees: readonly string[] | undefined;
  /** Where they are to be closed. */
  readonly caches: GoCaches | undefined;
  /** Begins the save; undefined where none is to follow. */
  readonly begin: BeginSave | undefined;
}

/**
 * Runs the user's build. When it stops because a restored tree lacks something, the trees are closed and it runs once more, with
 * modules that Go fetches by itself: the cache fails no build.
 */
export async function runUserBuild(
  context: WarmContext,
  planned: PlannedBuild,
  { trees = [], caches, begin }: BroughtTrees,
): Promise<RunWithSave> {
  const run = (): Promise<RunWithSave> => runWithSave(context, planned, begin);
  const first = await run();
  const { exitCode, failureLog = [], messages, seconds } = first.result;
  if (exitCode === 0 || trees.length === 0 || caches === undefined) return first;
  const module = findMissingInTree([...failureLog, ...messages], trees);
  if (module === undefined) return first;
  const text = `the build lacked a part of ${module}, which was restored without what no source here imports: it runs once more`;
  context.onEvent({ type: 'message', level: 'warning', text });
  if (!(await closeTreesIn(context, caches, { isForced: true }))) return first;
  const second = await run();
  return { ...second, result: { ...second.result, seconds: seconds + second.result.seconds } };
}
