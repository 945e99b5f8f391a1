import { joinBuilds } from './join-builds.ts';
import { pullAhead } from './pull-ahead.ts';
import { restore } from './restore.ts';
import type { RestoreOutcome } from './restore-outcome.ts';
import { save } from './save.ts';
import { emptySaveReport } from './save-report.ts';
import { startStopwatch } from './stopwatch.ts';
import { fillNearerStores, storeTraffic } from './store-traffic.ts';
import { tellSkipped } from './tell-skipped.ts';
import type { TierReport } from '../store/tiers/tier.ts';
import type { PlannedBuild, RestoreReport, SaveReport, WarmContext } from './types.ts';

export interface CommandResult {
  readonly exitCode: number;
  readonly seconds: number;
}

export interface AroundOptions {
  readonly withSave: boolean;
}

/** What was done around a command, for each set of mounts that was served together. */
export interface AroundReport {
  readonly command: CommandResult;
  readonly totalSeconds: number;
  readonly groups: readonly AroundGroup[];
  /** Where there are several stores: what came from where, and went where. */
  readonly stores?: readonly TierReport[];
}

export interface AroundGroup {
  readonly mounts: PlannedBuild['facts']['mounts'];
  readonly restore: RestoreReport;
  readonly save: SaveReport;
}

/**
 * Restores the mounts of several builds, runs the command that builds them, and saves them. Whatever the cache does, the
 * command runs and its exit code is the result; only an abort (and any fault under `--strict-cache`) is thrown.
 */
export async function around(
  context: WarmContext,
  builds: readonly PlannedBuild[],
  command: () => Promise<CommandResult>,
  options: AroundOptions,
): Promise<AroundReport> {
  const watch = startStopwatch(context.clock);
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
  try {
    const outcomes: RestoreOutcome[] = [];
    for (const planned of joined) {
      const outcome = await restore(context, planned);
      tellSkipped(context, outcome);
      outcomes.push(outcome);
    }
    context.signal.throwIfAborted();
    const startedAt = context.clock.monotonic();
    isCommandRunning = true;
    const result = await command();
    stopPull.abort();
    context.signal.throwIfAborted();
    const groups: AroundGroup[] = [];
    for (const [index, planned] of joined.entries()) {
      const restored = outcomes[index] as RestoreOutcome;
      const report = await saveAfter(context, planned, {
        // What an earlier group saved is known to the later ones.
        restored: index === 0 ? restored : { ...restored, state: undefined },
        result,
        ageSeconds: (context.clock.monotonic() - startedAt) / 1000,
        ...options,
      });
      groups.push({ mounts: planned.facts.mounts, restore: restored.report, save: report });
    }
    if (options.withSave && result.exitCode === 0 && joined.length > 0) await fillNearerStores(context, joined);
    return { command: result, totalSeconds: watch.seconds(), groups, ...storeTraffic(context.store) };
  } finally {
    stopPull.abort();
    await Promise.all(pulls);
  }
}

interface AfterCommand extends AroundOptions {
  readonly restored: RestoreOutcome;
  readonly result: CommandResult;
  readonly ageSeconds: number;
}

async function saveAfter(context: WarmContext, planned: PlannedBuild, after: AfterCommand): Promise<SaveReport> {
  const { restored, result, ageSeconds, withSave } = after;
  if (result.exitCode !== 0) return emptySaveReport('skipped', { reason: 'the command failed' });
  if (!withSave) return emptySaveReport('skipped', { reason: 'saving is switched off (`--no-save`)' });
  // Which steps ran is the command's to know: a mount that nobody touched may as well be one of a cached step.
  return save(context, planned, { restored, build: { seconds: result.seconds, ageSeconds, ranSteps: [] } });
}
