import { expect, test } from 'vitest';
import { SlipwayError, type ErrorCode } from '../../../../src/core/errors.ts';
import { createMemoryStore } from '../../../../src/store/backends/memory/memory-store.ts';
import { breakingStore } from '../../../../src/store/decorators/breaker.ts';
import { hasPublicReading, isStoreKeeper, type PublicReading, type Store } from '../../../../src/store/port.ts';
import { newBlob } from '../../../helpers/store-contract-subject.ts';

/** A store that fails as it is told, one code per call; undefined lets the call through. */
function failing(...codes: readonly (ErrorCode | undefined)[]): { store: Store; calls: () => number } {
  let calls = 0;
  const next = async (): Promise<void> => {
    const code = codes[calls];
    calls += 1;
    if (code) throw new SlipwayError(code, `because of ${code}`);
  };
  const inner = createMemoryStore();
  const store = breakingStore({
    ...inner,
    hasBlob: async (digest) => (await next(), inner.hasBlob(digest)),
    writeBlob: async (blob, source) => (await next(), inner.writeBlob(blob, source)),
  });
  return { store, calls: () => calls };
}

const { blob, source } = newBlob();
const codesOf = async (store: Store, count: number): Promise<(string | undefined)[]> => {
  const codes: (string | undefined)[] = [];
  for (let i = 0; i < count; i += 1) {
    codes.push(
      await store.hasBlob(blob.digest).then(
        () => undefined,
        (error: SlipwayError) => error.code,
      ),
    );
  }
  return codes;
};

test('three failed connections in a row are enough', async () => {
  const { store, calls } = failing('STORE_UNREACHABLE', 'STORE_UNREACHABLE', 'STORE_UNREACHABLE');
  await codesOf(store, 3);
  await expect(store.hasBlob(blob.digest)).rejects.toThrow(/not asked again in this run: because of STORE_UNREACHABLE/);
  await expect(store.writeBlob(blob, source)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE', retryable: false });
  expect(calls()).toBe(3);
});

test('a success in between starts the count anew', async () => {
  const bad = 'STORE_UNREACHABLE';
  const { store, calls } = failing(bad, bad, undefined, bad, bad, undefined);
  expect(await codesOf(store, 7)).toEqual([bad, bad, undefined, bad, bad, undefined, undefined]);
  expect(calls()).toBe(7);
});

test('one time-out is enough', async () => {
  const { store, calls } = failing('TIMEOUT');
  expect(await codesOf(store, 3)).toEqual(['TIMEOUT', 'STORE_UNREACHABLE', 'STORE_UNREACHABLE']);
  expect(calls()).toBe(1);
});

test('other failures are no reason', async () => {
  const codes = [
    'STORE_FAILED',
    'STORE_FAILED',
    'STORE_FAILED',
    'BLOB_CORRUPT',
    'STORE_UNAUTHENTICATED',
    'STORE_DENIED',
  ];
  const { store, calls } = failing(...(codes as ErrorCode[]));
  expect(await codesOf(store, 7)).toEqual([...codes, undefined]);
  expect(calls()).toBe(7);
});

test.each(['STORE_DENIED', 'STORE_REFUSED'] as const)('a refused write (%s) stops writes only', async (code) => {
  const { store, calls } = failing(code);
  await expect(store.writeBlob(blob, source)).rejects.toMatchObject({ code });
  await expect(store.writeBlob(blob, source)).rejects.toMatchObject({ code });
  expect(await store.hasBlob(blob.digest)).toBe(false);
  expect(calls()).toBe(2);
});

test('the powers of the inner store are kept, and only those', () => {
  const inner = createMemoryStore();
  expect(isStoreKeeper(breakingStore(inner))).toBe(true);
  const { listScopes: _a, listBlobs: _b, deleteSnapshot: _c, deleteBlob: _d, deleteStaleUploads: _e, ...plain } = inner;
  expect(isStoreKeeper(breakingStore(plain))).toBe(false);
});

test('a stranger who waits in vain keeps nobody from reading', async () => {
  const silent = async (): Promise<never> => {
    throw new SlipwayError('TIMEOUT', 'no answer');
  };
  const inner: Store & PublicReading = { ...createMemoryStore(), readableByStrangers: silent };
  const store = breakingStore(inner);
  if (!hasPublicReading(store)) throw new Error('the power is gone');
  await expect(store.readableByStrangers()).rejects.toMatchObject({ code: 'TIMEOUT' });
  expect(await store.hasBlob(blob.digest)).toBe(false);
});
