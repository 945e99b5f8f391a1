import { buildsAt } from '../pack/build-place.ts';
import { beginSave, type BegunSave } from './begin-save.ts';
import type { GoCaches } from './caches.ts';
import { buildFromLayers, storesLayers, type LayersQuestion } from './layers-first.ts';
import { mountCaches } from './mount-caches.ts';
import { isRenewalDue, planSigning } from './plan-signing.ts';
import { pullAhead } from './pull-ahead.ts';
import { restore } from './restore.ts';
import { notRestored, type RestoreOutcome } from './restore-outcome.ts';
import type { RunWithSave } from './run-with-save.ts';
import { save, skipMounts } from './save.ts';
import { emptySaveReport } from './save-report.ts';
import { startStopwatch } from './stopwatch.ts';
import { fillNearerStores, storeTraffic } from './store-traffic.ts';
import { checkoutOf } from './why-private.ts';
import { tellSkipped } from './tell-skipped.ts';
import { closingTrees } from './trees/close.ts';
import { runUserBuild } from './trees/run-build.ts';
import { treeCaches } from './trees/tree-caches.ts';
import type { MountUse } from './watch-mount-steps.ts';
import type { BuildReport, PlannedBuild, SaveReport, WarmContext } from './types.ts';
import type { UserBuildResult } from '../buildkit/types.ts';

export interface WarmBuild {
  readonly report: BuildReport;
  readonly build: UserBuildResult;
}

export interface BuildOptions extends LayersQuestion {
  readonly withSave: boolean;
}

/** Restore, the user's build, save. Whatever the cache does, the build runs and its exit code is the result. */
export async function build(context: WarmContext, planned: PlannedBuild, options: BuildOptions): Promise<WarmBuild> {
  const watch = startStopwatch(context.clock);
  const fromLayers = await buildFromLayers(context, planned, options);
  if (fromLayers !== undefined)
    return reportOn(context, { ...leftAlone(context, fromLayers), totalSeconds: watch.seconds() });
  const stopPull = new AbortController();
  const caches = await treeCaches(context, planned);
  const pull = pullAhead(context, planned, stopPull.signal);
  try {
    const done = await closingTrees(context, caches, async () => {
      const built = await restoreAndBuild(context, planned, { caches, ...options });
      // BuildKit may take seconds to end one, which the save needn't wait for.
      stopPull.abort();
      return { ...built, saved: await saveAfter(context, planned, { ...built, caches, ...options }) };
    });
    if (options.withSave) await fillNearerStores(context, [checkoutOf(planned)]);
    await pull;
    return reportOn(context, { ...done, totalSeconds: watch.seconds() });
  } finally {
    stopPull.abort();
    await pull;
  }
}

interface Done extends Pick<AfterBuild, 'restored' | 'result'> {
  readonly saved: SaveReport;
  readonly totalSeconds: number;
}

/** What a build comes to that needed no mount. */
function leftAlone({ clock }: WarmContext, result: UserBuildResult): Omit<Done, 'totalSeconds'> {
  const reason = 'every step with cache mounts came from the layer cache';
  const restored = notRestored(startStopwatch(clock), 'not-needed', { reason });
  const saved =
    result.exitCode === 0 ? emptySaveReport('nothing-new') : emptySaveReport('skipped', { reason: BUILD_FAILED });
  return { restored, result, saved };
}

const BUILD_FAILED = 'the build failed';

function reportOn(context: WarmContext, { restored, result, saved, totalSeconds }: Done): WarmBuild {
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

interface BuildOrder extends BuildOptions {
  /** Where modules come as trees. */
  readonly caches: GoCaches | undefined;
}

async function restoreAndBuild(context: WarmContext, planned: PlannedBuild, order: BuildOrder) {
  const { caches, withSave, stored } = order;
  const restored = await restore(context, planned, caches, stored);
  tellSkipped(context, restored);
  const startedAt = context.clock.monotonic();
  const mounts = caches ?? mountCaches(context, planned);
  const begin = ({ isUnused }: MountUse): BegunSave | undefined => {
    if (isUnused && holdsRestoredOnly(context, restored)) return undefined;
    const ageSeconds = (context.clock.monotonic() - startedAt) / 1000;
    return beginSave(context, mounts, { stored: restored.state, ageSeconds });
  };
  const isSaved = withSave && skipMounts(planned) === undefined;
  context.onEvent({ type: 'phase', phase: 'build', state: 'start' });
  const ran = await runUserBuild(context, planned, {
    trees: restored.trees,
    caches,
    begin: isSaved ? begin : undefined,
  });
  context.onEvent({ type: 'phase', phase: 'build', state: 'done' });
  return { restored, startedAt, ...ran };
}

interface AfterBuild extends RunWithSave, BuildOrder {
  readonly restored: RestoreOutcome;
  readonly startedAt: number;
}

async function saveAfter(context: WarmContext, planned: PlannedBuild, after: AfterBuild): Promise<SaveReport> {
  const { result, restored } = after;
  const skipped = (reason: string): SaveReport => emptySaveReport('skipped', { reason });
  if (result.exitCode !== 0) return skipped(BUILD_FAILED);
  if (!after.withSave) return skipped('saving is switched off (`--no-save`)');
  if (after.isUnused && holdsRestoredOnly(context, restored)) return emptySaveReport('nothing-new');
  const elapsed = (context.clock.monotonic() - after.startedAt) / 1000;
  const stepsKey = storesLayers(planned) ? await after.stepsKey : undefined;
  const ran = { seconds: result.seconds, ageSeconds: elapsed, ranSteps: result.ranSteps, stepsKey };
  return save(context, planned, { restored, build: ran, begun: after.begun }, after.caches);
}

/**
 * Do the mounts hold what this run brought into empty ones, and a build that used none of them left it so? Then nobody has to look,
 * which on a fresh worker would cost the base image that a build from the layer cache did without.
 */
function holdsRestoredOnly({ options, clock }: WarmContext, restored: RestoreOutcome): boolean {
  const { report, state, entriesBefore } = restored;
  if (report.state !== 'restored' || state === undefined || entriesBefore !== 0) return false;
  return !isRenewalDue(options, planSigning(options, state), clock.now());
}
