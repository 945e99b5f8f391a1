import type { Clock } from '../../core/clock.ts';
import { SlipwayError } from '../../core/errors.ts';
import { formatBytes } from '../../core/size.ts';
import type { TimeBudget } from './time-budget.ts';

export interface MinimumRate {
  readonly bytesPerSecond: number;
  /** The average counts over windows of this length. */
  readonly windowSeconds: number;
}

export const DEFAULT_MINIMUM_RATE: MinimumRate = { bytesPerSecond: 256 * 1024, windowSeconds: 10 };

/** A larger chunk would look like a standstill until all of it is taken. */
const MAX_PIECE_BYTES = 64 * 1024;

export interface RateOptions {
  readonly clock: Clock;
  readonly rate: MinimumRate;
  readonly place: string;
  readonly budget: TimeBudget;
}

/**
 * Passes a download on as long as it keeps up the rate; else it ends with TIMEOUT. Only the time spent waiting for the
 * other side counts, so a slow disk or a pause of ours is no fault of the store.
 */
export async function* downloadAtRate(
  body: AsyncIterable<Uint8Array>,
  options: RateOptions,
): AsyncGenerator<Uint8Array> {
  const { clock, rate, budget } = options;
  const windowMs = rate.windowSeconds * 1000;
  const iterator = body[Symbol.asyncIterator]();
  let bytes = 0;
  let waitedMs = 0;
  let isOver = false;
  // One request for a chunk may stay open over several windows.
  let pending: Promise<IteratorResult<Uint8Array>> | undefined;
  try {
    for (;;) {
      pending ??= iterator.next();
      const askedAt = clock.monotonic();
      const next = await orWindowOver(pending, windowMs - waitedMs, options);
      waitedMs += clock.monotonic() - askedAt;
      if (next !== 'window-over' && next.done) {
        isOver = true;
        return;
      }
      if (next !== 'window-over') bytes += next.value.byteLength;
      if (next === 'window-over' || waitedMs >= windowMs) {
        if (bytes < rate.bytesPerSecond * rate.windowSeconds) throw belowRate(options);
        [bytes, waitedMs] = [0, 0];
      }
      if (next === 'window-over') continue;
      pending = undefined;
      yield next.value;
    }
  } finally {
    if (!isOver) {
      // The transfer is of no use to anybody any more: let the connection go.
      budget.abort(new SlipwayError('INTERNAL', 'the transfer was given up by its reader'));
      void Promise.resolve(iterator.return?.()).catch(() => undefined);
    }
    budget.end();
  }
}

async function orWindowOver(
  next: Promise<IteratorResult<Uint8Array>>,
  ms: number,
  options: RateOptions,
): Promise<IteratorResult<Uint8Array> | 'window-over'> {
  const { signal } = options.budget;
  // When the abort is first, nobody waits for this one any more.
  next.catch(() => undefined);
  signal.throwIfAborted();
  const timer = new AbortController();
  const aborted = Promise.withResolvers<never>();
  aborted.promise.catch(() => undefined);
  const onAbort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const windowOver = options.clock.sleep(Math.max(ms, 0), timer.signal).then(
    () => 'window-over' as const,
    () => 'window-over' as const,
  );
  try {
    return await Promise.race([next, windowOver, aborted.promise]);
  } finally {
    timer.abort();
    signal.removeEventListener('abort', onAbort);
  }
}

/** Counts an upload's bytes as the other side takes them, and aborts the budget when a window brings too few. */
export async function* uploadAtRate(
  source: AsyncIterable<Uint8Array>,
  options: RateOptions,
): AsyncGenerator<Uint8Array> {
  const { clock, rate, budget } = options;
  const watch = new AbortController();
  let bytes = 0;
  const watching = async (): Promise<void> => {
    for (;;) {
      bytes = 0;
      await clock.sleep(rate.windowSeconds * 1000, watch.signal);
      if (watch.signal.aborted) return;
      if (bytes < rate.bytesPerSecond * rate.windowSeconds) budget.abort(belowRate(options));
    }
  };
  watching().catch(() => undefined);
  try {
    for await (const chunk of source) {
      for (let at = 0; at < chunk.byteLength; at += MAX_PIECE_BYTES) {
        const piece = chunk.subarray(at, at + MAX_PIECE_BYTES);
        yield piece;
        // Back here means the piece was taken and the next one is wanted.
        bytes += piece.byteLength;
      }
    }
  } finally {
    watch.abort();
  }
}

function belowRate({ place, rate }: RateOptions): SlipwayError {
  const wanted = `${formatBytes(rate.bytesPerSecond)} a second over ${rate.windowSeconds} s`;
  return new SlipwayError('TIMEOUT', `the transfer with \`${place}\` was slower than ${wanted}`, {
    hint: 'A cache that slow costs more than it saves; look for one nearer to the builder.',
  });
}
