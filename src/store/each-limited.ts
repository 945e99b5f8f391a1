export interface LimitOptions {
  readonly concurrency: number;
  readonly signal?: AbortSignal;
}

/** Runs `work` on every item, so many at a time; the first failure stops the others, and is thrown when they have ended. */
export async function forEachLimited<T>(
  items: readonly T[],
  options: LimitOptions,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const queue = items.values();
  let failed = false;
  let failure: unknown;
  const worker = async (): Promise<void> => {
    for (const item of queue) {
      if (signal.aborted) return;
      try {
        await work(item, signal);
      } catch (error) {
        if (!failed) [failed, failure] = [true, error];
        stop.abort(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, options.concurrency) }, worker));
  if (failed) throw failure;
  options.signal?.throwIfAborted();
}
