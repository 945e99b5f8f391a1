import { moduleOfDirectory } from '../../pack/module-name.ts';
import type { GoCaches } from '../caches.ts';
import { runWithSave, type BeginSave, type RunWithSave } from '../run-with-save.ts';
import type { PlannedBuild, WarmContext } from '../types.ts';
import { closeTreesIn } from './close.ts';
import { findMissingInTrees } from './missing-in-tree.ts';

export interface BroughtTrees {
  /** See `RestoreOutcome`. */
  readonly trees: readonly string[] | undefined;
  /** Where they are to be closed. */
  readonly caches: GoCaches | undefined;
  /** Begins the save; undefined where none is to follow. */
  readonly begin: BeginSave | undefined;
}

/**
 * Runs the user's build. When it stops because restored trees lack something, those that its log names are closed and it runs once
 * more, with these modules fetched by Go itself; should that not be enough, all are closed for a last run: the cache fails no build.
 */
export async function runUserBuild(
  context: WarmContext,
  planned: PlannedBuild,
  { trees = [], caches, begin }: BroughtTrees,
): Promise<RunWithSave> {
  const run = (): Promise<RunWithSave> => runWithSave(context, planned, begin);
  const first = await run();
  const missing = missingIn(first, trees);
  if (missing.length === 0 || caches === undefined) return first;
  tellMissing(context, missing);
  if (!(await closeTreesIn(context, caches, { isForced: true, only: missing }))) return first;
  const second = joinRuns(first, await run());
  const left = trees.filter((tree) => !missing.includes(tree));
  const stillMissing = missingIn(second, left);
  if (stillMissing.length === 0) return second;
  tellMissing(context, stillMissing);
  if (!(await closeTreesIn(context, caches, { isForced: true }))) return second;
  return joinRuns(second, await run());
}

function missingIn({ result }: RunWithSave, trees: readonly string[]): readonly string[] {
  const { exitCode, failureLog = [], messages } = result;
  return exitCode === 0 ? [] : findMissingInTrees([...failureLog, ...messages], trees);
}

function tellMissing(context: WarmContext, missing: readonly string[]): void {
  const [first = '', ...more] = missing;
  const { path, version } = moduleOfDirectory(first);
  const others = more.length === 0 ? '' : ` (and ${more.length} more)`;
  const text = `the build lacked a part of ${path} ${version}${others}, which was restored without what no source here imports: it runs once more`;
  context.onEvent({ type: 'message', level: 'warning', text });
}

function joinRuns(before: RunWithSave, after: RunWithSave): RunWithSave {
  return { ...after, result: { ...after.result, seconds: before.result.seconds + after.result.seconds } };
}
