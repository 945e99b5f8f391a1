import type { Clock } from '../../core/clock.ts';
import { judgeProgress, type RestoreLimits, type StopVerdict } from './judge-progress.ts';

/** Looks after one restore while it runs. */
export interface RestoreWatch extends Disposable {
  /** Aborted when downloads don't pay any more; what is here is still used. */
  readonly enough: AbortSignal;
  /** Aborted when the whole restore has to end. */
  readonly over: AbortSignal;
  /** Tells which bytes are to come, each time downloads start. */
  expect(bytes: number): void;
  onBytes(bytes: number): void;
  onDownloaded(): void;
  verdict(): StopVerdict | undefined;
}

const LOOK_EVERY_MS = 500;

/** `elapsedSeconds` counts from the beginning of the restore, reading included. */
export function watchRestore(
  clock: Clock,
  options: { readonly limits: RestoreLimits; readonly elapsedSeconds: () => number },
): RestoreWatch {
  const [enough, over, ended] = [new AbortController(), new AbortController(), new AbortController()];
  let verdict: StopVerdict | undefined;
  let bytesTotal = 0;
  let bytesDone = 0;
  let startedAt: number | undefined;
  let downloadedAtSeconds: number | undefined;
  const look = (): void => {
    if (enough.signal.aborted && over.signal.aborted) return;
    const found = judgeProgress(options.limits, {
      elapsedSeconds: options.elapsedSeconds(),
      downloadSeconds: startedAt === undefined ? 0 : (clock.monotonic() - startedAt) / 1000,
      bytesDone,
      bytesTotal,
      downloadedAtSeconds,
    });
    if (found === undefined || (found.stop === 'download' && enough.signal.aborted)) return;
    verdict ??= found;
    enough.abort(new RestoreStopped(found));
    if (found.stop === 'restore') over.abort(new RestoreStopped(found));
  };
  const looking = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(LOOK_EVERY_MS, ended.signal);
      look();
    }
  };
  // Ends by its signal when the watch is disposed of; `look` itself throws nothing.
  looking().catch(() => undefined);
  return {
    enough: enough.signal,
    over: over.signal,
    expect: (bytes) => {
      [bytesTotal, bytesDone] = [bytes, 0];
      startedAt = clock.monotonic();
      downloadedAtSeconds = undefined;
    },
    onBytes: (bytes) => {
      bytesDone += bytes;
    },
    onDownloaded: () => {
      downloadedAtSeconds ??= options.elapsedSeconds();
    },
    verdict: () => verdict,
    [Symbol.dispose]: () => ended.abort(new Error('the restore is over')),
  };
}

/** What the signals of a watch are aborted with: no fault of the cache. */
export class RestoreStopped extends Error {
  readonly verdict: StopVerdict;

  constructor(verdict: StopVerdict) {
    super(verdict.reason);
    this.name = 'RestoreStopped';
    this.verdict = verdict;
  }
}
