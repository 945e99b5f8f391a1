import type { Clock } from '../../core/clock.ts';
import type { BlobSource, BlobStream, Store } from '../port.ts';
import { aroundStore, type Around } from './around.ts';
import { downloadAtRate, uploadAtRate, type MinimumRate } from './minimum-rate.ts';
import { planRetry } from './retry-policy.ts';
import { startTimeBudget, type TimeBudget } from './time-budget.ts';

export interface PatienceOptions {
  readonly clock: Clock;
  /** To the first answer, over all attempts; waits that a server asked for don't count. */
  readonly timeoutSeconds: number;
  readonly minimumRate: MinimumRate;
  readonly random: () => number;
}

/** A server that stores elsewhere may copy the whole before it answers an upload: it gets a second for so many bytes. */
const COMMIT_BYTES_PER_SECOND = 8 * 1024 * 1024;

/**
 * Repeats what may be repeated and bounds how long everything takes: one budget until the first answer of all attempts
 * together, then a minimum rate for bodies.
 */
export function patientStore(inner: Store, options: PatienceOptions): Store {
  const { clock, minimumRate: rate, timeoutSeconds } = options;
  const place = inner.description;
  const start = (signal: AbortSignal | undefined): TimeBudget =>
    startTimeBudget({ clock, place, seconds: timeoutSeconds, ...(signal && { signal }) });

  const simple: Around = async (_call, run, signal) => {
    const budget = start(signal);
    try {
      return await attempts(() => run(budget.signal), budget, options);
    } finally {
      budget.end();
    }
  };

  return {
    ...aroundStore(inner, simple),
    async readBlob(digest, readOptions) {
      const budget = start(readOptions?.signal);
      let found: BlobStream | undefined;
      try {
        const read = () => inner.readBlob(digest, { ...readOptions, signal: budget.signal });
        found = await attempts(read, budget, options);
      } finally {
        if (found) budget.pause();
        else budget.end();
      }
      return found && { ...found, body: downloadAtRate(found.body, { clock, rate, place, budget }) };
    },
    async writeBlob(blob, source, writeOptions) {
      const budget = start(writeOptions?.signal);
      let bytesSent = 0;
      const watched: BlobSource = async function* () {
        budget.pause();
        for await (const chunk of uploadAtRate(source(), { clock, rate, place, budget })) {
          bytesSent += chunk.byteLength;
          yield chunk;
        }
        budget.restart(timeoutSeconds + blob.sizeBytes / COMMIT_BYTES_PER_SECOND);
      };
      const write = () => inner.writeBlob(blob, watched, { ...writeOptions, signal: budget.signal });
      try {
        await attempts(write, budget, options);
        return { bytesSent };
      } finally {
        budget.end();
      }
    },
  };
}

async function attempts<T>(run: () => Promise<T>, budget: TimeBudget, options: PatienceOptions): Promise<T> {
  const { clock, random } = options;
  let askedSeconds = 0;
  for (let made = 1; ; made += 1) {
    try {
      return await run();
    } catch (error) {
      budget.signal.throwIfAborted();
      const delay = planRetry(error, { attempts: made, askedSeconds, random: random() });
      if (!delay) throw error;
      if (delay.isAsked) {
        askedSeconds += delay.seconds;
        budget.pause();
      }
      await clock.sleep(delay.seconds * 1000, budget.signal);
      if (delay.isAsked) budget.restart();
    }
  }
}
