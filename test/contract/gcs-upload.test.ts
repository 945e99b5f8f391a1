import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLogger } from '../../src/core/logger.ts';
import type { OpenedStore } from '../../src/store/open-store.ts';
import { startGcsFront, type BreakingPoint, type GcsFront } from '../helpers/gcs-front.ts';
import { startGcs, type TestGcs } from '../helpers/gcs-server.ts';
import { scaledClock } from '../helpers/scaled-clock.ts';
import { openTestStore } from '../helpers/store-contract-open.ts';
import { newBlob, readAll } from '../helpers/store-contract-subject.ts';

const SIZE = 9_000_000;
const UNIT = 256 * 1024;

let server: TestGcs;
let front: GcsFront;
beforeAll(async () => {
  server = await startGcs();
  front = await startGcsFront(server);
}, 60_000);
afterAll(async () => {
  await front?.stop();
  await server?.stop();
});

interface Opened {
  readonly store: OpenedStore;
  readonly lines: readonly string[];
}

function open(): Opened {
  const lines: string[] = [];
  const store = openTestStore(
    { type: 'gcs', bucket: server.bucket },
    { STORAGE_EMULATOR_HOST: front.endpoint },
    { clock: scaledClock(10), logger: createLogger((_, line) => lines.push(line), true) },
  );
  return { store, lines };
}

/** The bytes that each request said it sends. */
function ranges(): readonly string[] {
  return front.seen.flatMap(({ contentRange }) => (contentRange === undefined ? [] : [contentRange.slice(6)]));
}

function sessionsBegun(): number {
  return front.seen.filter(({ method, path }) => method === 'POST' && path.includes('uploadType=resumable')).length;
}

function breaks(...points: readonly BreakingPoint[]): void {
  front.breakUploads((nth) => points[nth]);
}

async function expectWhole(store: OpenedStore, { blob, bytes }: ReturnType<typeof newBlob>): Promise<void> {
  const found = await store.readBlob(blob.digest);
  expect((await readAll(found!.body)).equals(bytes)).toBe(true);
}

test('one that arrives at once takes two requests', async () => {
  breaks();
  const { store } = open();
  const wanted = newBlob(SIZE);
  await store.writeBlob(wanted.blob, wanted.source);
  expect(sessionsBegun()).toBe(1);
  expect(ranges()).toEqual([`0-${SIZE - 1}/${SIZE}`]);
  await expectWhole(store, wanted);
});

test('one that breaks goes on where the session says it came to', async () => {
  breaks(4_000_000, 2_000_000);
  const { store, lines } = open();
  const wanted = newBlob(SIZE);
  const before = store.counters.bodyBytesSent;
  await store.writeBlob(wanted.blob, wanted.source);
  expect(sessionsBegun()).toBe(1);
  const [first, question, second, again, third] = ranges();
  expect([first, question, again]).toEqual([`0-${SIZE - 1}/${SIZE}`, `*/${SIZE}`, `*/${SIZE}`]);
  const starts = [second, third].map((range) => Number(range?.split('-')[0]));
  expect(starts[0]).toBeGreaterThanOrEqual(4_000_000 - UNIT);
  expect(starts[1]).toBeGreaterThanOrEqual(starts[0]! + 2_000_000 - UNIT);
  for (const start of starts) expect(start % UNIT).toBe(0);
  await expectWhole(store, wanted);
  // Not all of it three times; what was on its way when it broke counts as sent.
  expect(store.counters.bodyBytesSent - before).toBeLessThan(2.5 * SIZE);
  for (const id of front.seen.map(({ path }) => /upload_id=(\w+)/.exec(path)?.[1])) {
    if (id !== undefined) expect(lines.join('\n')).not.toContain(id);
  }
});

test('one that breaks too early for the service to keep anything begins from the start', async () => {
  breaks(1000);
  const { store } = open();
  const wanted = newBlob(SIZE);
  await store.writeBlob(wanted.blob, wanted.source);
  expect(sessionsBegun()).toBe(1);
  await expectWhole(store, wanted);
});

test('after an answer that was lost nothing is sent again', async () => {
  breaks('answer');
  const { store } = open();
  const wanted = newBlob(SIZE);
  await store.writeBlob(wanted.blob, wanted.source);
  // The next attempt looks first whether the blob is there, and it is.
  expect(ranges()).toEqual([`0-${SIZE - 1}/${SIZE}`]);
  await expectWhole(store, wanted);
});

test('a session that is forgotten meanwhile is begun anew', async () => {
  front.breakUploads((nth) => {
    if (nth > 0) return undefined;
    setTimeout(() => front.forgetSessions(), 20);
    return 3_000_000;
  });
  const { store } = open();
  const wanted = newBlob(SIZE);
  await store.writeBlob(wanted.blob, wanted.source);
  expect(sessionsBegun()).toBe(2);
  await expectWhole(store, wanted);
});

test('one that breaks in every attempt is given up, and nothing of it is there', async () => {
  breaks(1_000_000, 1_000_000, 1_000_000, 1_000_000);
  const { store } = open();
  const { blob, source } = newBlob(SIZE);
  const failure = store.writeBlob(blob, source).then(String, (error: unknown) => error);
  expect(await failure).toMatchObject({ code: 'STORE_UNREACHABLE' });
  expect(String(await failure)).not.toMatch(/upload_id|uploadType/);
  expect(ranges().filter((range) => !range.startsWith('*'))).toHaveLength(3);
  expect(await open().store.hasBlob(blob.digest)).toBe(false);
});

test('a source that turns out wrong after a break leaves nothing', async () => {
  breaks(3_000_000);
  const { store } = open();
  const { blob, bytes } = newBlob(SIZE);
  let opened = 0;
  const write = store.writeBlob(blob, async function* () {
    opened += 1;
    const body = opened === 1 ? bytes : Buffer.from(bytes).fill(0, SIZE - 10);
    for (let at = 0; at < SIZE; at += 65_536) yield body.subarray(at, at + 65_536);
  });
  await expect(write).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
  expect(opened).toBe(2);
  expect(await store.hasBlob(blob.digest)).toBe(false);
});

test('two who write the same large blob at once do not share a session', async () => {
  breaks(2_000_000);
  const { store } = open();
  const wanted = newBlob(SIZE);
  // Neither gives its first byte before the other one has begun, so that none finds what the other has written.
  const [begun, other] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const sourceOf = (own: () => void, awaited: Promise<void>) =>
    async function* (): AsyncGenerator<Uint8Array> {
      own();
      await awaited;
      yield* wanted.source();
    };
  await Promise.all([
    store.writeBlob(wanted.blob, sourceOf(begun.resolve, other.promise)),
    store.writeBlob(wanted.blob, sourceOf(other.resolve, begun.promise)),
  ]);
  expect(sessionsBegun()).toBe(2);
  await expectWhole(store, wanted);
});
