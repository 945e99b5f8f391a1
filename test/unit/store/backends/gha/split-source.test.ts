import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { splitSource } from '../../../../../src/store/backends/gha/split-source.ts';
import { readAll } from '../../../../helpers/store-contract-subject.ts';

async function* chunksOf(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const size of sizes) {
    yield bytes.subarray(at, at + size);
    at += size;
  }
  yield bytes.subarray(at);
}

test('parts together are the source, each of the size that was asked for', async () => {
  const sizes = fc.array(fc.nat({ max: 50 }), { maxLength: 10 });
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 200 }),
      sizes,
      fc.integer({ min: 1, max: 60 }),
      async (bytes, chunks, size) => {
        const source = splitSource(chunksOf(bytes, chunks));
        const parts: Buffer[] = [];
        for (let at = 0; at < bytes.byteLength; at += size) parts.push(await readAll(source.part(size)));
        expect(Buffer.concat(parts).equals(bytes)).toBe(true);
        expect(parts.slice(0, -1).every((part) => part.byteLength === size)).toBe(true);
      },
    ),
  );
});

it('closes its source, and only then', async () => {
  let isClosed = false;
  const source = splitSource(
    (async function* () {
      try {
        for (;;) yield Buffer.from('abc');
      } finally {
        isClosed = true;
      }
    })(),
  );
  for await (const _ of source.part(5)) break;
  expect(isClosed).toBe(false);
  await source.close();
  expect(isClosed).toBe(true);
});
