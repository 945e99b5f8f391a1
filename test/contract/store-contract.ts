import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { digestOf } from '../../src/core/digest.ts';
import { SlipwayError } from '../../src/core/errors.ts';
import { isStoreKeeper, type SnapshotName, type Store, type StoreKeeper } from '../../src/store/port.ts';
import {
  describeBlob,
  newBlob,
  newManifest,
  newName,
  newScope,
  readAll,
  sourceOf,
  writeNew,
  type ContractLimits,
  type ContractSubject,
} from '../helpers/store-contract-subject.ts';

/** Scope names that have broken something somewhere. */
const WEIRD_SCOPES: readonly string[] = [
  'feature/login',
  'a//b/../c',
  '../../etc',
  '.',
  '..',
  '-dash-first',
  'Grüße/日本語',
  '👩‍🔧',
  'with space and\ttab',
  'new\nline',
  'null\0byte',
  'percent%2Fescape',
  'colon:tag@sha256',
  '_',
  '__',
  '_2f',
  'main_h0123',
  `${'long/'.repeat(80)}end`,
  'x'.repeat(100),
  'x'.repeat(101),
  'ünï'.repeat(60),
  'ends-5-0a0b0c0d',
  'ends-5-0a0b0c0d-6-0a0b0c0d',
  '',
];

/** Much faster than `toEqual` on megabytes. */
function expectSame(actual: Buffer | undefined, expected: Buffer): void {
  expect(actual?.byteLength).toBe(expected.byteLength);
  expect(actual?.equals(expected)).toBe(true);
}

/** The tests of a keeper are there only where the storage has one. */
interface KeptSubject extends ContractSubject {
  readonly store: Store & StoreKeeper;
  readonly other: Store & StoreKeeper;
}

/** What every backend must keep: see the promises in `src/store/port.ts`. */
export function describeStoreContract(
  title: string,
  open: () => Promise<ContractSubject>,
  { isHeadOnly = false, hasNoKeeper = false }: ContractLimits = {},
): void {
  const describeKeeper = hasNoKeeper ? () => undefined : describe;
  describe(`store contract: ${title}`, () => {
    let subject: KeptSubject;
    let store: Store & StoreKeeper;
    beforeAll(async () => {
      const opened = await open();
      if (!hasNoKeeper && !isStoreKeeper(opened.store)) throw new Error(`${title} can't be looked after`);
      subject = opened as KeptSubject;
      ({ store } = subject);
    }, 60_000);
    afterAll(async () => {
      // `open` may have failed.
      await subject?.close();
    });

    const expectNothing = async (digest: `sha256:${string}`): Promise<void> => {
      expect(await store.hasBlob(digest)).toBe(false);
      expect(await store.readBlob(digest)).toBeUndefined();
      expect(await subject.other.hasBlob(digest)).toBe(false);
      expect((await subject.leftovers?.()) ?? []).toEqual([]);
    };
    const expectListed = (listed: readonly SnapshotName[], written: readonly SnapshotName[]): void => {
      if (!isHeadOnly) expect(listed).toHaveLength(written.length);
      expect(listed.length).toBeGreaterThan(0);
      expect(written).toEqual(expect.arrayContaining([...listed]));
    };
    const readBack = async (digest: `sha256:${string}`, offset?: number): Promise<Buffer | undefined> => {
      const found = await store.readBlob(digest, offset === undefined ? {} : { offset });
      if (!found) return undefined;
      const bytes = await readAll(found.body);
      // A store that can't seek gives the whole and says so.
      return bytes.subarray((offset ?? 0) - found.offset);
    };

    describe('blobs', () => {
      test('one that nobody wrote is a value, not an error', async () => {
        const { blob } = newBlob();
        expect(await store.hasBlob(blob.digest)).toBe(false);
        expect(await store.readBlob(blob.digest)).toBeUndefined();
        expect(await store.readBlob(blob.digest, { offset: 5 })).toBeUndefined();
      });

      test.each([0, 1, 63, 64 * 1024, 64 * 1024 + 1, 1024 * 1024 + 7])(
        '%i bytes come back as written',
        async (size) => {
          const { blob, bytes, source } = newBlob(size);
          const { bytesSent } = await store.writeBlob(blob, source);
          expect(await store.hasBlob(blob.digest)).toBe(true);
          expectSame(await readBack(blob.digest), bytes);
          // The empty blob may be there from another test.
          if (size > 0) expect(bytesSent).toBe(size * (subject.copies ?? 1));
        },
      );

      test('the chunks of the source do not matter: one huge, many tiny, empty ones between', async () => {
        const huge = newBlob(3 * 1024 * 1024, 3 * 1024 * 1024);
        const tiny = newBlob(2000, 1);
        const gaps = newBlob(300);
        await store.writeBlob(huge.blob, huge.source);
        await store.writeBlob(tiny.blob, tiny.source);
        await store.writeBlob(gaps.blob, async function* () {
          for (const byte of gaps.bytes) {
            yield new Uint8Array(0);
            yield Uint8Array.of(byte);
          }
          yield new Uint8Array(0);
        });
        for (const { blob, bytes } of [huge, tiny, gaps]) expectSame(await readBack(blob.digest), bytes);
      });

      test('a second write succeeds, moves nothing and does not open the source', async () => {
        const { blob, source } = newBlob();
        await store.writeBlob(blob, source);
        let opened = 0;
        const again = await store.writeBlob(blob, () => {
          opened += 1;
          return source();
        });
        expect(again).toEqual({ bytesSent: 0 });
        expect(opened).toBe(0);
      });

      test('what one instance wrote another one sees at once', async () => {
        const { blob, bytes, source } = newBlob();
        await store.writeBlob(blob, source);
        expect(await subject.other.hasBlob(blob.digest)).toBe(true);
        const found = await subject.other.readBlob(blob.digest);
        expectSame(await readAll(found!.body), bytes);
      });

      test.each([
        ['another digest', (bytes: Buffer) => Buffer.from(bytes).fill(0, 10, 20)],
        ['a short body', (bytes: Buffer) => bytes.subarray(0, -1)],
        ['no body', () => Buffer.alloc(0)],
        ['a long body', (bytes: Buffer) => Buffer.concat([bytes, Buffer.of(1)])],
        ['a far too long body', (bytes: Buffer) => Buffer.concat([bytes, bytes, bytes])],
      ])('a source with %s is refused and leaves nothing', async (_, spoil) => {
        for (const size of [500, 300_000]) {
          const { blob, bytes } = newBlob(size);
          const write = store.writeBlob(blob, sourceOf(spoil(bytes)));
          await expect(write).rejects.toMatchObject({ code: 'BLOB_CORRUPT', retryable: false });
          await expectNothing(blob.digest);
        }
      });

      test('a source that throws ends the write with its error and leaves nothing', async () => {
        const { blob, bytes } = newBlob(200_000);
        const failure = new SlipwayError('PACK_INVALID', 'the pack went bad');
        const write = store.writeBlob(blob, async function* () {
          yield bytes.subarray(0, 150_000);
          throw failure;
        });
        await expect(write).rejects.toBe(failure);
        await expectNothing(blob.digest);
      });

      test('after a write that failed the right one succeeds', async () => {
        const { blob, bytes, source } = newBlob(100_000);
        await expect(store.writeBlob(blob, sourceOf(bytes.subarray(1)))).rejects.toThrow(SlipwayError);
        await store.writeBlob(blob, source);
        expectSame(await readBack(blob.digest), bytes);
      });

      test.each([0, 1, 4_999, 9_999])('a read from byte %i on gives the rest', async (offset) => {
        const { blob, bytes, source } = newBlob(10_000);
        await store.writeBlob(blob, source);
        expectSame(await readBack(blob.digest, offset), bytes.subarray(offset));
      });

      test.each([10_000, 10_001, 1_000_000])('a read from byte %i of 10,000 on is empty', async (offset) => {
        const { blob, source } = newBlob(10_000);
        await store.writeBlob(blob, source);
        expectSame(await readBack(blob.digest, offset), Buffer.alloc(0));
      });

      test('the empty blob read from byte 1 on is empty', async () => {
        const blob = describeBlob(new Uint8Array(0));
        await store.writeBlob(blob, sourceOf(new Uint8Array(0)));
        expectSame(await readBack(blob.digest, 1), Buffer.alloc(0));
      });

      test('a reader that stops early, or never starts, hurts nobody', async () => {
        const { blob, bytes, source } = newBlob(2_000_000);
        await store.writeBlob(blob, source);
        for await (const chunk of (await store.readBlob(blob.digest))!.body) {
          expect(chunk.byteLength).toBeGreaterThan(0);
          break;
        }
        await store.readBlob(blob.digest);
        expectSame(await readBack(blob.digest), bytes);
      });

      test('two readers of one blob do not share a position', async () => {
        const { blob, bytes, source } = newBlob(400_000);
        await store.writeBlob(blob, source);
        const both = await Promise.all([readBack(blob.digest), readBack(blob.digest)]);
        for (const one of both) expectSame(one, bytes);
      });

      test('eight writers of one blob at once all succeed', async () => {
        const { blob, bytes, source } = newBlob(300_000);
        const writers = Array.from({ length: 8 }, (_, i) => (i % 2 ? store : subject.other).writeBlob(blob, source));
        await Promise.all(writers);
        expectSame(await readBack(blob.digest), bytes);
        expect((await subject.leftovers?.()) ?? []).toEqual([]);
      });

      test('sixteen blobs at once do not mix', async () => {
        const blobs = Array.from({ length: 16 }, (_, i) => newBlob(20_000 + i));
        await Promise.all(blobs.map(({ blob, source }) => store.writeBlob(blob, source)));
        const back = await Promise.all(blobs.map(({ blob }) => readBack(blob.digest)));
        for (const [i, one] of back.entries()) expectSame(one, blobs[i]!.bytes);
      });

      test('while it is written a blob is not there', async () => {
        const { blob, bytes } = newBlob(300_000);
        const seen: boolean[] = [];
        await store.writeBlob(blob, async function* () {
          yield bytes.subarray(0, 200_000);
          await sleep(30);
          seen.push(await subject.other.hasBlob(blob.digest));
          yield bytes.subarray(200_000);
        });
        // Several stores as one read the source once for each, and one of them may be ready first.
        expect(seen[0]).toBe(false);
        expectSame(await readBack(blob.digest), bytes);
      });
    });

    describe('aborting', () => {
      const reason = new Error('the user went away');

      test('a signal that is aborted already ends every call with its reason', async () => {
        const signal = AbortSignal.abort(reason);
        const { blob, source } = newBlob();
        const name = newName(newScope());
        const manifest = await newManifest(store, name);
        await expect(store.hasBlob(blob.digest, { signal })).rejects.toBe(reason);
        await expect(store.readBlob(blob.digest, { signal })).rejects.toBe(reason);
        await expect(store.writeBlob(blob, source, { signal })).rejects.toBe(reason);
        await expect(store.listSnapshots(name.scope, { signal })).rejects.toBe(reason);
        await expect(store.readSnapshot(name, { signal })).rejects.toBe(reason);
        await expect(store.writeSnapshot(name, manifest, { signal })).rejects.toBe(reason);
        await expectNothing(blob.digest);
        expect(await store.listSnapshots(name.scope)).toEqual([]);
      });

      test.each(['while the source hangs', 'between two chunks'])(
        'a write is ended %s, and leaves nothing',
        async (when) => {
          const { blob, bytes } = newBlob(500_000);
          const controller = new AbortController();
          const write = store.writeBlob(
            blob,
            async function* () {
              yield bytes.subarray(0, 100_000);
              yield bytes.subarray(100_000, 200_000);
              setTimeout(() => controller.abort(reason), 20);
              if (when === 'while the source hangs') await new Promise(() => undefined);
              await sleep(40);
              yield bytes.subarray(200_000);
            },
            { signal: controller.signal },
          );
          const startedAt = performance.now();
          await expect(write).rejects.toBe(reason);
          expect(performance.now() - startedAt).toBeLessThan(2_000);
          // The other side of a connection notices a little later.
          await expect.poll(async () => (await subject.leftovers?.()) ?? []).toEqual([]);
          await expectNothing(blob.digest);
        },
      );

      test('a read is ended in the middle', async () => {
        const { blob, bytes, source } = newBlob(8_000_000);
        await store.writeBlob(blob, source);
        const controller = new AbortController();
        const found = await store.readBlob(blob.digest, { signal: controller.signal });
        let size = 0;
        const read = (async () => {
          for await (const chunk of found!.body) {
            size += chunk.byteLength;
            controller.abort(reason);
          }
        })();
        await expect(read).rejects.toBe(reason);
        expect(size).toBeLessThan(bytes.byteLength);
        expectSame(await readBack(blob.digest), bytes);
      });
    });

    describe('snapshots', () => {
      test('a scope that nobody wrote is empty, and a snapshot that nobody wrote is undefined', async () => {
        const scope = newScope();
        expect(await store.listSnapshots(scope)).toEqual([]);
        expect(await store.readSnapshot(newName(scope))).toBeUndefined();
      });

      test('the bytes come back as written, here and elsewhere', async () => {
        const name = newName(newScope());
        const manifest = await writeNew(store, name);
        expect(Buffer.from((await store.readSnapshot(name))!)).toEqual(manifest);
        expect(Buffer.from((await subject.other.readSnapshot(name))!)).toEqual(manifest);
        expect(await subject.other.listSnapshots(name.scope)).toEqual([name]);
      });

      test('one of 3 MiB is not too large', async () => {
        const name = newName(newScope());
        const manifest = await newManifest(store, name, 'x'.repeat(3 * 1024 * 1024));
        await store.writeSnapshot(name, manifest);
        expect(digestOf((await store.readSnapshot(name))!)).toBe(digestOf(manifest));
      });

      test('they are listed newest first, by number', async () => {
        const scope = newScope();
        // Without a list the newest is the one that was written last, as it is in life.
        const written = isHeadOnly ? [1, 2, 9, 10, 100] : [9, 10, 1, 100, 2];
        for (const sequence of written) await writeNew(store, newName(scope, sequence));
        const sequences = (await store.listSnapshots(scope)).map((name) => name.sequence);
        expect(sequences.slice(0, isHeadOnly ? 1 : 5)).toEqual(isHeadOnly ? [100] : [100, 10, 9, 2, 1]);
      });

      test('two of one sequence are both listed, in the same order for everybody', async () => {
        const scope = newScope();
        const names = [newName(scope, 4), newName(scope, 4), newName(scope, 4)];
        for (const name of names) await writeNew(store, name);
        const listed = await store.listSnapshots(scope);
        expectListed(listed, names);
        expect(await subject.other.listSnapshots(scope)).toEqual(listed);
      });

      test.each([0, 999_999_999_999_999])('sequence %i is one like others', async (sequence) => {
        const name = newName(newScope(), sequence);
        await writeNew(store, name);
        expect(await store.listSnapshots(name.scope)).toEqual([name]);
      });

      test('a name that is taken is not written again', async () => {
        const name = newName(newScope());
        const first = await writeNew(store, name);
        const second = await newManifest(store, name);
        const write = subject.other.writeSnapshot(name, second);
        await expect(write).rejects.toMatchObject({ code: 'STORE_FAILED', retryable: false });
        expect(Buffer.from((await store.readSnapshot(name))!)).toEqual(first);
        expect(await store.listSnapshots(name.scope)).toEqual([name]);
      });

      test('the same bytes under their own name again are a success that moves nothing', async () => {
        const name = newName(newScope());
        const manifest = await writeNew(store, name);
        expect(await subject.other.writeSnapshot(name, manifest)).toEqual({ bytesSent: 0 });
      });

      test('of eight writers of one name one whole document stays', async () => {
        const name = newName(newScope());
        const manifests = await Promise.all(Array.from({ length: 8 }, () => newManifest(store, name)));
        const results = await Promise.allSettled(
          manifests.map((manifest, i) => (i % 2 ? store : subject.other).writeSnapshot(name, manifest)),
        );
        const winners = results.filter((result) => result.status === 'fulfilled').length;
        expect(winners).toBeGreaterThanOrEqual(1);
        if (subject.hasExclusiveSnapshots) expect(winners).toBe(1);
        const stays = Buffer.from((await store.readSnapshot(name))!);
        expect(manifests.some((manifest) => stays.equals(manifest))).toBe(true);
        expect((await subject.leftovers?.()) ?? []).toEqual([]);
      });

      test('of eight writers of eight names in one scope all are listed', async () => {
        const scope = newScope();
        const names = Array.from({ length: 8 }, (_, i) => newName(scope, 1 + (i >> 1)));
        await Promise.all(names.map((name, i) => writeNew(i % 2 ? store : subject.other, name)));
        const listed = await store.listSnapshots(scope);
        expectListed(listed, names);
      });

      test('a write that is ended before the commit is not visible', async () => {
        const name = newName(newScope());
        const manifest = await newManifest(store, name);
        const controller = new AbortController();
        const write = store.writeSnapshot(name, manifest, { signal: controller.signal });
        controller.abort(new Error('stop'));
        const outcome = await write.then(
          () => 'written' as const,
          () => 'aborted' as const,
        );
        const found = await store.readSnapshot(name);
        // The abort may come after the commit; what must not be is a part.
        if (outcome === 'written' || found) expect(Buffer.from(found!)).toEqual(manifest);
        // Whoever ends a write doesn't wait for its tidying up.
        await expect.poll(async () => (await subject.leftovers?.()) ?? []).toEqual([]);
      });
    });

    describe('scope names', () => {
      test.each(WEIRD_SCOPES)('%j is a scope like others', async (scope) => {
        const name = newName(scope, 7);
        const manifest = await writeNew(store, name);
        expect(await subject.other.listSnapshots(scope)).toContainEqual(name);
        expect(Buffer.from((await subject.other.readSnapshot(name))!)).toEqual(manifest);
      });

      test('names that are alike do not mix', async () => {
        const base = newScope();
        const long = `${base}-${'l'.repeat(120)}`;
        const twins = [
          base,
          base.toUpperCase(),
          `${base}-`,
          `${base}-x`,
          `${base}/x`,
          `${base}_2fx`,
          `${base}.x`,
          `${base} x`,
          `${base}-1-0a0b0c0d`,
          `${long}a`,
          `${long}b`,
          `${long}A`,
        ];
        for (const [i, scope] of twins.entries()) await writeNew(store, newName(scope, i + 1));
        for (const [i, scope] of twins.entries()) {
          expect((await store.listSnapshots(scope)).map((name) => name.sequence)).toEqual([i + 1]);
        }
      });
    });

    test('its description shows no credentials', () => {
      expect(store.description).not.toMatch(/s3cret|:\/\/[^/]*@/);
      expect(store.description.length).toBeGreaterThan(0);
    });

    describeKeeper('looking after it', () => {
      test('scopes are listed while they hold a snapshot', async () => {
        const scopes = [newScope(), `${newScope()}/Ä`];
        const names = scopes.map((scope) => newName(scope));
        for (const name of names) await writeNew(store, name);
        expect(await subject.other.listScopes()).toEqual(expect.arrayContaining(scopes));
        for (const name of names) await store.deleteSnapshot(name);
        const left = await subject.other.listScopes();
        expect(left.filter((scope) => scopes.includes(scope))).toEqual([]);
      });

      test('a shortened scope is listed by a name under which it is found', async () => {
        const name = newName(`${newScope()}${'/long'.repeat(60)}`);
        await writeNew(store, name);
        const found: string[] = [];
        for (const scope of await store.listScopes()) {
          if ((await store.listSnapshots(scope)).some((n) => n.nonce === name.nonce)) found.push(scope);
        }
        expect(found).toHaveLength(1);
      });

      test('a deleted snapshot is gone, and only that one', async () => {
        const scope = newScope();
        const names = [newName(scope, 1), newName(scope, 2), newName(scope, 3)];
        for (const name of names) await writeNew(store, name);
        await store.deleteSnapshot(names[1]!);
        expect(await subject.other.readSnapshot(names[1]!)).toBeUndefined();
        expect(await store.listSnapshots(scope)).toEqual([names[2], names[0]]);
        await store.deleteSnapshot(names[2]!);
        expect(await store.listSnapshots(scope)).toEqual([names[0]]);
        expect(await store.readSnapshot(names[0]!)).toBeDefined();
        await store.deleteSnapshot(names[0]!);
        expect(await store.listSnapshots(scope)).toEqual([]);
      });

      test('a deleted blob is gone, and can be written again', async () => {
        const { blob, bytes, source } = newBlob();
        await store.writeBlob(blob, source);
        await store.deleteBlob(blob.digest);
        await expectNothing(blob.digest);
        await store.writeBlob(blob, source);
        expectSame(await readBack(blob.digest), bytes);
      });

      test('deleting what is not there is a success', async () => {
        await store.deleteBlob(newBlob().blob.digest);
        await store.deleteSnapshot(newName(newScope()));
      });

      test('two that delete the same at once both succeed', async () => {
        const name = newName(newScope());
        const { blob, source } = newBlob();
        await writeNew(store, name);
        await store.writeBlob(blob, source);
        await Promise.all([store.deleteSnapshot(name), subject.other.deleteSnapshot(name)]);
        await Promise.all([store.deleteBlob(blob.digest), subject.other.deleteBlob(blob.digest)]);
        expect(await store.listSnapshots(name.scope)).toEqual([]);
        expect(await store.hasBlob(blob.digest)).toBe(false);
      });

      test('a blob deleted while it is read comes whole or ends in an error, never short', async () => {
        const { blob, bytes, source } = newBlob(6_000_000);
        await store.writeBlob(blob, source);
        const found = await store.readBlob(blob.digest);
        const chunks: Uint8Array[] = [];
        const read = (async () => {
          for await (const chunk of found!.body) {
            if (chunks.length === 0) await subject.other.deleteBlob(blob.digest);
            chunks.push(chunk);
          }
          return Buffer.concat(chunks);
        })();
        const outcome = await read.then(
          (all) => all.equals(bytes),
          (error: unknown) => error,
        );
        if (outcome !== true) expect(outcome).toBeInstanceOf(SlipwayError);
        expect(await store.hasBlob(blob.digest)).toBe(false);
      });

      test('snapshots deleted while others list and read are values', async () => {
        const scope = newScope();
        const names = Array.from({ length: 6 }, (_, i) => newName(scope, i + 1));
        for (const name of names) await writeNew(store, name);
        const reading = (async () => {
          for (const name of await subject.other.listSnapshots(scope)) await subject.other.readSnapshot(name);
        })();
        await Promise.all([reading, ...names.map((name) => store.deleteSnapshot(name))]);
        // Distribution 2.8 may go on listing a tag whose manifest is gone.
        for (const name of names) expect(await store.readSnapshot(name)).toBeUndefined();
      });

      test('blobs are listed with their sizes, where the storage can tell', async () => {
        const { blob, source } = newBlob(1234);
        await store.writeBlob(blob, source);
        const listed = await store.listBlobs();
        if (listed === undefined) return expect(store.description).toContain('/');
        const found = listed.find(({ digest }) => digest === blob.digest);
        expect(found?.sizeBytes).toBe(1234);
        expect(Math.abs(found!.writtenAtMs - Date.now())).toBeLessThan(600_000);
      });

      test('it tells what time it is for it', async () => {
        expect(Math.abs((await store.readClock()) - Date.now())).toBeLessThan(600_000);
        expect((await subject.leftovers?.()) ?? []).toEqual([]);
      });

      test('a blob that was written or touched since a time stays, where blobs have ages', async () => {
        const { blob, bytes, source } = newBlob(3000);
        await store.writeBlob(blob, source);
        const ageOf = async (): Promise<number | undefined> =>
          (await store.listBlobs())?.find(({ digest }) => digest === blob.digest)?.writtenAtMs;
        const writtenAtMs = await ageOf();
        if (writtenAtMs === undefined) {
          await store.touchBlob(blob.digest);
          return expect(await store.hasBlob(blob.digest)).toBe(true);
        }
        await store.deleteBlob(blob.digest, { writtenBeforeMs: writtenAtMs });
        expectSame(await readBack(blob.digest), bytes);
        // Some services tell whole seconds.
        await sleep(1100);
        await subject.other.touchBlob(blob.digest);
        expect(await ageOf()).toBeGreaterThan(writtenAtMs);
        await store.deleteBlob(blob.digest, { writtenBeforeMs: writtenAtMs + 1 });
        expectSame(await readBack(blob.digest), bytes);
        await store.deleteBlob(blob.digest, { writtenBeforeMs: (await store.readClock()) + 60_000 });
        await expectNothing(blob.digest);
        await store.touchBlob(blob.digest);
        await expectNothing(blob.digest);
      });

      test('clean-up spares a write under way', async () => {
        const { blob, bytes } = newBlob(200_000);
        await store.writeBlob(blob, async function* () {
          yield bytes.subarray(0, 100_000);
          await subject.other.deleteStaleUploads(24 * 3600 * 1000);
          yield bytes.subarray(100_000);
        });
        expectSame(await readBack(blob.digest), bytes);
      });
    });

    test('random blobs, written and read by two instances at once', async () => {
      const blobs = Array.from({ length: 12 }, () => newBlob(randomBytes(2).readUInt16LE()));
      await Promise.all(
        blobs.flatMap(({ blob, source, bytes }) => [
          store.writeBlob(blob, source),
          (async () => {
            const found = await subject.other.readBlob(blob.digest);
            if (found) expectSame(await readAll(found.body), bytes);
          })(),
        ]),
      );
    });
  });
}
