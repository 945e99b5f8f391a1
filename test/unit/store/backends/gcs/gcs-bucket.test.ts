import { describe, expect, test } from 'vitest';
import type { ErrorCode } from '../../../../../src/core/errors.ts';
import type { Bucket } from '../../../../../src/store/backends/object/bucket.ts';
import { openGcs } from '../../../../../src/store/backends/gcs/open-gcs.ts';
import { fakeFetch, type FakeAnswer, type FakeFetch } from '../../../../helpers/fake-fetch.ts';
import { manualClock } from '../../../../helpers/manual-clock.ts';

type Answer = Parameters<typeof fakeFetch>[0];

function open(answer: Answer, endpointUrl = 'http://gcs.test'): { readonly bucket: Bucket; readonly fake: FakeFetch } {
  const fake = fakeFetch(answer);
  const bucket = openGcs({
    bucket: 'b',
    prefix: 'ci',
    endpointUrl,
    env: {},
    homeDirectory: '/nonexistent',
    clock: manualClock(),
    fetch: fake.fetch,
    counters: { requests: 0, bodyBytesSent: 0 },
  });
  return { bucket, fake };
}

function json(document: object, status = 200): FakeAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(document) };
}

function refusal(status: number, message: string, reason = 'x'): FakeAnswer {
  return json({ error: { code: status, message, errors: [{ message, reason }] } }, status);
}

function bodyOf(sizeBytes: number) {
  return {
    sizeBytes,
    mediaType: 'text/plain',
    async *open() {
      yield Buffer.alloc(sizeBytes);
    },
  };
}

async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

describe('listing', () => {
  test('goes page by page, and gives keys behind the prefix', async () => {
    const { bucket, fake } = open((url) => {
      const page = url.searchParams.get('pageToken') ?? '0';
      const item = { name: `ci/blobs/${page}`, size: '7', timeCreated: '1970-01-01T00:00:01Z' };
      return json({
        items: [item, { name: 'elsewhere/x', size: '1' }],
        ...(page < '2' && { nextPageToken: `${Number(page) + 1}` }),
      });
    });
    const found = await all(bucket.list('blobs/'));
    expect(found.map(({ key }) => key)).toEqual(['blobs/0', 'blobs/1', 'blobs/2']);
    expect(found[0]).toEqual({ key: 'blobs/0', sizeBytes: 7, writtenAtMs: 1000 });
    expect(new URL(fake.seen[0]!.url).searchParams.get('prefix')).toBe('ci/blobs/');
  });

  test('folders are what stands before the next slash', async () => {
    const { bucket } = open(() => json({ prefixes: ['ci/snapshots/main/', 'ci/snapshots/_4dain/'] }));
    expect(await all(bucket.listFolders('snapshots/'))).toEqual(['main', '_4dain']);
  });

  test('an empty bucket, and a server that gives the same page for ever', async () => {
    expect(await all(open(() => json({})).bucket.list(''))).toEqual([]);
    const { bucket, fake } = open(() => json({ items: [], nextPageToken: 'same' }));
    expect(await all(bucket.list(''))).toEqual([]);
    expect(fake.seen).toHaveLength(2);
  });
});

describe('what Google answers', () => {
  test.each<[status: number, message: string, reason: string, code: ErrorCode, isRetryable: boolean]>([
    [400, 'no', 'invalid', 'STORE_FAILED', false],
    [401, 'Invalid Credentials', 'authError', 'STORE_UNAUTHENTICATED', false],
    [403, 'ci@x does not have storage.objects.create access', 'forbidden', 'STORE_DENIED', false],
    [403, 'too many', 'rateLimitExceeded', 'STORE_RATE_LIMITED', true],
    [404, 'The specified bucket does not exist.', 'notFound', 'STORE_FAILED', false],
    [408, '', '', 'STORE_FAILED', true],
    [429, 'slow down', 'rateLimitExceeded', 'STORE_RATE_LIMITED', true],
    [500, '', 'backendError', 'STORE_FAILED', true],
    [502, '', '', 'STORE_FAILED', true],
    [503, '', '', 'STORE_FAILED', true],
    [501, '', '', 'STORE_FAILED', false],
  ])('%i %s (%s) is %s in every call', async (status, message, reason, code, retryable) => {
    const { bucket } = open(() => refusal(status, message, reason));
    const calls = [
      bucket.find('k'),
      bucket.open('k'),
      bucket.write('k', bodyOf(3), { onlyIfAbsent: false }),
      bucket.write('k', bodyOf(9_000_000), { onlyIfAbsent: true }),
      all(bucket.list('')),
      bucket.remove('k'),
    ];
    for (const call of calls) await expect(call).rejects.toMatchObject({ code, retryable });
  });

  test('a missing object is a value', async () => {
    const { bucket } = open(() => refusal(404, 'No such object: b/ci/k', 'notFound'));
    expect(await bucket.find('k')).toBeUndefined();
    expect(await bucket.open('k')).toBeUndefined();
    await bucket.remove('k');
  });

  test('a refusal names the permission that Google names, and shows nothing that could write to a terminal', async () => {
    const { bucket } = open(() => refusal(403, "Permission 'storage.objects.update' denied \u001b[31m on resource"));
    const error = await bucket.write('k', bodyOf(1), { onlyIfAbsent: false }).catch((e: unknown) => e);
    expect(error).toHaveProperty('hint', expect.stringContaining('`storage.objects.update`'));
    expect(String(error)).not.toContain('\u001b');
  });

  test('Retry-After is passed on', async () => {
    const { bucket } = open(() => ({ ...refusal(429, 'slow down'), headers: { 'retry-after': '7' } }));
    await expect(bucket.find('k')).rejects.toMatchObject({ retryAfterSeconds: 7 });
  });

  test('a page of a portal with status 200 is no object, no listing and no success', async () => {
    const { bucket } = open(() => ({ headers: { 'content-type': 'text/html' }, body: '<html>' }));
    await expect(bucket.find('k')).rejects.toMatchObject({ code: 'STORE_FAILED' });
    await expect(all(bucket.list(''))).rejects.toMatchObject({ code: 'STORE_FAILED' });
    await expect(bucket.write('k', bodyOf(3), { onlyIfAbsent: false })).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });
});

describe('writing', () => {
  test('only if absent is generation 0; 412 means it exists', async () => {
    const { bucket, fake } = open(() => refusal(412, 'conditionNotMet'));
    expect(await bucket.write('k', bodyOf(3), { onlyIfAbsent: true })).toBe('exists');
    expect(new URL(fake.seen[0]!.url).searchParams.get('ifGenerationMatch')).toBe('0');
    await expect(bucket.write('k', bodyOf(3), { onlyIfAbsent: false })).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });

  test('one that was kept in part is taken away again, that generation only', async () => {
    const { bucket, fake } = open((_, { method }) =>
      method === 'DELETE' ? { status: 204 } : json({ name: 'ci/k', size: '2', generation: '41' }),
    );
    const write = bucket.write('k', bodyOf(3), { onlyIfAbsent: false });
    await expect(write).rejects.toMatchObject({ code: 'STORE_FAILED', retryable: true });
    expect(fake.seen[1]?.request.method).toBe('DELETE');
    expect(new URL(fake.seen[1]!.url).searchParams.get('ifGenerationMatch')).toBe('41');
  });

  test.each(['', 'https://evil.test/upload?upload_id=secret-session', 'ftp://gcs.test/x'])(
    'a session at %j is not used, and its address not shown',
    async (location) => {
      const { bucket, fake } = open(() => ({ headers: { location } }));
      const error = await bucket.write('k', bodyOf(9_000_000), { onlyIfAbsent: false }).catch((e: unknown) => e);
      expect(error).toMatchObject({ code: 'STORE_FAILED', retryable: false });
      expect(String(error)).not.toContain('secret-session');
      expect(fake.seen).toHaveLength(1);
    },
  );
});

describe('reading from the middle', () => {
  test('another range than asked for is an error', async () => {
    const { bucket } = open(() => ({ status: 206, headers: { 'content-range': 'bytes 5-9/10' }, body: 'xxxxx' }));
    await expect(bucket.open('k', { offset: 3 })).rejects.toMatchObject({ code: 'STORE_FAILED' });
    expect((await bucket.open('k', { offset: 5 }))?.offset).toBe(5);
  });

  test('the whole instead of a range says so; a start past the end is empty', async () => {
    expect((await open(() => ({ body: 'whole' })).bucket.open('k', { offset: 3 }))?.offset).toBe(0);
    const past = await open(() => ({ status: 416 })).bucket.open('k', { offset: 30 });
    expect(past?.offset).toBe(30);
    expect(await all(past!.body)).toEqual([]);
  });
});

test.each([
  ['127.0.0.1:4443', 'http://127.0.0.1:4443'],
  ['http://localhost:4443/storage/v1/', 'http://localhost:4443'],
])('STORAGE_EMULATOR_HOST=%s', async (value, origin) => {
  const fake = fakeFetch(() => json({}));
  const options = {
    bucket: 'b',
    homeDirectory: '/',
    clock: manualClock(),
    counters: { requests: 0, bodyBytesSent: 0 },
  };
  const bucket = openGcs({ ...options, env: { STORAGE_EMULATOR_HOST: value }, fetch: fake.fetch });
  await all(bucket.list(''));
  expect(new URL(fake.seen[0]!.url).origin).toBe(origin);
  expect(fake.seen[0]!.request.headers).not.toHaveProperty('authorization');
  expect(() => openGcs({ ...options, env: { STORAGE_EMULATOR_HOST: 'ftp://x' }, fetch: fake.fetch })).toThrow(
    'no address',
  );
});
