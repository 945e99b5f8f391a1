import type { UserBuildResult } from '../../buildkit/types.ts';
import type { RestoreOutcome } from '../restore-outcome.ts';
import type { PlannedBuild, WarmContext } from '../types.ts';
import { closeMountedTrees } from './close.ts';
import { findMissingInTree } from './missing-in-tree.ts';

/** May modules of this build come as trees, and be stored as such? Tells why not, where that was asked for. */
export function mayUseTrees(context: WarmContext, planned: PlannedBuild): boolean {
  const whole = planned.facts.wholeModules;
  if (whole === undefined || context.options.modules !== 'trees') return wantsTrees(context, planned);
  const text = `modules travel as zips: \`${whole.command}\` in line ${whole.line} asks for whole modules`;
  context.onEvent({ type: 'message', level: 'info', text });
  return false;
}

/** The same without a word. */
export function wantsTrees({ options }: WarmContext, { facts }: PlannedBuild): boolean {
  return options.modules === 'trees' && facts.wholeModules === undefined;
}

/**
 * Runs the user's build. When it stops because a restored tree lacks something, the trees are closed and it runs once more, with
 * modules that Go fetches by itself: the cache fails no build.
 */
export async function runUserBuild(
  context: WarmContext,
  planned: PlannedBuild,
  { trees = [] }: Pick<RestoreOutcome, 'trees'>,
): Promise<UserBuildResult> {
  const run = (): Promise<UserBuildResult> => context.engine.runUserBuild(planned.userBuild, context);
  const first = await run();
  if (first.exitCode === 0 || trees.length === 0) return first;
  const module = findMissingInTree([...(first.failureLog ?? []), ...first.messages], trees);
  if (module === undefined) return first;
  const text = `the build lacked a part of ${module}, which was restored without what no source here imports: it runs once more`;
  context.onEvent({ type: 'message', level: 'warning', text });
  if (!(await closeMountedTrees(context, planned))) return first;
  const second = await run();
  return { ...second, seconds: first.seconds + second.seconds };
}
