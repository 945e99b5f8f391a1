import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Store } from '../../../src/store/port.ts';
import { createMemoryStore } from '../../../src/store/backends/memory/memory-store.ts';
import { entriesOf, warmClient } from '../../helpers/warm-client.ts';

const SCOPE = 'main';
/** One pack of more than 1 MB, which can be broken off in the middle. */
const CONTENTS = Array.from({ length: 20 }, () => randomBytes(48_000).toString('base64'));

let directory: string;
let store: Store;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-prefetch-'));
  store = createMemoryStore();
  await warmClient({ store, scope: SCOPE, workDirectory: path.join(directory, 'saver') }).push([CONTENTS]);
});

afterEach(() => rm(directory, { recursive: true, force: true }));

/** The machine that restores, with the store as it sees it. */
function machine(seen: Store = store, signal?: AbortSignal) {
  const workDirectory = path.join(directory, 'restorer');
  return warmClient({ store: seen, scope: SCOPE, workDirectory, ...(signal === undefined ? {} : { signal }) });
}

it('what was prefetched is there for the restore, and not moved again', async () => {
  const report = await machine().prefetch();
  expect(report).toMatchObject({ state: 'prefetched', packsMoved: 1, warnings: [] });
  expect(report.bytesMoved).toBeGreaterThan(900_000);
  const pulled = await machine().pull();
  expect(pulled.entries).toEqual(entriesOf(CONTENTS));
  expect(pulled.bytesMoved).toBe(0);
  expect(await machine().prefetch()).toMatchObject({ state: 'prefetched', packsMoved: 0, bytesMoved: 0 });
});

it('one that is ended in the middle leaves what it has, and the restore goes on there', async () => {
  const abort = new AbortController();
  const slow: Store = {
    ...store,
    readBlob: async (digest, options) => {
      const found = await store.readBlob(digest, options);
      if (found === undefined) return undefined;
      return { ...found, body: brokenOff(found.body, abort) };
    },
  };
  await expect(machine(slow, abort.signal).prefetch()).rejects.toThrow('taken over');
  const pulled = await machine().pull();
  expect(pulled.entries).toEqual(entriesOf(CONTENTS));
  expect(pulled.bytesMoved).toBeGreaterThan(0);
  expect(pulled.bytesMoved).toBeLessThan(700_000);
});

/** The first half of what is large; then the process is told to end. */
async function* brokenOff(body: AsyncIterable<Uint8Array>, abort: AbortController): AsyncGenerator<Uint8Array> {
  const bytes = await buffer(body);
  if (bytes.byteLength < 500_000) return yield bytes;
  yield bytes.subarray(0, 600_000);
  abort.abort(new Error('taken over'));
  throw abort.signal.reason;
}

it('nothing is stored: so it says', async () => {
  const empty = createMemoryStore();
  expect(await machine(empty).prefetch()).toMatchObject({ state: 'nothing-stored', packsMoved: 0 });
});

it.each([
  ['fails', {}, 'failed'],
  ['may not be read', { refusal: { read: 'cache read denied' } }, 'skipped'],
])('a store that %s is an outcome', async (_how, more, state) => {
  const broken: Store = {
    ...store,
    ...more,
    listSnapshots: () => {
      throw new Error('the store is dead');
    },
  };
  const client = warmClient({ store: broken, scope: SCOPE, workDirectory: directory, isStrict: false });
  expect(await client.prefetch()).toMatchObject({ state, reason: expect.stringMatching(/dead|denied/) });
});
