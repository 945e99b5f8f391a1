import { expect, test } from 'vitest';
import { silentLogger } from '../../../src/core/logger.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { digestOf } from '../../../src/core/digest.ts';
import { redact } from '../../../src/core/redact.ts';
import { locateBlob } from '../../../src/oci/blob-location.ts';
import { findBlob, tryUpload } from '../../../src/oci/blobs.ts';
import { openRepository } from '../../../src/oci/client.ts';
import type { HttpFetch } from '../../../src/oci/http-fetch.ts';
import type { Repository } from '../../../src/oci/repository.ts';
import { fakeFetch, type FakeAnswer } from '../../helpers/fake-fetch.ts';

const DIGEST = digestOf('x');
const PLAIN = `https://r.example.com/v2/team/app/blobs/${DIGEST}`;
const PASSWORD = { auth: btoa('someone:the-password') };

function repository(fetch: HttpFetch, login?: object): Repository {
  return openRepository({
    host: 'r.example.com',
    repository: 'team/app',
    env: login ? { DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { 'r.example.com': login } }) } : {},
    homeDirectory: '/nonexistent',
    logger: silentLogger,
    clock: systemClock,
    fetch,
    counters: { requests: 0, bodyBytesSent: 0 },
  });
}

const redirect = (location: string, status = 307): FakeAnswer => ({ status, headers: { location } });

/** A token as distribution's servers write it, for what was asked. */
function jwt(scopes: readonly string[], seconds: number = 300): string {
  const access = scopes.map((scope) => {
    const [type, name, actions = ''] = scope.split(':');
    return { type, name, actions: actions.split(',') };
  });
  const claims = { access, exp: Date.now() / 1000 + seconds };
  return ['{}', JSON.stringify(claims), 'signed'].map((part) => Buffer.from(part).toString('base64url')).join('.');
}

/** A registry that wants a token, says which scope, and gives what `give` makes of the scopes that were asked for. */
function withTokens(give: (scopes: readonly string[]) => string, challenged = 'repository:team/app:pull'): HttpFetch {
  return fakeFetch((url, request): FakeAnswer => {
    if (url.pathname === '/token') return { body: JSON.stringify({ token: give(url.searchParams.getAll('scope')) }) };
    if (request.headers['authorization']?.startsWith('Bearer ')) {
      return request.method === 'POST' ? { status: 202, headers: { location: '/upload' } } : { body: 'x' };
    }
    const challenge = `Bearer realm="https://r.example.com/token",service="s",scope="${challenged}"`;
    return { status: 401, headers: { 'www-authenticate': challenge } };
  }).fetch;
}

test.each([301, 302, 303, 307, 308])(
  'a %i is not followed: its target is the location, made absolute',
  async (status) => {
    const { fetch, seen } = fakeFetch(() => redirect('/signed?X-Amz-Signature=of-a-located-blob', status));
    expect(await locateBlob(repository(fetch), DIGEST)).toEqual({
      url: 'https://r.example.com/signed?X-Amz-Signature=of-a-located-blob',
      headers: {},
    });
    expect(seen).toHaveLength(1);
    expect(seen[0]?.request.method).toBe('GET');
    expect(redact('it said of-a-located-blob')).toBe('it said ***');
  },
);

test.each([
  ['http://blobs.example.com/x', 'a redirect to `http:`'],
  ['https://10.0.0.1/x', 'private address'],
  ['file:///etc/passwd', 'a redirect to `file:`'],
])('a redirect to %s is refused', async (location, problem) => {
  const { fetch } = fakeFetch(() => redirect(location));
  await expect(locateBlob(repository(fetch), DIGEST)).rejects.toMatchObject({
    code: 'STORE_FAILED',
    message: expect.stringContaining(problem),
  });
});

test('a redirect with a password in it is none for others', async () => {
  const { fetch } = fakeFetch(() => redirect('https://someone:a-password@blobs.example.com/x'));
  expect(await locateBlob(repository(fetch), DIGEST)).toBeUndefined();
});

test.each([200, 206, 416])('a %i without a login: the address itself', async (status) => {
  const { fetch } = fakeFetch(() => ({ status, body: 'x' }));
  expect(await locateBlob(repository(fetch), DIGEST)).toEqual({ url: PLAIN, headers: {} });
});

test('what isn’t there is nowhere; other answers are errors', async () => {
  expect(await locateBlob(repository(fakeFetch(() => ({ status: 404 })).fetch), DIGEST)).toBeUndefined();
  const busy = locateBlob(repository(fakeFetch(() => ({ status: 503 })).fetch), DIGEST);
  await expect(busy).rejects.toMatchObject({ code: 'STORE_FAILED', retryable: true });
});

test('a token is asked for with pull alone, whatever the challenge says and whatever is there already', async () => {
  const asked: string[] = [];
  let last = '';
  const give = (scopes: readonly string[]): string => {
    asked.push(scopes.join(' '));
    return (last = jwt(scopes));
  };
  const registry = repository(withTokens(give, 'repository:team/app:pull,push'), PASSWORD);
  await tryUpload(registry);
  await findBlob(registry, DIGEST);
  const location = await locateBlob(registry, DIGEST);
  expect(asked).toEqual(['repository:team/app:pull,push', 'repository:team/app:pull']);
  expect(location).toEqual({ url: PLAIN, headers: { Authorization: `Bearer ${last}` } });
});

test.each<readonly [string, object | undefined, () => string, boolean]>([
  ['a token that anybody gets', undefined, () => 'an-opaque-token', true],
  ['a token that does not say what it may', PASSWORD, () => 'an-opaque-token', false],
  ['a token that may pull', PASSWORD, () => jwt(['repository:team/app:pull']), true],
  ['a token that may push too', PASSWORD, () => jwt(['repository:team/app:pull,push']), false],
  ['a token that may pull elsewhere', PASSWORD, () => jwt(['repository:other/app:pull']), false],
  ['a token that lives for a day', PASSWORD, () => jwt(['repository:team/app:pull'], 86_400), false],
  ['a token of the user’s own', { registrytoken: jwt(['repository:team/app:pull']) }, () => 'never asked for', false],
])('%s', async (_, login, give, isHandedOn) => {
  const token = give();
  const location = await locateBlob(
    repository(
      withTokens(() => token),
      login,
    ),
    DIGEST,
  );
  expect(location?.headers).toEqual(isHandedOn ? { Authorization: `Bearer ${token}` } : undefined);
});

test('a token that is about to end is asked for anew', async () => {
  let asked = 0;
  const { fetch } = fakeFetch((url, request): FakeAnswer => {
    if (url.pathname === '/token')
      return { body: JSON.stringify({ token: `token-number-${++asked}`, expires_in: 20 }) };
    if (request.headers['authorization'] !== undefined) return { body: 'x' };
    return { status: 401, headers: { 'www-authenticate': 'Bearer realm="https://r.example.com/token"' } };
  });
  const registry = repository(fetch);
  await findBlob(registry, DIGEST);
  await findBlob(registry, DIGEST);
  expect(asked).toBe(1);
  expect((await locateBlob(registry, DIGEST))?.headers).toEqual({ Authorization: 'Bearer token-number-2' });
});
