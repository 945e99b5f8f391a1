import { formatBytes, formatSeconds } from '../../core/size.ts';

/** What a restore may cost. */
export interface RestoreLimits {
  /** What the history expects it to take; undefined where it doesn't know. */
  readonly restoreSeconds: number | undefined;
  /** What it is expected to save; undefined = no limit. */
  readonly savingSeconds: number | undefined;
}

/** How far a restore is. */
export interface RestoreProgress {
  /** Since it began. */
  readonly elapsedSeconds: number;
  /** Since the first byte was asked for. */
  readonly downloadSeconds: number;
  readonly bytesDone: number;
  readonly bytesTotal: number;
  /** `elapsedSeconds` when the last byte was here; undefined before. */
  readonly downloadedAtSeconds: number | undefined;
}

export interface StopVerdict {
  /** `download`: what is here already is still unpacked. `restore`: everything ends, and the build starts. */
  readonly stop: 'download' | 'restore';
  readonly reason: string;
}

/** A rate is believed when bytes came for so long. */
const MEASURE_SECONDS = 3;

/** Unpacking that takes so many times what was expected is stopped, but never before it ran for a while. */
const FACTOR = 4;
const LEAST_SECONDS = 30;

/**
 * Decides while a restore runs whether it still pays, by the rate at which the store really sends. It may never take
 * longer than what it is expected to save, so that a build costs at most that much more than without a cache.
 */
export function judgeProgress(limits: RestoreLimits, progress: RestoreProgress): StopVerdict | undefined {
  const { savingSeconds } = limits;
  if (savingSeconds === undefined) return undefined;
  const { elapsedSeconds, downloadSeconds, bytesDone, bytesTotal, downloadedAtSeconds } = progress;
  if (elapsedSeconds > savingSeconds) {
    return { stop: 'restore', reason: `it took longer than the ${formatSeconds(savingSeconds)} that it was to save` };
  }
  if (downloadedAtSeconds === undefined && downloadSeconds >= MEASURE_SECONDS) {
    const rate = bytesDone / downloadSeconds;
    const left = rate === 0 ? Number.POSITIVE_INFINITY : (bytesTotal - bytesDone) / rate;
    if (left <= savingSeconds) return undefined;
    const howLong = Number.isFinite(left) ? formatSeconds(left) : 'for ever';
    return {
      stop: 'download',
      reason: `at ${formatBytes(rate)} a second the other ${formatBytes(bytesTotal - bytesDone)} would take ${howLong} and save ${formatSeconds(savingSeconds)}`,
    };
  }
  if (downloadedAtSeconds === undefined || limits.restoreSeconds === undefined) return undefined;
  const expected = Math.max(limits.restoreSeconds, downloadedAtSeconds);
  if (elapsedSeconds <= Math.max(LEAST_SECONDS, FACTOR * expected)) return undefined;
  return {
    stop: 'restore',
    reason: `it took ${FACTOR} times the ${formatSeconds(expected)} that were expected`,
  };
}
