import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { SlipwayError } from '../../../src/core/errors.ts';
import { openLocalCache } from '../../../src/gocacheprog/local-cache.ts';
import { packNewEntries } from '../../../src/gocacheprog/pack-new-entries.ts';
import { openRemotePacks, type PackIndex, type RemotePacks } from '../../../src/gocacheprog/remote-packs.ts';
import type { PackFacts, PackRecord } from '../../../src/pack/types.ts';
import { createMemoryStore } from '../../../src/store/backends/memory/memory-store.ts';
import { verifiedStore } from '../../../src/store/decorators/verified.ts';
import type { Store } from '../../../src/store/port.ts';
import { countCases } from '../../helpers/count-cases.ts';

const PATIENCE_MS = 150;
const ENTRIES = 40;

let directory: string;
let facts: PackFacts;
let bytes: Buffer;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'slipway-remote-'));
  const local = openLocalCache(join(directory, 'writer'), Date.now);
  const newActions = new Map<string, string>();
  for (let i = 0; i < ENTRIES; i += 1) {
    const body = Buffer.from(`output ${i}`.repeat(50));
    const [action, output] = [hex(`action ${i}`), hex(body)];
    await local.put(action, output, body);
    newActions.set(action, output);
  }
  const file = join(directory, 'pack');
  facts = (await packNewEntries({ newActions, known: new Set(), local, file, signal: never() }))!;
  bytes = await readFile(file);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

function hex(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function never(): AbortSignal {
  return new AbortController().signal;
}

const hang = <T>(): Promise<T> => new Promise(() => undefined);

async function open(
  change: (store: Store) => Partial<Store>,
  readIndex?: () => Promise<PackIndex>,
  patienceMs = PATIENCE_MS,
): Promise<RemotePacks> {
  const memory = createMemoryStore();
  const blob = { ...facts, mediaType: 'application/octet-stream' };
  await memory.writeBlob(blob, async function* () {
    yield bytes;
  });
  const home = await mkdtemp(join(directory, 'reader-'));
  const index: PackIndex = {
    packs: [facts as unknown as PackRecord],
    entriesByPack: new Map([[facts.digest, facts.entries]]),
  };
  return openRemotePacks({
    store: verifiedStore({ ...memory, ...change(memory) }),
    readIndex: readIndex ?? (async () => index),
    local: openLocalCache(join(home, 'local'), Date.now),
    directory: join(home, 'packs'),
    clock: systemClock,
    signal: never(),
    log: () => undefined,
    patienceMs,
  });
}

test('the pack that holds an entry is fetched once, and serves all of them', async () => {
  const remote = await open(() => ({}), undefined, 30_000);
  const found = await Promise.all(Array.from({ length: ENTRIES }, (_, i) => remote.find(hex(`action ${i}`))));
  for (const [i, hit] of found.entries()) expect(await readFile(hit!.path, 'utf8')).toBe(`output ${i}`.repeat(50));
  expect(await remote.find(hex('somebody else'))).toBeUndefined();
  expect(remote.packsFetched).toBe(1);
});

test('nothing is fetched for what the store does not have', async () => {
  const remote = await open(() => ({}));
  expect(await remote.find(hex('somebody else'))).toBeUndefined();
  expect(remote.packsFetched).toBe(0);
});

test('what came too late serves later requests', async () => {
  const gate = Promise.withResolvers<void>();
  const remote = await open((store) => ({
    readBlob: async (digest, options) => {
      await gate.promise;
      return store.readBlob(digest, options);
    },
  }));
  expect(await remote.find(hex('action 1'))).toBeUndefined();
  // Nobody else waits for it.
  const startedAt = performance.now();
  for (let i = 0; i < 20; i += 1) expect(await remote.find(hex(`action ${i}`))).toBeUndefined();
  // Two more would wait before nobody does any more.
  expect(performance.now() - startedAt).toBeLessThan(2 * PATIENCE_MS);
  gate.resolve();
  await expect.poll(() => remote.packsFetched).toBe(1);
  expect((await remote.find(hex('action 1')))?.sizeBytes).toBe('output 1'.length * 50);
});

describe('a store that fails means a miss in bounded time', () => {
  const failure = new SlipwayError('STORE_UNREACHABLE', 'gone', { retryable: false });
  const body = (chunks: () => AsyncIterable<Uint8Array>): Partial<Store> => ({
    readBlob: async () => ({ offset: 0, body: chunks() }),
  });
  const altered = (at: number): Buffer => {
    const copy = Buffer.from(bytes);
    copy[at] = copy[at]! ^ 1;
    return copy;
  };
  const FAULTS: [string, () => Partial<Store>, (() => Promise<PackIndex>)?][] = [
    ['the index throws', () => ({}), () => Promise.reject(failure)],
    ['the index hangs', () => ({}), hang],
    ['a read throws', () => ({ readBlob: () => Promise.reject(failure) })],
    ['a read hangs', () => ({ readBlob: hang })],
    ['the pack is gone', () => ({ readBlob: async () => undefined })],
    [
      'a body that hangs',
      () =>
        body(async function* () {
          yield bytes.subarray(0, 100);
          await hang();
        }),
    ],
    [
      'a body that breaks',
      () =>
        body(async function* () {
          yield bytes.subarray(0, 100);
          throw failure;
        }),
    ],
    [
      'a short body',
      () =>
        body(async function* () {
          yield bytes.subarray(0, -1);
        }),
    ],
    [
      'a long body',
      () =>
        body(async function* () {
          yield bytes;
          yield bytes;
        }),
    ],
    ['no body', () => body(async function* () {})],
    [
      'garbage',
      () =>
        body(async function* () {
          yield Buffer.alloc(bytes.byteLength, 7);
        }),
    ],
    [
      'a bit at the start',
      () =>
        body(async function* () {
          yield altered(20);
        }),
    ],
    [
      'a bit in the middle',
      () =>
        body(async function* () {
          yield altered(bytes.byteLength >> 1);
        }),
    ],
    [
      'a bit at the end',
      () =>
        body(async function* () {
          yield altered(bytes.byteLength - 1);
        }),
    ],
  ];

  test.each(FAULTS.map(([name, change, readIndex]) => ({ name, change, readIndex })))(
    '$name',
    async ({ change, readIndex }) => {
      const remote = await open(change, readIndex);
      const startedAt = performance.now();
      const found = await Promise.all(
        Array.from({ length: ENTRIES }, (_ignored, i) => remote.find(hex(`action ${i}`))),
      );
      expect(found.filter((hit) => hit !== undefined)).toEqual([]);
      expect(performance.now() - startedAt).toBeLessThan(PATIENCE_MS + 2000);
      countCases({ suite: 'R17', what: 'faults of the store', cases: 1 });
    },
  );
});
