import { expect, test } from 'vitest';
import { abortable, checkedSource } from '../../../src/store/streams.ts';
import { newBlob, readAll, sourceOf } from '../../helpers/store-contract-subject.ts';

test('a wrong source never gives all of its bytes away', async () => {
  const { blob, bytes } = newBlob(100_000);
  const wrong = Buffer.from(bytes).fill(0, 0, 50);
  for (const chunkBytes of [100_000, 60_000, 1_000]) {
    let given = 0;
    const read = (async () => {
      for await (const chunk of checkedSource(blob, sourceOf(wrong, chunkBytes))) given += chunk.byteLength;
    })();
    await expect(read).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
    expect(given).toBeLessThanOrEqual(100_000 - Math.min(chunkBytes, 40_000));
  }
});

test('a right source comes whole', async () => {
  const { blob, bytes } = newBlob(100_000);
  expect((await readAll(checkedSource(blob, sourceOf(bytes, 999)))).equals(bytes)).toBe(true);
});

test('an abort ends a source that hangs, and lets it clean up', async () => {
  const controller = new AbortController();
  let isCleanedUp = false;
  const source = (async function* () {
    try {
      yield Buffer.of(1);
      yield Buffer.of(2);
    } finally {
      isCleanedUp = true;
    }
  })();
  const reason = new Error('stop');
  const read = (async () => {
    for await (const _ of abortable(source, controller.signal)) controller.abort(reason);
  })();
  await expect(read).rejects.toBe(reason);
  await expect.poll(() => isCleanedUp).toBe(true);
  const hanging = abortable(
    { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) },
    AbortSignal.timeout(20),
  );
  await expect(readAll(hanging)).rejects.toMatchObject({ name: 'TimeoutError' });
});
