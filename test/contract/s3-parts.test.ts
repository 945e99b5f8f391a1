import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { httpFetch } from '../../src/oci/http-fetch.ts';
import { openObjectStore } from '../../src/store/backends/object/object-store.ts';
import { openS3Bucket } from '../../src/store/backends/s3/s3-bucket.ts';
import { openS3Session, type S3Session } from '../../src/store/backends/s3/s3-session.ts';
import { listUploads } from '../../src/store/backends/s3/s3-uploads.ts';
import type { Store, StoreKeeper } from '../../src/store/port.ts';
import { startProxy, type FaultProxy } from '../helpers/fault-proxy.ts';
import { s3Error, s3KindOf, type S3RequestKind } from '../helpers/s3-requests.ts';
import { startS3, type S3Program, type TestS3 } from '../helpers/s3-server.ts';
import { describeBlob, newBlob, readAll, sourceOf } from '../helpers/store-contract-subject.ts';

const MIB = 1024 * 1024;
/** The least that a part may have, but for the last. */
const PART_BYTES = 5 * MIB;

interface Opened {
  readonly store: Store & StoreKeeper;
  readonly session: S3Session;
  unfinished(): Promise<readonly string[]>;
}

describe.each(['versitygw', 'gofakes3'] as const)('uploads in parts, %s', (program: S3Program) => {
  let server: TestS3;
  let proxy: FaultProxy<S3RequestKind>;
  beforeAll(async () => {
    server = await startS3(program);
    proxy = await startProxy(new URL(server.endpoint).host, s3KindOf);
  }, 60_000);
  afterAll(async () => {
    await proxy?.stop();
    await server?.stop();
  });

  function open(prefix: string): Opened {
    proxy.setFault(() => undefined);
    const place = { bucket: server.bucket, description: `s3://${server.bucket}/${prefix}` };
    const session = openS3Session({
      place,
      env: server.env,
      endpointUrl: `http://${proxy.host}`,
      clock: systemClock,
      logger: silentLogger,
      fetch: httpFetch,
      counters: { requests: 0, bodyBytesSent: 0 },
    });
    const sizes = { maxWholeBytes: PART_BYTES, partBytes: PART_BYTES };
    const store = openObjectStore(openS3Bucket({ session, place, prefix, nowMs: () => Date.now(), ...sizes }));
    return {
      store,
      session,
      async unfinished() {
        const ids: string[] = [];
        for await (const { id } of listUploads({ session, place, prefix: `${prefix}/`, signal: undefined }))
          ids.push(id);
        return ids;
      },
    };
  }
  const parts = (): number => proxy.seen.filter(({ kind }) => kind === 'part-put').length;

  test.each([
    [5 * MIB, 0],
    [5 * MIB + 1, 2],
    [10 * MIB, 2],
    [11 * MIB + 7, 3],
  ])('%i bytes go in %i parts and come back as written', async (size, count) => {
    const { store, unfinished } = open('sizes');
    const { blob, bytes, source } = newBlob(size, 300_001);
    expect(await store.writeBlob(blob, source)).toEqual({ bytesSent: size });
    expect(parts()).toBe(count);
    const found = await store.readBlob(blob.digest);
    expect((await readAll(found!.body)).equals(bytes)).toBe(true);
    expect(await unfinished()).toEqual([]);
  });

  test.each([
    ['another digest', (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -1), Buffer.of(bytes.at(-1)! ^ 1)])],
    ['a short body', (bytes: Buffer) => bytes.subarray(0, -1)],
    ['a long body', (bytes: Buffer) => Buffer.concat([bytes, Buffer.of(1)])],
  ])('a source with %s is refused and leaves nothing', async (_, spoil) => {
    const { store, unfinished } = open('wrong');
    const bytes = randomBytes(11 * MIB);
    const blob = describeBlob(bytes);
    await expect(store.writeBlob(blob, sourceOf(spoil(bytes)))).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
    expect(await store.hasBlob(blob.digest)).toBe(false);
    expect(await unfinished()).toEqual([]);
  });

  test.each(['parts-start', 'part-put', 'parts-join'] as const)('a fault at %s leaves nothing', async (spoilt) => {
    const { store, unfinished } = open('faults');
    const { blob, bytes, source } = newBlob(11 * MIB);
    proxy.setFault((kind) =>
      kind === spoilt ? { kind: 'answer', status: 503, body: s3Error('SlowDown') } : undefined,
    );
    const write = store.writeBlob(blob, source);
    await expect(write).rejects.toMatchObject({ code: 'STORE_RATE_LIMITED', retryable: true });
    proxy.setFault(() => undefined);
    expect(await store.hasBlob(blob.digest)).toBe(false);
    expect(await unfinished()).toEqual([]);
    await store.writeBlob(blob, source);
    expect((await readAll((await store.readBlob(blob.digest))!.body)).equals(bytes)).toBe(true);
  });

  test('an abort in the middle ends it soon with its reason, and leaves nothing', async () => {
    const { store, unfinished } = open('aborted');
    const { blob, bytes } = newBlob(11 * MIB);
    const controller = new AbortController();
    const reason = new Error('the user went away');
    const write = store.writeBlob(
      blob,
      async function* () {
        yield bytes.subarray(0, 7 * MIB);
        controller.abort(reason);
        await new Promise(() => undefined);
      },
      { signal: controller.signal },
    );
    await expect(write).rejects.toBe(reason);
    expect(await store.hasBlob(blob.digest)).toBe(false);
    expect(await unfinished()).toEqual([]);
  });

  test('what a killed writer left is removed when it is old enough, and only that', async () => {
    const { store, session, unfinished } = open('killed');
    const call = { what: 'write', permission: 's3:PutObject' };
    const object = { Bucket: server.bucket, Key: `killed/blobs/sha256/${'a'.repeat(64)}` };
    await session(call, async ({ sdk, client }) => {
      const { UploadId } = await client.send(new sdk.CreateMultipartUploadCommand(object));
      const part = { ...object, UploadId, PartNumber: 1, Body: Buffer.alloc(1000) };
      await client.send(new sdk.UploadPartCommand(part));
    });
    expect(await unfinished()).toHaveLength(1);
    expect(await store.deleteStaleUploads(24 * 3600 * 1000)).toBe(0);
    expect(await unfinished()).toHaveLength(1);
    // Some services tell whole seconds.
    expect(await store.deleteStaleUploads(-5000)).toBe(1);
    expect(await unfinished()).toEqual([]);
  });
});
