import type { RestoredShare } from '../pack/types.ts';
import type { StoredState } from './stored-state.ts';
import type { Stopwatch } from './stopwatch.ts';
import type { RestoreReport, RestoreState } from './types.ts';

export interface RestoreOutcome {
  readonly report: RestoreReport;
  /** What the store held; undefined when it wasn't read or couldn't be. */
  readonly state: StoredState | undefined;
  /** First line of the marker that this run left in the mounts. */
  readonly marker: string | undefined;
  /** Entries that the mounts held before. */
  readonly entriesBefore: number | undefined;
  /** What the build finds of what is stored, for the history; undefined when that can't be told. */
  readonly share: RestoredShare | undefined;
  readonly injectedBytes: number;
  /** Modules (`<escaped path>@<escaped version>`) of which the mounts may hold no more than what this build imports. */
  readonly trees?: readonly string[];
  /** The store failed and that was told: a save that fails at it too has nothing new to say. */
  readonly isStoreFaultTold: boolean;
}

/** The outcome of a restore that changed nothing in the mounts. */
export function notRestored(
  watch: Stopwatch,
  state: RestoreState,
  why: { reason?: string; hint?: string },
): RestoreOutcome {
  const { reason, hint } = why;
  return {
    report: {
      ...emptyReport(watch),
      state,
      seconds: watch.seconds(),
      ...(reason === undefined ? {} : { reason }),
      ...(hint === undefined ? {} : { hint }),
    },
    state: undefined,
    marker: undefined,
    entriesBefore: undefined,
    share: state === 'nothing-stored' ? 'none' : undefined,
    injectedBytes: 0,
    isStoreFaultTold: false,
  };
}

/** What a report says before anything was moved. */
export function emptyReport(watch: Stopwatch): Omit<RestoreReport, 'state'> {
  return {
    snapshots: [],
    packsMoved: 0,
    bytesMoved: 0,
    entriesRestored: 0,
    seconds: 0,
    phases: watch.phases,
    warnings: [],
  };
}
