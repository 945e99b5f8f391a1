import { describe, expect, test } from 'vitest';
import { SlipwayError } from '../../../../src/core/errors.ts';
import { createMemoryStore } from '../../../../src/store/backends/memory/memory-store.ts';
import { DEFAULT_MINIMUM_RATE } from '../../../../src/store/decorators/minimum-rate.ts';
import { patientStore } from '../../../../src/store/decorators/patient.ts';
import type { Store } from '../../../../src/store/port.ts';
import { manualClock, type ManualClock } from '../../../helpers/manual-clock.ts';
import { newBlob, readAll } from '../../../helpers/store-contract-subject.ts';

const KIB = 1024;

function patient(part: Partial<Store>, clock: ManualClock, timeoutSeconds = 10): Store {
  const inner = { ...createMemoryStore(), ...part };
  return patientStore(inner, { clock, timeoutSeconds, minimumRate: DEFAULT_MINIMUM_RATE, random: () => 0.5 });
}

/** How a promise ended, to look at after the time was moved. */
function outcomeOf<T>(promise: Promise<T>): { value?: T; error?: unknown } {
  const outcome: { value?: T; error?: unknown } = {};
  promise.then(
    (value) => (outcome.value = value),
    (error: unknown) => (outcome.error = error),
  );
  return outcome;
}

const hang = (signal?: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));

describe('the first answer', () => {
  test('must come in time; then the call is over, and not repeated', async () => {
    const clock = manualClock();
    let calls = 0;
    const store = patient({ hasBlob: (_, options) => ((calls += 1), hang(options?.signal)) }, clock);
    const outcome = outcomeOf(store.hasBlob(newBlob().blob.digest));
    await clock.advance(9_999);
    expect(outcome).toEqual({});
    await clock.advance(1);
    expect(outcome.error).toMatchObject({ code: 'TIMEOUT', message: expect.stringContaining('within 10 s') });
    await clock.advance(60_000);
    expect(calls).toBe(1);
    expect(clock.sleepers).toBe(0);
  });

  test('has one time for all attempts together', async () => {
    const clock = manualClock();
    const starts: number[] = [];
    const failing = async (signal?: AbortSignal): Promise<never> => {
      starts.push(clock.monotonic());
      await clock.sleep(6_000, signal);
      throw new SlipwayError('STORE_FAILED', 'busy', { retryable: true });
    };
    const store = patient({ listSnapshots: (_, options) => failing(options?.signal) }, clock);
    const outcome = outcomeOf(store.listSnapshots('main'));
    await clock.advance(10_000);
    expect(outcome.error).toMatchObject({ code: 'TIMEOUT' });
    expect(starts).toEqual([0, 6_500]);
  });

  test('is not late because a server asked us to wait', async () => {
    const clock = manualClock();
    const starts: number[] = [];
    const store = patient(
      {
        listSnapshots: async () => {
          starts.push(clock.monotonic());
          if (starts.length < 3) {
            throw new SlipwayError('STORE_RATE_LIMITED', 'busy', { retryable: true, retryAfterSeconds: 14 });
          }
          return [];
        },
      },
      clock,
    );
    const outcome = outcomeOf(store.listSnapshots('main'));
    await clock.advance(28_000);
    expect(outcome.value).toEqual([]);
    expect(starts).toEqual([0, 14_000, 28_000]);
    expect(clock.sleepers).toBe(0);
  });

  test('an abort while waiting for the next attempt ends it with its reason', async () => {
    const clock = manualClock();
    const controller = new AbortController();
    const store = patient(
      { readSnapshot: () => Promise.reject(new SlipwayError('STORE_FAILED', 'x', { retryable: true })) },
      clock,
    );
    const read = store.readSnapshot({ scope: 'a', sequence: 1, nonce: '0a0b0c0d' }, { signal: controller.signal });
    const outcome = outcomeOf(read);
    await clock.advance(100);
    controller.abort('enough');
    await clock.advance(0);
    expect(outcome.error).toBe('enough');
    expect(clock.sleepers).toBe(0);
  });
});

describe('a download', () => {
  const body = (clock: ManualClock, chunk: number, everyMs: number, count: number) =>
    async function* (): AsyncGenerator<Uint8Array> {
      for (let i = 0; i < count; i += 1) {
        await clock.sleep(everyMs);
        yield new Uint8Array(chunk);
      }
    };
  const reading = (
    clock: ManualClock,
    chunks: () => AsyncGenerator<Uint8Array>,
  ): { value?: Buffer; error?: unknown } => {
    const store = patient({ readBlob: async () => ({ offset: 0, body: chunks() }) }, clock);
    return outcomeOf((async () => readAll((await store.readBlob(newBlob().blob.digest))!.body))());
  };

  test('may take as long as it wants at the minimum rate', async () => {
    const clock = manualClock();
    const outcome = reading(clock, body(clock, 256 * KIB, 1000, 60));
    await clock.advance(60_000);
    expect(outcome.value?.byteLength).toBe(60 * 256 * KIB);
    expect(clock.sleepers).toBe(0);
  });

  test('below it ends after the first window', async () => {
    const clock = manualClock();
    const outcome = reading(clock, body(clock, 255 * KIB, 1000, 60));
    await clock.advance(9_000);
    expect(outcome).toEqual({});
    await clock.advance(1_000);
    expect(outcome.error).toMatchObject({ code: 'TIMEOUT', message: expect.stringContaining('slower than') });
  });

  test('that stops in the middle ends one window later', async () => {
    const clock = manualClock();
    const outcome = reading(clock, async function* () {
      for (let i = 0; i < 100; i += 1) yield new Uint8Array(256 * KIB);
      await clock.sleep(3_600_000);
    });
    await clock.advance(10_000);
    expect(outcome).toEqual({});
    await clock.advance(10_000);
    expect(outcome.error).toMatchObject({ code: 'TIMEOUT' });
  });

  test('is not slow because its reader is', async () => {
    const clock = manualClock();
    const store = patient({ readBlob: async () => ({ offset: 0, body: body(clock, 64 * KIB, 0, 20)() }) }, clock);
    const outcome = outcomeOf(
      (async () => {
        let size = 0;
        for await (const chunk of (await store.readBlob(newBlob().blob.digest))!.body) {
          size += chunk.byteLength;
          await clock.sleep(60_000);
        }
        return size;
      })(),
    );
    await clock.advance(20 * 60_000);
    expect(outcome.value).toBe(20 * 64 * KIB);
  });
});

describe('an upload', () => {
  test('that is taken at the minimum rate may take long, and its answer has time of its own', async () => {
    const clock = manualClock();
    const { blob, source } = newBlob(4 * 1024 * KIB);
    const store = patient(
      {
        async writeBlob(_, open) {
          await clock.sleep(9_000);
          for await (const chunk of open()) await clock.sleep((chunk.byteLength / (300 * KIB)) * 1000);
          await clock.sleep(10_000);
          return { bytesSent: 0 };
        },
      },
      clock,
    );
    const outcome = outcomeOf(store.writeBlob(blob, source));
    await clock.advance(60_000);
    expect(outcome).toEqual({ value: { bytesSent: blob.sizeBytes } });
    expect(clock.sleepers).toBe(0);
  });

  test.each([
    ['is taken too slowly', 100 * KIB],
    ['is not taken at all', 0.001],
  ])('that %s is ended', async (_, rate) => {
    const clock = manualClock();
    const { blob, source } = newBlob(8 * 1024 * KIB);
    const store = patient(
      {
        async writeBlob(_blob, open, options) {
          for await (const chunk of open()) await clock.sleep((chunk.byteLength / rate) * 1000, options?.signal);
          return { bytesSent: 0 };
        },
      },
      clock,
    );
    const outcome = outcomeOf(store.writeBlob(blob, source));
    await clock.advance(10_000);
    expect(outcome.error).toMatchObject({ code: 'TIMEOUT' });
  });

  test('that is repeated counts what went out each time', async () => {
    const clock = manualClock();
    const { blob, source } = newBlob(1000);
    let attempts = 0;
    const store = patient(
      {
        async writeBlob(_, open) {
          attempts += 1;
          await readAll(open());
          if (attempts < 3) throw new SlipwayError('STORE_UNREACHABLE', 'reset', { retryable: true });
          return { bytesSent: 1000 };
        },
      },
      clock,
    );
    const outcome = outcomeOf(store.writeBlob(blob, source));
    await clock.advance(2_000);
    expect(outcome.value).toEqual({ bytesSent: 3000 });
  });
});
