import { valueOf } from './canary-secrets.ts';
import { echoOf, type Seen, type WorldAnswer, type WorldHost } from './canary-world.ts';

const RESULTS = '/twirp/github.actions.results.api.v1.CacheService/';
const oci = (seen: Seen, before = ''): string =>
  JSON.stringify({ errors: [{ code: 'CANARY', message: before + echoOf(seen) }] });

function basic(status: number): (seen: Seen) => WorldAnswer {
  return (seen) =>
    seen.headers.authorization === undefined
      ? { status: 401, headers: { 'www-authenticate': 'Basic realm="canaries"' } }
      : { status, body: oci(seen) };
}

function bearer(host: string, answer: (seen: Seen) => WorldAnswer): (seen: Seen) => WorldAnswer {
  const challenge = `Bearer realm="https://${host}/token",service="canaries"`;
  return (seen) =>
    seen.headers.authorization === undefined && !seen.path.startsWith('/token')
      ? { status: 401, headers: { 'www-authenticate': challenge } }
      : answer(seen);
}

function s3Refusal(seen: Seen): WorldAnswer {
  const message = echoOf(seen).replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const body = `<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>${message}</Message></Error>`;
  return { status: 403, headers: { 'content-type': 'application/xml' }, body };
}

const refuseGrant = (seen: Seen): WorldAnswer => ({
  status: 400,
  body: JSON.stringify({ error: 'invalid_grant', error_description: echoOf(seen) }),
});
const twirp = (seen: Seen, status: number, code: string): WorldAnswer => ({
  status,
  body: JSON.stringify({ code, msg: echoOf(seen) }),
});

/**
 * Registries, clouds and GitHub, of which each takes a secret, refuses, and repeats what it was sent. `redirect.example.com` is
 * the registry, but for its blobs.
 */
export function canaryHosts(registry: () => string): Readonly<Record<string, WorldHost>> {
  return {
    'basic.example.com': basic(403),
    'helper.example.com': basic(400),
    'identity.example.com': bearer('identity.example.com', (seen) => ({ status: 400, body: oci(seen) })),
    // So that the limit on how much of an answer is told falls into the token.
    'given.example.com': bearer('given.example.com', (seen) => ({ status: 400, body: oci(seen, 'x'.repeat(270)) })),
    'bearer.example.com': bearer('bearer.example.com', (seen) =>
      seen.path.startsWith('/token')
        ? { status: 200, body: JSON.stringify({ token: valueOf('bearerToken') }) }
        : { status: 500, body: oci(seen) },
    ),
    'redirect.example.com': async ({ path: asked, headers }): Promise<WorldAnswer> => {
      if (asked.includes('/blobs/')) {
        const query = new URLSearchParams({ 'X-Amz-Credential': 'AKID/x', 'X-Amz-Signature': valueOf('redirect') });
        return { status: 307, headers: { location: `https://signed.example.com${asked}?${query.toString()}` } };
      }
      const answer = await fetch(`http://${registry()}${asked}`, { headers: { accept: headers.accept ?? '*/*' } });
      const type = answer.headers.get('content-type') ?? '';
      return {
        status: answer.status,
        headers: { 'content-type': type },
        body: Buffer.from(await answer.arrayBuffer()),
      };
    },
    'signed.example.com': (seen) => ({ status: 400, body: oci(seen) }),
    'env-canaries.s3.eu-central-1.amazonaws.com': s3Refusal,
    'profile-canaries.s3.eu-central-1.amazonaws.com': s3Refusal,
    'oauth2.googleapis.com': refuseGrant,
    'refusing.example.com': refuseGrant,
    'exchanging.example.com': () => ({
      status: 200,
      body: JSON.stringify({
        access_token: valueOf('accessToken'),
        issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        token_type: 'Bearer',
        expires_in: 3600,
      }),
    }),
    metadata: () => ({
      status: 200,
      headers: { 'metadata-flavor': 'Google' },
      body: JSON.stringify({ access_token: valueOf('metadataToken'), expires_in: 3600, token_type: 'Bearer' }),
    }),
    'storage.googleapis.com': (seen) => ({
      status: 403,
      body: JSON.stringify({ error: { code: 403, message: echoOf(seen) } }),
    }),
    'results.example.com': (seen) => twirp(seen, 403, 'permission_denied'),
    'results-spec.example.com': (seen) => twirp(seen, 401, 'unauthenticated'),
    'results-signed.example.com': (seen) => {
      if (!seen.path.startsWith(RESULTS)) return { status: 404 };
      const query = new URLSearchParams({ sv: '2025-11-05', sp: 'r', sig: valueOf('signedUrl') });
      const { key } = JSON.parse(seen.body) as { key: string };
      // The scope's prefix, or the snapshot that it found there; nothing is near that one.
      const found = key.endsWith('@') ? `${key}1/0/0a1b2c3d` : key;
      if (!found.endsWith('@1/0/0a1b2c3d')) return { status: 200, body: JSON.stringify({ ok: false }) };
      const url = `https://stored.example.com/entry?${query.toString()}`;
      return { status: 200, body: JSON.stringify({ ok: true, signed_download_url: url, matched_key: found }) };
    },
    'stored.example.com': (seen) => ({ status: 403, body: JSON.stringify({ error: echoOf(seen) }) }),
    'proxy refused.example.com': () => ({ status: 407 }),
  };
}
