import type { UserBuildResult } from '../buildkit/types.ts';
import { isRenewalDue, planSigning } from './plan-signing.ts';
import { skipRestore } from './skip-restore.ts';
import type { StoredState } from './stored-state.ts';
import type { PlannedBuild, WarmContext } from './types.ts';
import { isMountStep } from './watch-mount-steps.ts';

export interface LayersQuestion {
  /** What is stored, where it is on its way already. */
  readonly stored?: Promise<StoredState> | undefined;
  /** Of the steps that have cache mounts: equal for builds that share them in a layer cache. */
  readonly stepsKey?: Promise<string | undefined> | undefined;
  /** Run a build before anything is restored, where its layer cache may hold all that needs the mounts. */
  readonly triesLayers?: boolean;
}

/**
 * Runs the build without a restore, where a build with the same steps is on record that stored its layers. Should a step with cache
 * mounts start after all, the build is stopped: the caches are to be restored, and it begins anew. Undefined unless it was run to its end.
 */
export async function buildFromLayers(
  context: WarmContext,
  planned: PlannedBuild,
  question: LayersQuestion,
): Promise<UserBuildResult | undefined> {
  if (question.triesLayers !== true || !mayComeFromLayers(planned)) return undefined;
  if (!(await isOnRecord(context, question))) return undefined;
  context.onEvent({ type: 'phase', phase: 'build', state: 'start' });
  try {
    return await runUnlessStarted(context, planned);
  } finally {
    context.onEvent({ type: 'phase', phase: 'build', state: 'done' });
  }
}

/** Is there a layer cache to read, and can its steps be told by their names? */
function mayComeFromLayers(planned: PlannedBuild): boolean {
  const { cacheFrom, platforms, passthrough } = planned.userBuild;
  return (
    cacheFrom.length > 0 &&
    platforms.length < 2 &&
    planned.facts.mountSteps.length > 0 &&
    skipRestore(planned) === undefined &&
    !passthrough.some((word) => word.startsWith('--no-cache-filter'))
  );
}

/** Does the build leave its layers where a later one finds them? */
export function storesLayers({ userBuild }: PlannedBuild): boolean {
  return userBuild.cacheTo.length > 0 || userBuild.buildArgs.includes('BUILDKIT_INLINE_CACHE=1');
}

/** Is what decides the steps of this build worth reading? */
export function usesLayerCache(planned: PlannedBuild): boolean {
  return mayComeFromLayers(planned) || storesLayers(planned);
}

async function isOnRecord(context: WarmContext, { stored, stepsKey }: LayersQuestion): Promise<boolean> {
  const [state, key] = await Promise.all([
    // What is wrong with the store, the restore tells.
    stored?.catch(() => undefined),
    stepsKey,
  ]);
  if (state === undefined || key === undefined) return false;
  const { options, clock } = context;
  // A signature is renewed by a save, which looks into the mounts.
  if (isRenewalDue(options, planSigning(options, state), clock.now())) return false;
  return state.united.history.some((build) => build.stepsKey === key);
}

async function runUnlessStarted(
  context: WarmContext,
  { userBuild, facts }: PlannedBuild,
): Promise<UserBuildResult | undefined> {
  const stopper = new AbortController();
  const signal = AbortSignal.any([context.signal, stopper.signal]);
  const onEvent: WarmContext['onEvent'] = (event) => {
    if (stopper.signal.aborted) return;
    const isStarted = event.type === 'vertex' && event.state === 'running' && isMountStep(event.name, facts.mountSteps);
    if (isStarted) stopper.abort(new Error('a step with cache mounts has started'));
    else context.onEvent(event);
  };
  try {
    return await context.engine.runUserBuild(userBuild, { signal, onEvent });
  } catch (error) {
    if (!stopper.signal.aborted || context.signal.aborted) throw error;
    const text = 'the layer cache lacks a step with cache mounts: they are restored, and the build begins anew';
    context.onEvent({ type: 'message', level: 'info', text });
    return undefined;
  }
}
