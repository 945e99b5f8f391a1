import { buildsAt } from '../pack/build-place.ts';
import type { GoCaches } from './caches.ts';
import { pullAhead } from './pull-ahead.ts';
import { restore } from './restore.ts';
import type { RestoreOutcome } from './restore-outcome.ts';
import { save } from './save.ts';
import { emptySaveReport } from './save-report.ts';
import { startStopwatch } from './stopwatch.ts';
import { fillNearerStores, storeTraffic } from './store-traffic.ts';
import { checkoutOf } from './why-private.ts';
import { tellSkipped } from './tell-skipped.ts';
import { closingTrees } from './trees/close.ts';
import { runUserBuild } from './trees/run-build.ts';
import { treeCaches } from './trees/tree-caches.ts';
import type { BuildReport, PlannedBuild, SaveReport, WarmContext } from './types.ts';
import type { UserBuildResult } from '../buildkit/types.ts';

export interface WarmBuild {
  readonly report: BuildReport;
  readonly build: UserBuildResult;
}

/** Restore, the user's build, save. Whatever the cache does, the build runs and its exit code is the result. */
export async function build(
  context: WarmContext,
  planned: PlannedBuild,
  options: { readonly withSave: boolean },
): Promise<WarmBuild> {
  const watch = startStopwatch(context.clock);
  const caches = await treeCaches(context, planned);
  const { restored, result, saved } = await closingTrees(context, caches, async () => {
    const stopPull = new AbortController();
    const pull = pullAhead(context, planned, stopPull.signal);
    const built = await restoreAndBuild(context, planned, caches).finally(async () => {
      stopPull.abort();
      await pull;
    });
    return { ...built, saved: await saveAfter(context, planned, { ...built, caches, withSave: options.withSave }) };
  });
  if (options.withSave) await fillNearerStores(context, [checkoutOf(planned)]);
  const totalSeconds = watch.seconds();
  const history = buildsAt('builder', restored.state?.united.history ?? []);
  const cold = history.find(({ isCold }) => isCold)?.buildSeconds;
  const isWarm = restored.report.state === 'restored' || restored.report.state === 'already-warm';
  return {
    build: result,
    report: {
      schemaVersion: 1,
      engine: context.engine.description,
      store: context.store.description,
      scope: context.options.scopes.write,
      buildExitCode: result.exitCode,
      buildSeconds: result.seconds,
      totalSeconds,
      ...(cold !== undefined && isWarm ? { savedSeconds: cold - totalSeconds } : {}),
      restore: restored.report,
      save: saved,
      ...storeTraffic(context.store),
    },
  };
}

async function restoreAndBuild(context: WarmContext, planned: PlannedBuild, caches: GoCaches | undefined) {
  const restored = await restore(context, planned, caches);
  tellSkipped(context, restored);
  const startedAt = context.clock.monotonic();
  context.onEvent({ type: 'phase', phase: 'build', state: 'start' });
  const result = await runUserBuild(context, planned, { trees: restored.trees, caches });
  context.onEvent({ type: 'phase', phase: 'build', state: 'done' });
  return { restored, result, startedAt };
}

interface AfterBuild {
  readonly restored: RestoreOutcome;
  readonly result: UserBuildResult;
  readonly startedAt: number;
  /** Where modules come as trees. */
  readonly caches: GoCaches | undefined;
  readonly withSave: boolean;
}

async function saveAfter(context: WarmContext, planned: PlannedBuild, after: AfterBuild): Promise<SaveReport> {
  const { result, restored } = after;
  const skipped = (reason: string): SaveReport => emptySaveReport('skipped', { reason });
  if (result.exitCode !== 0) return skipped('the build failed');
  if (!after.withSave) return skipped('saving is switched off (`--no-save`)');
  const elapsed = (context.clock.monotonic() - after.startedAt) / 1000;
  const ran = { seconds: result.seconds, ageSeconds: elapsed, ranSteps: result.ranSteps };
  return save(context, planned, { restored, build: ran }, after.caches);
}
