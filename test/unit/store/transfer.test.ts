import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SlipwayError } from '../../../src/core/errors.ts';
import { createMemoryStore } from '../../../src/store/backends/memory/memory-store.ts';
import { verifiedStore } from '../../../src/store/decorators/verified.ts';
import type { Store } from '../../../src/store/port.ts';
import { blobFile, downloadBlob, downloadToDirectory, uploadBlob } from '../../../src/store/transfer.ts';
import { scaledClock } from '../../helpers/scaled-clock.ts';
import { newBlob, readAll, type TestBlob } from '../../helpers/store-contract-subject.ts';

const clock = scaledClock(100);
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'slipway-transfer-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** A store that gives so many bytes of a blob and then breaks, as often as there are numbers; it notes where it began. */
function breaking(
  data: TestBlob,
  gives: readonly number[],
  options: { isSeeking?: boolean; code?: 'STORE_DENIED' } = {},
): { readonly store: Store; readonly offsets: readonly number[] } {
  const offsets: number[] = [];
  const store: Store = {
    ...createMemoryStore(),
    async readBlob(_, { offset: asked = 0 } = {}) {
      const offset = options.isSeeking === false ? 0 : asked;
      const bytes = gives[offsets.length];
      offsets.push(asked);
      return {
        offset,
        body: (async function* () {
          if (bytes === undefined) return yield data.bytes.subarray(offset);
          yield data.bytes.subarray(offset, offset + bytes);
          throw new SlipwayError(options.code ?? 'STORE_UNREACHABLE', 'reset', {
            retryable: options.code === undefined,
          });
        })(),
      };
    },
  };
  return { store: verifiedStore(store), offsets };
}

const left = async (): Promise<string[]> => (await readdir(directory)).sort();

describe('downloadBlob', () => {
  test('a broken transfer goes on where it stopped', async () => {
    const data = newBlob(100_000);
    const { store, offsets } = breaking(data, [40_000, 10_000, 49_999]);
    const file = join(directory, 'deep', 'er', 'file');
    let moved = 0;
    const onBytes = (bytes: number): void => void (moved += bytes);
    expect(await downloadBlob(store, data.blob, file, { clock, onBytes })).toBe('done');
    expect(offsets).toEqual([0, 40_000, 50_000, 99_999]);
    expect(moved).toBe(100_000);
    expect((await readFile(file)).equals(data.bytes)).toBe(true);
    expect(await readdir(join(directory, 'deep', 'er'))).toEqual(['file']);
  });

  test('a store that can’t seek starts over', async () => {
    const data = newBlob(100_000);
    const { store } = breaking(data, [40_000], { isSeeking: false });
    const file = join(directory, 'file');
    expect(await downloadBlob(store, data.blob, file, { clock })).toBe('done');
    expect((await readFile(file)).equals(data.bytes)).toBe(true);
  });

  test('three breaks without progress are the end; what came stays for the next call', async () => {
    const data = newBlob(100_000);
    const first = breaking(data, [30_000, 0, 0, 0]);
    const file = join(directory, 'file');
    const broken = downloadBlob(first.store, data.blob, file, { clock });
    await expect(broken).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    expect(first.offsets).toEqual([0, 30_000, 30_000]);
    expect(await left()).toEqual(['file.partial']);
    const second = breaking(data, []);
    expect(await downloadBlob(second.store, data.blob, file, { clock })).toBe('done');
    expect(second.offsets).toEqual([30_000]);
    expect((await readFile(file)).equals(data.bytes)).toBe(true);
    expect(await left()).toEqual(['file']);
  });

  test('many breaks with a little progress each are bounded too', async () => {
    const data = newBlob(100_000);
    const { store, offsets } = breaking(
      data,
      Array.from({ length: 50 }, () => 10),
    );
    await expect(downloadBlob(store, data.blob, join(directory, 'file'), { clock })).rejects.toThrow(SlipwayError);
    expect(offsets).toHaveLength(10);
  });

  test('what can’t be repeated isn’t', async () => {
    const data = newBlob(100_000);
    const { store, offsets } = breaking(data, [10, 10], { code: 'STORE_DENIED' });
    const download = downloadBlob(store, data.blob, join(directory, 'file'), { clock });
    await expect(download).rejects.toMatchObject({ code: 'STORE_DENIED' });
    expect(offsets).toHaveLength(1);
  });

  test.each([
    ['garbage', () => Buffer.alloc(50_000, 'x')],
    ['more than the whole', (data: TestBlob) => Buffer.concat([data.bytes, data.bytes])],
    ['the whole, with a wrong bit', (data: TestBlob) => Buffer.from(data.bytes).fill(0, 3, 40)],
  ] as readonly (readonly [string, (data: TestBlob) => Buffer])[])(
    'a left-over that is %s costs one more download, not the result',
    async (_, spoil) => {
      const data = newBlob(100_000);
      const file = join(directory, 'file');
      await writeFile(`${file}.partial`, spoil(data));
      const { store } = breaking(data, []);
      expect(await downloadBlob(store, data.blob, file, { clock })).toBe('done');
      expect((await readFile(file)).equals(data.bytes)).toBe(true);
      expect(await left()).toEqual(['file']);
    },
  );

  test('a left-over that is the whole needs no request', async () => {
    const data = newBlob(100_000);
    const file = join(directory, 'file');
    await writeFile(`${file}.partial`, data.bytes);
    const { store, offsets } = breaking(data, []);
    expect(await downloadBlob(store, data.blob, file, { clock })).toBe('done');
    expect(offsets).toEqual([]);
  });

  test.each([
    ['another body', (data: TestBlob) => newBlob(data.blob.sizeBytes).bytes],
    ['a short body', (data: TestBlob) => data.bytes.subarray(0, 99_999)],
    ['a long body', (data: TestBlob) => Buffer.concat([data.bytes, Buffer.of(1)])],
  ])('%s is BLOB_CORRUPT and leaves nothing, from a store that doesn’t verify too', async (_, spoil) => {
    const data = newBlob(100_000);
    const wrong = breaking({ ...data, bytes: Buffer.from(spoil(data)) }, []).store;
    const bare: Store = {
      ...wrong,
      readBlob: async () => ({
        offset: 0,
        body: (async function* () {
          yield spoil(data);
        })(),
      }),
    };
    for (const store of [wrong, bare]) {
      const download = downloadBlob(store, data.blob, join(directory, 'file'), { clock });
      await expect(download).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
      expect(await left()).toEqual([]);
    }
  });

  test('a wrong rest after a break is found out', async () => {
    const data = newBlob(100_000);
    const { store } = breaking(data, [50_000]);
    const liar: Store = {
      ...store,
      readBlob: async (digest, options) =>
        (options?.offset ?? 0) > 0
          ? {
              offset: 50_000,
              body: (async function* () {
                yield Buffer.alloc(50_000);
              })(),
            }
          : store.readBlob(digest, options),
    };
    const download = downloadBlob(liar, data.blob, join(directory, 'file'), { clock });
    await expect(download).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
    expect(await left()).toEqual([]);
  });

  test('one that is missing is a value and leaves nothing', async () => {
    const store = createMemoryStore();
    expect(await downloadBlob(store, newBlob().blob, join(directory, 'file'), { clock })).toBe('missing');
    expect(await left()).toEqual([]);
  });

  test('the empty blob is a file too', async () => {
    const store = createMemoryStore();
    const { blob, source } = newBlob(0);
    await store.writeBlob(blob, source);
    expect(await downloadBlob(store, blob, join(directory, 'file'), { clock })).toBe('done');
    expect(await readFile(join(directory, 'file'))).toHaveLength(0);
  });

  test('an abort ends it with its reason and keeps what came', async () => {
    const data = newBlob(100_000);
    const controller = new AbortController();
    const { store } = breaking(data, [60_000, 60_000]);
    const reason = new Error('stop');
    const onBytes = (): void => controller.abort(reason);
    const download = downloadBlob(store, data.blob, join(directory, 'file'), {
      clock,
      onBytes,
      signal: controller.signal,
    });
    await expect(download).rejects.toBe(reason);
    expect(await left()).toEqual(['file.partial']);
  });

  test('eight downloads of one blob into one file do not disturb each other', async () => {
    const data = newBlob(200_000);
    const file = join(directory, 'file');
    const downloads = Array.from({ length: 8 }, (_, i) => breaking(data, [10_000 * i, 5_000]).store);
    await Promise.all(downloads.map((store) => downloadBlob(store, data.blob, file, { clock })));
    expect((await readFile(file)).equals(data.bytes)).toBe(true);
    expect(await left()).toEqual(['file']);
  });
});

describe('downloadToDirectory', () => {
  test('brings what is missing, keeps what is right, replaces what is wrong', async () => {
    const store = createMemoryStore();
    const blobs = Array.from({ length: 6 }, () => newBlob(5_000));
    const [right, spoiled, short, fresh, gone, corrupt] = blobs as [TestBlob, ...TestBlob[]];
    for (const { blob, source } of [right, spoiled!, short!, fresh!]) await store.writeBlob(blob, source);
    const lying: Store = {
      ...store,
      readBlob: async (digest, options) =>
        digest === corrupt!.blob.digest
          ? {
              offset: 0,
              body: (async function* () {
                yield Buffer.alloc(5_000);
              })(),
            }
          : store.readBlob(digest, options),
    };
    await writeFile(blobFile(directory, right.blob.digest), right.bytes);
    await writeFile(blobFile(directory, spoiled!.blob.digest), Buffer.alloc(5_000));
    await writeFile(blobFile(directory, short!.blob.digest), short!.bytes.subarray(1));
    const outcomes: string[] = [];
    for (const { blob } of [...blobs, fresh!])
      outcomes.push(await downloadToDirectory(lying, blob, { clock, directory }));
    expect(outcomes).toEqual(['present', 'done', 'done', 'done', 'missing', 'corrupt', 'present']);
    for (const { blob, bytes } of [right, spoiled!, short!, fresh!]) {
      expect((await readFile(blobFile(directory, blob.digest))).equals(bytes)).toBe(true);
    }
    expect(await left()).toHaveLength(4);
    expect(gone).toBeDefined();
  });

  test('a store that fails is no outcome', async () => {
    const store: Store = {
      ...createMemoryStore(),
      readBlob: () => Promise.reject(new SlipwayError('STORE_DENIED', 'no')),
    };
    const download = downloadToDirectory(store, newBlob(10).blob, { clock, directory });
    await expect(download).rejects.toMatchObject({ code: 'STORE_DENIED' });
    expect(await left()).toEqual([]);
  });
});

describe('uploadBlob', () => {
  test('sends the file and counts it', async () => {
    const store = createMemoryStore();
    const { blob, bytes } = newBlob(600_000);
    const file = join(directory, 'pack');
    await writeFile(file, bytes);
    let sent = 0;
    const onBytes = (count: number): void => void (sent += count);
    expect(await uploadBlob(store, blob, file, { onBytes })).toEqual({ bytesSent: 600_000 });
    expect(sent).toBe(600_000);
    expect((await readAll((await store.readBlob(blob.digest))!.body)).equals(bytes)).toBe(true);
    expect(await uploadBlob(store, blob, file)).toEqual({ bytesSent: 0 });
  });

  test('a file that isn’t the blob is refused, one that is gone too', async () => {
    const store = createMemoryStore();
    const { blob, bytes } = newBlob();
    await writeFile(join(directory, 'pack'), bytes.subarray(1));
    await expect(uploadBlob(store, blob, join(directory, 'pack'))).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
    await expect(uploadBlob(store, blob, join(directory, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await store.hasBlob(blob.digest)).toBe(false);
  });
});
