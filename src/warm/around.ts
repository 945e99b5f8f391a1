import { joinBuilds } from './join-builds.ts';
import type { CachePlace, GoCaches } from './caches.ts';
import { mountCaches } from './mount-caches.ts';
import { pullAhead } from './pull-ahead.ts';
import { restoreCaches } from './restore.ts';
import type { RestoreOutcome } from './restore-outcome.ts';
import { saveCaches } from './save.ts';
import { emptySaveReport } from './save-report.ts';
import { startStopwatch } from './stopwatch.ts';
import { fillNearerStores, storeTraffic } from './store-traffic.ts';
import { tellSkipped } from './tell-skipped.ts';
import type { TierReport } from '../store/tiers/tier.ts';
import type { PlannedBuild, RestoreReport, SaveReport, StoreContext, WarmContext } from './types.ts';

export interface CommandResult {
  readonly exitCode: number;
  readonly seconds: number;
}

export interface AroundOptions {
  readonly withSave: boolean;
}

/** What was done around a command, for each set of caches that was served together. */
export interface AroundReport {
  readonly command: CommandResult;
  readonly totalSeconds: number;
  readonly groups: readonly AroundGroup[];
  /** Where there are several stores: what came from where, and went where. */
  readonly stores?: readonly TierReport[];
}

export interface AroundGroup {
  readonly places: readonly CachePlace[];
  readonly restore: RestoreReport;
  readonly save: SaveReport;
}

/** Restores the mounts of several builds, runs the command that builds them, and saves them. */
export async function around(
  context: WarmContext,
  builds: readonly PlannedBuild[],
  command: () => Promise<CommandResult>,
  options: AroundOptions,
): Promise<AroundReport> {
  const joined = joinBuilds(builds);
  const stopPull = new AbortController();
  let isCommandRunning = false;
  const pullContext: WarmContext = {
    ...context,
    // The terminal is the command's own while it runs.
    onEvent: (event) => {
      if (!isCommandRunning) context.onEvent(event);
    },
  };
  const pulls = joined.map((planned) => pullAhead(pullContext, planned, stopPull.signal));
  const commandWithoutPulls = async (): Promise<CommandResult> => {
    isCommandRunning = true;
    const result = await command();
    stopPull.abort();
    return result;
  };
  try {
    const caches = joined.map((planned) => mountCaches(context, planned));
    return await aroundCaches(context, caches, commandWithoutPulls, options);
  } finally {
    stopPull.abort();
    await Promise.all(pulls);
  }
}

/**
 * Restores caches, runs the command that uses them, and saves them. Whatever the cache does, the command runs and its exit
 * code is the result; only an abort (and any fault under `--strict-cache`) is thrown.
 */
export async function aroundCaches(
  context: StoreContext,
  all: readonly GoCaches[],
  command: () => Promise<CommandResult>,
  options: AroundOptions,
): Promise<AroundReport> {
  const watch = startStopwatch(context.clock);
  const outcomes: RestoreOutcome[] = [];
  if (context.options.modules === 'trees') {
    const text = 'modules travel as zips: only `slipway build` closes trees when the build is over';
    context.onEvent({ type: 'message', level: 'info', text });
  }
  for (const caches of all) {
    const outcome = await restoreCaches(context, caches);
    tellSkipped(context, outcome);
    outcomes.push(outcome);
  }
  context.signal.throwIfAborted();
  const startedAt = context.clock.monotonic();
  const result = await command();
  context.signal.throwIfAborted();
  const groups: AroundGroup[] = [];
  for (const [index, caches] of all.entries()) {
    const restored = outcomes[index] as RestoreOutcome;
    const save = await saveAfter(context, caches, {
      // What an earlier group saved is known to the later ones.
      restored: index === 0 ? restored : { ...restored, state: undefined },
      result,
      ageSeconds: (context.clock.monotonic() - startedAt) / 1000,
      ...options,
    });
    groups.push({ places: caches.places, restore: restored.report, save });
  }
  if (options.withSave && result.exitCode === 0 && all.length > 0)
    await fillNearerStores(
      context,
      all.map(({ checkout }) => checkout),
    );
  return { command: result, totalSeconds: watch.seconds(), groups, ...storeTraffic(context.store) };
}

interface AfterCommand extends AroundOptions {
  readonly restored: RestoreOutcome;
  readonly result: CommandResult;
  readonly ageSeconds: number;
}

async function saveAfter(context: StoreContext, caches: GoCaches, after: AfterCommand): Promise<SaveReport> {
  const { restored, result, ageSeconds, withSave } = after;
  if (result.exitCode !== 0) return emptySaveReport('skipped', { reason: 'the command failed' });
  if (!withSave) return emptySaveReport('skipped', { reason: 'saving is switched off (`--no-save`)' });
  // Which steps ran is the command's to know: a mount that nobody touched may as well be one of a cached step.
  return saveCaches(context, caches, { restored, build: { seconds: result.seconds, ageSeconds, ranSteps: [] } });
}
