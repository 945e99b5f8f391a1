import { expect, test } from 'vitest';
import { createMemoryStore } from '../../../../src/store/backends/memory/memory-store.ts';
import { verifiedStore } from '../../../../src/store/decorators/verified.ts';
import type { Store } from '../../../../src/store/port.ts';
import { newBlob, readAll, sourceOf } from '../../../helpers/store-contract-subject.ts';

const serving = (bytes: Uint8Array, offset = 0): Store =>
  verifiedStore({ ...createMemoryStore(), readBlob: async () => ({ offset, body: sourceOf(bytes)() }) });

test('the right body passes and is marked', async () => {
  const { blob, bytes } = newBlob(100_000);
  const found = await serving(bytes).readBlob(blob.digest);
  expect(found?.isVerified).toBe(true);
  expect((await readAll(found!.body)).equals(bytes)).toBe(true);
});

test.each([
  ['changed', (bytes: Buffer) => Buffer.from(bytes).fill(1, 500, 501 + 63)],
  ['short', (bytes: Buffer) => bytes.subarray(1)],
  ['long', (bytes: Buffer) => Buffer.concat([bytes, Buffer.of(0)])],
  ['empty', () => Buffer.alloc(0)],
])('a %s body throws before its end is reported', async (_, spoil) => {
  const { blob, bytes } = newBlob(100_000);
  const found = await serving(spoil(bytes)).readBlob(blob.digest);
  await expect(readAll(found!.body)).rejects.toMatchObject({ code: 'BLOB_CORRUPT', retryable: false });
});

test('a rest is passed on unmarked', async () => {
  const { blob, bytes } = newBlob();
  const found = await serving(bytes.subarray(10), 10).readBlob(blob.digest, { offset: 10 });
  expect(found).toMatchObject({ offset: 10 });
  expect(found?.isVerified).toBeUndefined();
});
