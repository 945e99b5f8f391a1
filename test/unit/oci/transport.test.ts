import { expect, test } from 'vitest';
import { silentLogger } from '../../../src/core/logger.ts';
import { systemClock, type Clock } from '../../../src/core/clock.ts';
import { digestOf } from '../../../src/core/digest.ts';
import { findBlob, openBlob, uploadBlob } from '../../../src/oci/blobs.ts';
import { openRepository } from '../../../src/oci/client.ts';
import type { HttpFetch } from '../../../src/oci/http-fetch.ts';
import type { Repository } from '../../../src/oci/repository.ts';
import { bytesBody } from '../../../src/oci/request.ts';
import { listTags } from '../../../src/oci/tags.ts';
import { readManifest } from '../../../src/oci/manifests.ts';
import { fakeFetch, type FakeAnswer } from '../../helpers/fake-fetch.ts';

const DIGEST = digestOf('x');
const LOGIN = {
  DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { 'r.example.com': { auth: btoa('someone:the-password') } } }),
};

function repository(fetch: HttpFetch, options: { env?: object; isInsecure?: boolean; clock?: Clock } = {}): Repository {
  return openRepository({
    host: 'r.example.com',
    repository: 'team/app',
    env: { ...options.env },
    homeDirectory: '/nonexistent',
    logger: silentLogger,
    clock: options.clock ?? systemClock,
    fetch,
    counters: { requests: 0, bodyBytesSent: 0 },
    ...(options.isInsecure !== undefined && { isInsecure: options.isInsecure }),
  });
}

test('every request says who asks and wants the bytes as they are', async () => {
  const { fetch, seen } = fakeFetch(() => ({ status: 404 }));
  expect(await findBlob(repository(fetch), DIGEST)).toBeUndefined();
  expect(seen[0]).toMatchObject({
    url: `https://r.example.com/v2/team/app/blobs/${DIGEST}`,
    request: { method: 'HEAD', headers: { 'user-agent': 'slipway', 'accept-encoding': 'identity' } },
  });
});

test.each([
  ['https://r.example.com', 'http://r.example.com/x', 'a redirect to `http:`'],
  ['https://r.example.com', 'https://10.0.0.1/x', 'private address'],
  ['https://r.example.com', 'https://localhost/x', 'private address'],
  ['https://r.example.com', 'https://169.254.169.254/latest/meta-data', 'private address'],
  ['https://r.example.com', 'file:///etc/passwd', 'a redirect to `file:`'],
  ['https://r.example.com', 'https://', 'no address'],
])('from %s a redirect to %s is refused', async (_, location, problem) => {
  const { fetch, seen } = fakeFetch(() => ({ status: 307, headers: { location } }));
  await expect(openBlob(repository(fetch), DIGEST)).rejects.toMatchObject({
    code: 'STORE_FAILED',
    message: expect.stringContaining(problem),
    retryable: false,
  });
  expect(seen).toHaveLength(1);
});

test('the signature in a redirect is known from then on', async () => {
  const location = 'https://blobs.example.com/x?X-Amz-Signature=signature-of-a-redirect';
  const { fetch } = fakeFetch(
    (url): FakeAnswer =>
      url.host === 'r.example.com'
        ? { status: 307, headers: { location } }
        : {
            status: 403,
            headers: { 'content-type': 'application/json' },
            body: '{"errors":[{"code":"BAD","message":"signature-of-a-redirect is over"}]}',
          },
  );
  await expect(openBlob(repository(fetch), DIGEST)).rejects.toMatchObject({
    message: expect.stringMatching(/403 \(BAD: \*\*\* is over\)$/),
  });
});

test('a redirect that would turn a PUT into a GET is refused', async () => {
  const { fetch } = fakeFetch((_, { method }) =>
    method === 'POST'
      ? { status: 202, headers: { location: '/v2/up?state=1' } }
      : { status: 302, headers: { location: '/elsewhere' } },
  );
  const upload = uploadBlob(repository(fetch), DIGEST, bytesBody(Buffer.from('x')));
  await expect(upload).rejects.toThrow(/a 302 redirect of a PUT/);
});

test.each([
  ['/v2/team/app/blobs/uploads/1?state=abc', 'https://r.example.com/v2/team/app/blobs/uploads/1?state=abc&digest='],
  ['http://r.example.com/up', 'https://r.example.com/up?digest='],
  ['https://blobs.example.com/up?x=1', 'https://blobs.example.com/up?x=1&digest='],
])('an upload goes to %s', async (location, expected) => {
  const { fetch, seen } = fakeFetch((_, { method }) =>
    method === 'POST' ? { status: 202, headers: { location } } : { status: 201 },
  );
  await uploadBlob(repository(fetch), DIGEST, bytesBody(Buffer.from('x')));
  expect(seen[1]?.url).toBe(expected + encodeURIComponent(DIGEST));
  expect(seen[1]?.request.headers).toMatchObject({ 'content-length': '1' });
});

test('an upload to plain http elsewhere is refused', async () => {
  const { fetch } = fakeFetch(() => ({ status: 202, headers: { location: 'http://elsewhere.example.com/up' } }));
  await expect(uploadBlob(repository(fetch), DIGEST, bytesBody(Buffer.from('x')))).rejects.toThrow(/`http:`/);
});

test('a password goes to the realm that the registry names only where that is safe', async () => {
  const realms: readonly (readonly [string, boolean | undefined, boolean])[] = [
    ['https://auth.example.com/token', undefined, true],
    ['https://r.example.com/token', undefined, true],
    ['http://r.example.com/token', undefined, false],
    ['http://auth.example.com/token', undefined, false],
    ['http://auth.example.com/token', true, false],
    ['http://r.example.com:5001/token', true, true],
    ['https://10.0.0.1/token', undefined, false],
    ['https://localhost/token', undefined, false],
    ['file:///etc/passwd', undefined, false],
    ['', undefined, false],
  ];
  for (const [realm, isInsecure, isAllowed] of realms) {
    const { fetch, seen } = fakeFetch((url, request): FakeAnswer => {
      if (url.pathname === '/token') return { body: JSON.stringify({ token: 'abcdefgh' }) };
      if (request.headers['authorization']) return { status: 404 };
      return { status: 401, headers: { 'www-authenticate': `Bearer realm="${realm}",service="s"` } };
    });
    const found = findBlob(repository(fetch, { env: LOGIN, ...(isInsecure !== undefined && { isInsecure }) }), DIGEST);
    if (isAllowed) {
      expect(await found).toBeUndefined();
      expect(seen.find(({ url }) => url.startsWith(realm))?.request.headers).toHaveProperty('authorization');
    } else {
      await expect(found).rejects.toMatchObject({ code: 'STORE_UNAUTHENTICATED' });
      expect(seen).toHaveLength(1);
    }
  }
});

test('a token answer without a token, or with a line break in it, is refused', async () => {
  for (const body of ['{}', '{"token":"a\\r\\nx: y"}', 'null', '<html>', '[]']) {
    const { fetch } = fakeFetch((url): FakeAnswer => {
      if (url.pathname === '/token') return { body };
      return { status: 401, headers: { 'www-authenticate': 'Bearer realm="https://r.example.com/token"' } };
    });
    const found = findBlob(repository(fetch), DIGEST);
    await expect(found).rejects.toMatchObject({ code: expect.stringMatching(/STORE_(UNAUTHENTICATED|FAILED)/) });
  }
});

test('an error names the place and never the password', async () => {
  const { fetch } = fakeFetch(
    (_, request): FakeAnswer =>
      request.headers['authorization']
        ? {
            status: 403,
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ errors: [{ code: 'DENIED', message: 'the-password \u001b[2J\r\nis wrong' }] }),
          }
        : { status: 401, headers: { 'www-authenticate': 'Basic' } },
  );
  const error: unknown = await openBlob(repository(fetch, { env: LOGIN }), DIGEST).catch((e: unknown) => e);
  expect(error).toMatchObject({ code: 'STORE_DENIED', hint: expect.stringContaining('permission to pull') });
  const { message } = error as Error;
  expect(message).toContain('r.example.com');
  expect(message).toContain('DENIED: ***');
  expect(message).not.toMatch(/[\u0000-\u001f]|the-password/);
});

test('tags are read page by page, from the same host only', async () => {
  const pages: Record<string, FakeAnswer> = {
    '': { headers: { link: '</v2/team/app/tags/list?n=2&last=b>; rel="next"' }, body: '{"tags":["a","b"]}' },
    b: {
      headers: { link: '<https://r.example.com/v2/team/app/tags/list?n=2&last=d>; rel=next' },
      body: '{"tags":["c","d"]}',
    },
    d: { headers: { link: '<https://evil.example.com/v2/x?last=z>; rel="next"' }, body: '{"tags":["e", 7, "../x"]}' },
  };
  const { fetch, seen } = fakeFetch((url) => pages[url.searchParams.get('last') ?? '']!);
  expect(await listTags(repository(fetch))).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(seen).toHaveLength(3);
});

test('a list of tags without an end is ended', async () => {
  const link = '</v2/team/app/tags/list?n=1000>; rel="next"';
  const { fetch, seen } = fakeFetch(() => ({ headers: { link }, body: '{"tags":["a"]}' }));
  await expect(listTags(repository(fetch))).rejects.toMatchObject({ code: 'STORE_FAILED' });
  expect(seen).toHaveLength(100);
});

test('an answer larger than anything we ask for is cut off', async () => {
  const { fetch } = fakeFetch(() => ({ body: ' '.repeat(5 * 1024 * 1024) }));
  await expect(listTags(repository(fetch))).rejects.toThrow(/more than 4.2 MB/);
  const manifest = fakeFetch(() => ({
    headers: { 'content-type': 'application/vnd.oci.image.manifest.v1+json' },
    body: ' '.repeat(5 * 1024 * 1024),
  }));
  await expect(readManifest(repository(manifest.fetch), 'main')).rejects.toThrow(/more than 4.2 MB/);
});

test('a range that wasn’t asked for is not taken', async () => {
  for (const range of ['bytes 0-9/10', 'bytes 6-9/10', 'nonsense']) {
    const { fetch } = fakeFetch(() => ({ status: 206, headers: { 'content-range': range }, body: 'x' }));
    await expect(openBlob(repository(fetch), DIGEST, { offset: 5 })).rejects.toMatchObject({ code: 'STORE_FAILED' });
  }
  const { fetch, seen } = fakeFetch(() => ({ body: 'whole' }));
  expect(await openBlob(repository(fetch), DIGEST, { offset: 5 })).toMatchObject({ offset: 0 });
  expect(seen[0]?.request.headers).toMatchObject({ range: 'bytes=5-' });
});

test('a request that is refused late uses the token that another one got meanwhile', async () => {
  const late = Promise.withResolvers<void>();
  let tokens = 0;
  let refusals = 0;
  const { fetch } = fakeFetch((url, request): FakeAnswer => {
    if (url.pathname === '/token') return { body: JSON.stringify({ token: `token-${(tokens += 1)}` }) };
    if (request.headers['authorization'] === 'Bearer token-1') return { status: 404 };
    return { status: 401, headers: { 'www-authenticate': 'Bearer realm="https://r.example.com/token"' } };
  });
  const delaying: HttpFetch = async (url, request) => {
    const isSecond = url.pathname !== '/token' && !request.headers['authorization'] && (refusals += 1) === 2;
    const response = await fetch(url, request);
    if (isSecond) await late.promise;
    return response;
  };
  const both = repository(delaying);
  const first = findBlob(both, DIGEST);
  const second = findBlob(both, DIGEST);
  expect(await first).toBeUndefined();
  late.resolve();
  expect(await second).toBeUndefined();
  expect(tokens).toBe(1);
});

test('a token that stops being accepted is replaced once', async () => {
  let tokens = 0;
  const { fetch, seen } = fakeFetch((url, request, nth): FakeAnswer => {
    if (url.pathname === '/token')
      return { body: JSON.stringify({ token: `token-${(tokens += 1)}`, expires_in: 3600 }) };
    const isGood = request.headers['authorization'] === 'Bearer token-1' ? nth < 4 : tokens > 1;
    if (isGood && request.headers['authorization']) return { status: 404 };
    return { status: 401, headers: { 'www-authenticate': 'Bearer realm="https://r.example.com/token"' } };
  });
  const one = repository(fetch);
  // Refused, token, right; right; refused, token, right.
  for (let i = 0; i < 3; i += 1) expect(await findBlob(one, DIGEST)).toBeUndefined();
  expect(tokens).toBe(2);
  expect(seen).toHaveLength(7);
});
