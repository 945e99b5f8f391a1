import { afterEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../../src/core/clock.ts';
import { hexOf } from '../../../../src/core/digest.ts';
import { silentLogger } from '../../../../src/core/logger.ts';
import { redact } from '../../../../src/core/redact.ts';
import type { RequestCounters } from '../../../../src/oci/request.ts';
import type { Bucket } from '../../../../src/store/backends/object/bucket.ts';
import { openS3Bucket, type S3BucketOptions } from '../../../../src/store/backends/s3/s3-bucket.ts';
import { openS3Session, type S3SessionOptions } from '../../../../src/store/backends/s3/s3-session.ts';
import { fakeFetch, type FakeAnswer, type FakeFetch } from '../../../helpers/fake-fetch.ts';
import { s3Error } from '../../../helpers/s3-requests.ts';
import { newBlob, readAll } from '../../../helpers/store-contract-subject.ts';

const ENV = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret-of-tests', AWS_REGION: 'eu-central-1' };

interface Opened {
  readonly bucket: Bucket;
  readonly network: FakeFetch;
  readonly counters: RequestCounters;
  /** `GET /path?query` of each request. */
  asked(): readonly string[];
}

/** A bucket at a service that answers what the function says. */
function open(
  answer: (url: URL, method: string, nth: number) => FakeAnswer,
  options: Partial<S3SessionOptions & S3BucketOptions> = {},
): Opened {
  const network = fakeFetch((url, { method }, nth) => answer(url, method, nth));
  const place = { bucket: 'my-cache', description: 's3://my-cache/ci' };
  const counters = { requests: 0, bodyBytesSent: 0 };
  const session = openS3Session({
    place,
    env: ENV,
    clock: systemClock,
    logger: silentLogger,
    fetch: network.fetch,
    counters,
    endpointUrl: 'http://127.0.0.1:9000',
    ...options,
  });
  const bucket = openS3Bucket({ session, place, prefix: 'ci', nowMs: () => Date.now(), ...options });
  const asked = (): readonly string[] =>
    network.seen.map(({ url, request }) => `${request.method} ${url.replace(/^https?:\/\/[^/]+/, '')}`);
  return { bucket, network, counters, asked };
}

const xml = (body: string): FakeAnswer => ({
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>${body}`,
});
const failure = (status: number, code: string): FakeAnswer => ({ ...xml(''), status, body: s3Error(code) });

async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** What S3 says to a PUT. */
const TAKEN: FakeAnswer = { headers: { etag: '"0123"' } };

describe('credentials that the SDK finds by itself', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('are known to redact before they are used', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDFOUND');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'key-that-was-found');
    vi.stubEnv('AWS_SESSION_TOKEN', 'token-that-was-found');
    const message = 'key-that-was-found token-that-was-found';
    const { bucket } = open(
      () => ({ ...xml(`<Error><Code>AccessDenied</Code><Message>${message}</Message></Error>`), status: 403 }),
      { env: { AWS_REGION: 'eu-central-1' } },
    );
    await expect(all(bucket.list(''))).rejects.toMatchObject({
      message: expect.stringMatching(/AccessDenied, \*\*\* \*\*\*$/),
    });
  });
});

describe('where requests go', () => {
  it.each([
    [{}, 'http://127.0.0.1:9000/my-cache/ci/key'],
    [{ usePathStyle: true }, 'http://127.0.0.1:9000/my-cache/ci/key'],
    [{ endpointUrl: 'https://minio.example.com/base' }, 'https://minio.example.com/base/my-cache/ci/key'],
    [{ endpointUrl: 'https://s3.example.com', usePathStyle: false }, 'https://my-cache.s3.example.com/ci/key'],
    [{ endpointUrl: '' }, 'https://my-cache.s3.eu-central-1.amazonaws.com/ci/key'],
    [{ endpointUrl: '', region: 'us-west-2' }, 'https://my-cache.s3.us-west-2.amazonaws.com/ci/key'],
    [{ endpointUrl: '', usePathStyle: true }, 'https://s3.eu-central-1.amazonaws.com/my-cache/ci/key'],
  ])('%j: %s', async ({ endpointUrl, ...options }: { endpointUrl?: string; usePathStyle?: boolean }, url) => {
    const { bucket, network } = open(() => ({ status: 404 }), {
      ...options,
      ...(endpointUrl !== undefined && { endpointUrl: endpointUrl || undefined }),
    });
    expect(await bucket.find('key')).toBeUndefined();
    expect(network.seen[0]?.url).toBe(url);
    const { origin, pathname } = new URL((await bucket.locate!('key'))!.url);
    expect(origin + pathname).toBe(url);
  });

  it('signs with the region of the spec, before that of the environment', async () => {
    const { bucket, network } = open(() => ({ status: 404 }), { region: 'us-west-2' });
    await bucket.find('key');
    const { authorization } = network.seen[0]!.request.headers;
    expect(authorization).toMatch(/Credential=AKIDEXAMPLE\/\d{8}\/us-west-2\/s3\/aws4_request/);
  });

  it('sends nothing, and does not load the SDK, before it is used', () => {
    expect(open(() => ({})).network.seen).toEqual([]);
  });
});

describe('addresses for others', () => {
  const queryOf = async (bucket: Bucket): Promise<URLSearchParams> =>
    new URL((await bucket.locate!('key'))!.url).searchParams;

  it('are signed as requests are: for a region, by the clock of the service, and with the host as the only header', async () => {
    const theirs = new Date(Date.now() + 7 * 24 * 3600 * 1000);
    const date = theirs.toUTCString();
    const { bucket } = open(
      () => ({ ...failure(403, 'RequestTimeTooSkewed'), headers: { date, 'content-type': 'application/xml' } }),
      { region: 'us-west-2' },
    );
    await expect(all(bucket.list(''))).rejects.toMatchObject({ retryable: true });
    const query = await queryOf(bucket);
    expect(query.get('X-Amz-Credential')).toMatch(/^AKIDEXAMPLE\/\d{8}\/us-west-2\/s3\/aws4_request$/);
    expect(query.get('X-Amz-Date')?.slice(0, 8)).toBe(theirs.toISOString().slice(0, 10).replaceAll('-', ''));
    expect(query.get('X-Amz-SignedHeaders')).toBe('host');
  });

  it('are as secret as what they are signed with', async () => {
    const query = await queryOf(open(() => ({})).bucket);
    const signature = query.get('X-Amz-Signature')!;
    expect(redact(`it was ${signature}.`)).toBe('it was ***.');
  });

  it('have no signature where requests have none', async () => {
    const { bucket } = open(() => ({}), { isAnonymous: true });
    expect([...(await queryOf(bucket)).keys()]).toEqual(['x-id']);
  });

  it('are not to be had of directory buckets, whose sessions sign otherwise', async () => {
    const session = '<SessionToken>t</SessionToken><SecretAccessKey>s</SecretAccessKey><AccessKeyId>a</AccessKeyId>';
    const expiration = new Date(Date.now() + 300_000).toISOString();
    const credentials = `<Credentials>${session}<Expiration>${expiration}</Expiration></Credentials>`;
    const place = { bucket: 'cache--euc1-az1--x-s3', description: 's3://cache--euc1-az1--x-s3' };
    const answer = xml(`<CreateSessionResult>${credentials}</CreateSessionResult>`);
    const network = fakeFetch(() => answer);
    const options = { place, env: ENV, clock: systemClock, logger: silentLogger, fetch: network.fetch };
    const opened = openS3Session({ ...options, counters: { requests: 0, bodyBytesSent: 0 } });
    const bucket = openS3Bucket({ session: opened, place, nowMs: () => Date.now() });
    expect(await bucket.locate!('key')).toBeUndefined();
  });
});

describe('objects', () => {
  it('are written with their length and their hash in the signature', async () => {
    const { bucket, network, counters } = open(() => TAKEN);
    const { blob, source } = newBlob(1000, 300);
    expect(await bucket.write('key', { ...blob, open: source }, { onlyIfAbsent: true })).toBe('written');
    const { headers, method } = network.seen[0]!.request;
    expect(method).toBe('PUT');
    expect(headers).toMatchObject({
      'content-length': '1000',
      'content-type': blob.mediaType,
      'if-none-match': '*',
      'x-amz-content-sha256': hexOf(blob.digest),
    });
    expect(headers['authorization']).toMatch(/SignedHeaders=[^,]*x-amz-content-sha256/);
    // Services that are only like S3 don't know the newer checksums, nor bodies in signed chunks.
    expect(Object.keys(headers).filter((name) => /checksum|trailer|transfer-encoding/i.test(name))).toEqual([]);
    expect(counters).toEqual({ requests: 1, bodyBytesSent: 1000 });
  });

  it.each([200, 204])('an empty %i that names nothing is no success', async (status) => {
    const { blob, source } = newBlob(10);
    const write = open(() => ({ status })).bucket.write('key', { ...blob, open: source }, { onlyIfAbsent: false });
    await expect(write).rejects.toMatchObject({ code: 'STORE_FAILED', retryable: false });
  });

  it.each([
    [412, 'PreconditionFailed', true, 'exists'],
    [412, 'PreconditionFailed', false, 'STORE_FAILED'],
    [409, 'ConditionalRequestConflict', true, 'STORE_FAILED'],
  ] as const)('%i %s, only if absent %s: %s', async (status, code, onlyIfAbsent, outcome) => {
    const { bucket } = open(() => failure(status, code));
    const { blob, source } = newBlob(10);
    const write = bucket.write('key', { ...blob, open: source }, { onlyIfAbsent });
    expect(await write.catch((error: { code: string }) => error.code)).toBe(outcome);
  });

  it('are read from an offset, or from the start where the service does not know ranges', async () => {
    const partial = { status: 206, headers: { 'content-range': 'bytes 4-9/10' }, body: '456789' };
    const { bucket, network } = open((_, __, nth) => (nth === 0 ? partial : { body: '0123456789' }));
    const first = await bucket.open('key', { offset: 4 });
    expect([first?.offset, String(await readAll(first!.body))]).toEqual([4, '456789']);
    const second = await bucket.open('key', { offset: 4 });
    expect([second?.offset, String(await readAll(second!.body))]).toEqual([0, '0123456789']);
    expect(network.seen[0]?.request.headers['range']).toBe('bytes=4-');
  });

  it('with another range than asked for are refused', async () => {
    const wrong = { status: 206, headers: { 'content-range': 'bytes 3-9/10' }, body: '3456789' };
    await expect(open(() => wrong).bucket.open('key', { offset: 4 })).rejects.toThrow('another range');
  });

  it('that a page stands in for are refused', async () => {
    const page = { headers: { 'content-type': 'text/html' }, body: '<html>log in</html>' };
    const { blob, source } = newBlob(10);
    const { bucket } = open(() => page);
    const write = bucket.write('key', { ...blob, open: source }, { onlyIfAbsent: false });
    await expect(write).rejects.toMatchObject({ code: 'STORE_FAILED', message: expect.stringContaining('web page') });
  });
});

describe('isConditional', () => {
  it.each([
    ['one that is there already', [412], true],
    ['the first time', [200, 412], true],
    ['a service that ignores it', [200, 200], false],
    ['a service that refuses what it has not got', [501], false],
  ] as const)('%s', async (_, statuses, isIt) => {
    const { bucket, network, asked } = open((_url, _method, nth) =>
      statuses[nth] === 200 ? TAKEN : failure(statuses[nth]!, 'Whatever'),
    );
    expect(await bucket.isConditional()).toBe(isIt);
    expect(asked().length).toBe(statuses.length);
    expect(asked()[0]).toMatch(/^PUT \/my-cache\/ci\/conditional-writes\b/);
    expect(network.seen[0]?.request.headers['if-none-match']).toBe('*');
  });

  it('is not known after a failure', async () => {
    await expect(open(() => failure(503, 'SlowDown')).bucket.isConditional()).rejects.toMatchObject({
      retryable: true,
    });
  });
});

describe('listings', () => {
  const contents = (keys: readonly string[]): string =>
    keys
      .map(
        (key) =>
          `<Contents><Key>${key}</Key><Size>7</Size><LastModified>2026-01-02T03:04:05.000Z</LastModified></Contents>`,
      )
      .join('');
  const page = (inner: string, next?: string): FakeAnswer =>
    xml(
      `<ListBucketResult><IsTruncated>${next !== undefined}</IsTruncated>${inner}${
        next === undefined ? '' : `<NextContinuationToken>${next}</NextContinuationToken>`
      }</ListBucketResult>`,
    );

  it('go on page by page, without the prefix', async () => {
    const { bucket, network } = open((_, __, nth) =>
      nth === 0 ? page(contents(['ci/a/1', 'ci/a/2']), 'more') : page(contents(['ci/a/3'])),
    );
    const listed = await all(bucket.list('a/'));
    expect(listed.map(({ key }) => key)).toEqual(['a/1', 'a/2', 'a/3']);
    expect(listed[0]).toEqual({ key: 'a/1', sizeBytes: 7, writtenAtMs: Date.UTC(2026, 0, 2, 3, 4, 5) });
    const queries = network.seen.map(({ url }) => new URL(url).searchParams);
    expect(queries.map((query) => [query.get('prefix'), query.get('continuation-token')])).toEqual([
      ['ci/a/', null],
      ['ci/a/', 'more'],
    ]);
  });

  it('of folders name each', async () => {
    const inner =
      '<CommonPrefixes><Prefix>ci/s/main/</Prefix></CommonPrefixes><CommonPrefixes><Prefix>ci/s/x_2fy/</Prefix></CommonPrefixes>';
    const { bucket } = open(() => page(inner));
    expect(await all(bucket.listFolders('s/'))).toEqual(['main', 'x_2fy']);
  });

  it('that never end are given up', async () => {
    const { bucket } = open(() => page(contents(['ci/a/1']), 'more'));
    await expect(all(bucket.list('a/'))).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });

  it('without a prefix begin at the top', async () => {
    const { bucket } = open(() => page(contents(['a/1'])), { prefix: undefined });
    expect((await all(bucket.list('a/'))).map(({ key }) => key)).toEqual(['a/1']);
  });
});

describe('removeStaleUploads', () => {
  const upload = (key: string, id: string, started: string): string =>
    `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${started}</Initiated></Upload>`;
  const page = (inner: string, more: string = '<IsTruncated>false</IsTruncated>'): FakeAnswer =>
    xml(`<ListMultipartUploadsResult>${more}${inner}</ListMultipartUploadsResult>`);
  const NOW = Date.UTC(2026, 0, 3);
  const HOUR = 3600 * 1000;

  it('removes old ones of its prefix, over all pages, and takes one that has gone for done', async () => {
    const { bucket, asked } = open(
      (url, method, nth) => {
        if (method === 'DELETE') return url.href.includes('gone') ? failure(404, 'NoSuchUpload') : { status: 204 };
        const more =
          '<IsTruncated>true</IsTruncated><NextKeyMarker>k</NextKeyMarker><NextUploadIdMarker>i</NextUploadIdMarker>';
        return nth === 0
          ? page(
              upload('ci/a', 'old', '2026-01-01T00:00:00.000Z') + upload('ci/b', 'young', '2026-01-02T23:30:00.000Z'),
              more,
            )
          : page(
              upload('ci/c', 'gone', '2026-01-01T00:00:00.000Z') + upload('other/d', 'old', '2026-01-01T00:00:00.000Z'),
            );
      },
      { nowMs: () => NOW },
    );
    expect(await bucket.removeStaleUploads(HOUR)).toBe(2);
    const deleted = asked().filter((line) => line.startsWith('DELETE'));
    expect(deleted.map((line) => /uploadId=(\w+)/.exec(line)?.[1])).toEqual(['old', 'gone']);
    expect(asked().find((line) => line.includes('key-marker=k'))).toContain('upload-id-marker=i');
  });

  it.each([
    [404, 'NoSuchUpload'],
    [501, 'NotImplemented'],
  ])('has nothing to do where the service says %i %s', async (status, code) => {
    expect(await open(() => failure(status, code)).bucket.removeStaleUploads(HOUR)).toBe(0);
  });
});

describe('credentials', () => {
  it('of the environment are used as they are, with their session token', async () => {
    const env = { ...ENV, AWS_SESSION_TOKEN: 'token-of-tests' };
    const { bucket, network } = open(() => ({ status: 404 }), { env });
    await bucket.find('key');
    expect(network.seen[0]?.request.headers['x-amz-security-token']).toBe('token-of-tests');
  });

  it('that expired and cannot be others the next time are not tried again', async () => {
    const { bucket } = open(() => failure(400, 'ExpiredToken'));
    await expect(bucket.open('key')).rejects.toMatchObject({ code: 'STORE_UNAUTHENTICATED', retryable: false });
  });
});

it('signs with the time of the service once a request was refused for the time of ours', async () => {
  const date = new Date(Date.now() + 3600 * 1000).toUTCString();
  const { bucket, network } = open((_, __, nth) =>
    nth === 0
      ? { ...failure(403, 'RequestTimeTooSkewed'), headers: { date, 'content-type': 'application/xml' } }
      : { body: 'x' },
  );
  await expect(bucket.open('key')).rejects.toMatchObject({ code: 'STORE_FAILED', retryable: true });
  await bucket.open('key');
  const [first, second] = network.seen.map(({ request }) => signedAt(request.headers['x-amz-date'] ?? ''));
  expect(Math.abs(second! - first! - 3600 * 1000)).toBeLessThan(60_000);
});

/** `20260102T030405Z` as milliseconds. */
function signedAt(date: string): number {
  return Date.parse(date.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)/, '$1-$2-$3:$4:'));
}
