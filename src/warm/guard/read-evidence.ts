import type { BuildRecord, RestoredShare } from '../../pack/types.ts';
import type { BuildsOnRecord } from '../types.ts';

/** What a scope's history says of its builds and of the way to its store; undefined where it says nothing. */
export interface Evidence {
  /** Seconds of a build that found nothing in its mounts, everything, only modules. */
  readonly coldSeconds: number | undefined;
  readonly warmSeconds: number | undefined;
  readonly modulesSeconds: number | undefined;
  /** Seconds of a restore for so many bytes to move and to unpack. */
  restoreSeconds(bytes: RestoreBytes): number | undefined;
}

export interface RestoreBytes {
  /** Gzip'd bytes that the store has to send: what lies on this machine already doesn't count. */
  readonly toMove: number;
  /** Gzip'd bytes of all packs that have to be unpacked. */
  readonly toInject: number;
}

/**
 * Builds of a kind that count, and records whose rates count. When the last ten builds restored nothing, what is known of
 * the way to the store is too old, and it is tried again.
 */
const MOST_BUILDS = 5;
const MOST_RECORDS = 10;

/**
 * What was so much smaller than what is to come says more of latency, or of how long a build takes to start, than of a
 * rate; but a download that ran for a while does, however little came.
 */
const LEAST_SHARE = 0.25;
const LEAST_DOWNLOAD_SECONDS = 3;

/** Reads a history, newest first. Medians, since one slow day is no rule. */
export function readEvidence(history: readonly BuildRecord[]): Evidence {
  const recent = history.slice(0, MOST_RECORDS);
  return {
    coldSeconds: median(history.filter(({ isCold }) => isCold).slice(0, 3), ({ buildSeconds }) => buildSeconds),
    warmSeconds: buildsOf(history, 'all'),
    modulesSeconds: buildsOf(history, 'modules'),
    restoreSeconds: (bytes) => estimateRestore(recent, bytes),
  };
}

/** Builds to measure a restore by; undefined until there is one of both kinds. */
export function buildsOnRecord(history: readonly BuildRecord[], share: RestoredShare): BuildsOnRecord | undefined {
  const { coldSeconds, warmSeconds: all, modulesSeconds } = readEvidence(history);
  const warmSeconds = { all, modules: modulesSeconds, part: undefined, none: undefined }[share];
  return coldSeconds === undefined || warmSeconds === undefined ? undefined : { coldSeconds, warmSeconds };
}

function buildsOf(history: readonly BuildRecord[], share: RestoredShare): number | undefined {
  const builds = history.filter(({ restored, isCold }) => restored === share && !isCold);
  return median(builds.slice(0, MOST_BUILDS), ({ buildSeconds }) => buildSeconds);
}

/**
 * Downloads and unpacking run side by side, so the slower of the two decides; what the rest took is added. Where only
 * restores that were stopped are on record, they would have taken at least so long.
 */
function estimateRestore(history: readonly BuildRecord[], { toMove, toInject }: RestoreBytes): number | undefined {
  const moves = history.filter(
    ({ restoredBytes, downloadSeconds = 0 }) =>
      restoredBytes > 0 &&
      downloadSeconds > 0 &&
      (restoredBytes >= toMove * LEAST_SHARE || downloadSeconds >= LEAST_DOWNLOAD_SECONDS),
  );
  const injects = history.filter(
    ({ injectedBytes = 0, injectSeconds = 0 }) => injectSeconds > 0 && injectedBytes >= toInject * LEAST_SHARE,
  );
  const perMoved = median(moves, ({ restoredBytes, downloadSeconds = 0 }) => downloadSeconds / restoredBytes);
  const perInjected = median(injects, ({ injectedBytes = 1, injectSeconds = 0 }) => injectSeconds / injectedBytes);
  const isKnown = toMove > 0 ? perMoved !== undefined : perInjected !== undefined;
  if (!isKnown) {
    const stopped = history.filter(({ restored }) => restored === 'part');
    return median(stopped, ({ restoreSeconds }) => restoreSeconds);
  }
  return (median(injects, restOf) ?? 0) + Math.max(toMove * (perMoved ?? 0), toInject * (perInjected ?? 0));
}

/** What a restore took beside the longer of its two parts: reading, looking into the mounts, starting builds. */
function restOf({ restoreSeconds, downloadSeconds = 0, injectSeconds = 0 }: BuildRecord): number {
  return Math.max(0, restoreSeconds - Math.max(downloadSeconds, injectSeconds));
}

function median<T>(items: readonly T[], value: (item: T) => number): number | undefined {
  const sorted = items.map(value).sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle];
  const [low, high] = [sorted[middle - 1], sorted[middle]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}
