import { createVerify, generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { httpFetch, type HttpFetch } from '../../src/oci/http-fetch.ts';

/** What the machine's metadata server and Google's token services answer in a test. */
export interface TokenPlan {
  /** Answer to every request for a token instead of one. */
  readonly refusal?: { readonly status: number; readonly body: object };
  /** Never answers. */
  readonly isBlackHole?: boolean;
  readonly lifetimeSeconds?: number;
}

export interface GoogleTokens {
  readonly endpoint: string;
  /** What was given out and not taken back. */
  readonly valid: Set<string>;
  /** `jwt-bearer ci@…`, `token-exchange …`, `refresh_token …`, `metadata`, `impersonate …`, in order. */
  readonly asked: readonly string[];
  plan: TokenPlan;
  /** A key file as the console writes it. */
  readonly keyFile: object;
  /** Sends what is meant for Google's hosts here, and for its storage to this address. */
  fetchThrough(storage: string): HttpFetch;
  stop(): Promise<void>;
}

export const SERVICE_ACCOUNT = 'ci@tests.iam.gserviceaccount.com';
export const SUBJECT_TOKEN = 'subject-token-of-the-runner';
export const REFRESH_TOKEN = '1//refresh-token-of-a-person';
const SCOPE = 'https://www.googleapis.com/auth/devstorage.read_write';

/**
 * Google's token services on loopback: a key file's assertion is checked by its signature, audience, scope and time
 * (RFC 7523), an exchanged token by what the runner holds (RFC 8693).
 */
export async function startGoogleTokens(): Promise<GoogleTokens> {
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const valid = new Set<string>();
  const asked: string[] = [];
  const state: { plan: TokenPlan } = { plan: {} };

  const give = (response: ServerResponse, more: object = {}): void => {
    const token = `ya29.${randomBytes(24).toString('base64url')}`;
    valid.add(token);
    const seconds = state.plan.lifetimeSeconds ?? 3600;
    const expireTime = new Date(Date.now() + seconds * 1000).toISOString();
    const both = { access_token: token, expires_in: seconds, token_type: 'Bearer', accessToken: token, expireTime };
    send(response, 200, { ...both, ...more });
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    const path = request.url ?? '';
    const form = new URLSearchParams(body);
    asked.push(nameOf(path, form, body));
    if (state.plan.isBlackHole) return;
    if (state.plan.refusal) return send(response, state.plan.refusal.status, state.plan.refusal.body);
    if (path.startsWith('/computeMetadata/')) {
      response.setHeader('metadata-flavor', 'Google');
      return request.headers['metadata-flavor'] === 'Google' ? give(response) : send(response, 403, {});
    }
    if (path.endsWith(':generateAccessToken')) {
      const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
      const { scope } = JSON.parse(body) as { scope?: readonly string[] };
      return valid.has(token) && scope?.includes(SCOPE) ? give(response) : send(response, 403, {});
    }
    const problem = path.startsWith('/token')
      ? problemOfGrant(form, keys.publicKey.export({ type: 'spki', format: 'pem' }))
      : form.get('subject_token') === SUBJECT_TOKEN
        ? undefined
        : 'unknown subject token';
    if (problem !== undefined) return send(response, 400, { error: 'invalid_grant', error_description: problem });
    give(response, { issued_token_type: 'urn:ietf:params:oauth:token-type:access_token' });
  };

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => send(response, 500, { error: String(error) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    endpoint,
    valid,
    asked,
    get plan() {
      return state.plan;
    },
    set plan(plan) {
      state.plan = plan;
      asked.length = 0;
    },
    keyFile: {
      type: 'service_account',
      project_id: 'tests',
      private_key_id: 'k1',
      private_key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }),
      client_email: SERVICE_ACCOUNT,
      token_uri: 'https://oauth2.googleapis.com/token',
    },
    fetchThrough: (storage) => (url, request) => {
      const isStorage = url.hostname === 'storage.googleapis.com';
      const isGoogle = url.hostname.endsWith('.googleapis.com');
      const to = isGoogle ? new URL(url.pathname + url.search, isStorage ? storage : endpoint) : url;
      return httpFetch(to, request);
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function nameOf(path: string, form: URLSearchParams, body: string): string {
  if (path.startsWith('/computeMetadata/')) return 'metadata';
  if (path.endsWith(':generateAccessToken')) return `impersonate ${path.split('/').at(-1)?.split(':')[0]}`;
  const grant = form.get('grant_type')?.split(':').at(-1) ?? body;
  const claims = form.get('assertion');
  return claims === null ? grant : `${grant} ${String(decode(claims)['iss'])}`;
}

function problemOfGrant(form: URLSearchParams, publicKey: string | Buffer): string | undefined {
  if (form.get('grant_type') === 'refresh_token') {
    return form.get('refresh_token') === REFRESH_TOKEN ? undefined : 'unknown refresh token';
  }
  const assertion = form.get('assertion') ?? '';
  const [head, body, signature] = assertion.split('.');
  const isSigned = createVerify('RSA-SHA256')
    .update(`${head}.${body}`)
    .verify(publicKey, signature ?? '', 'base64url');
  if (!isSigned) return 'Invalid JWT Signature.';
  const { aud, scope, exp, iss } = decode(assertion);
  if (aud !== 'https://oauth2.googleapis.com/token') return 'wrong audience';
  if (iss !== SERVICE_ACCOUNT) return 'wrong issuer';
  if (scope !== SCOPE) return 'wrong scope';
  return Number(exp) * 1000 > Date.now() ? undefined : 'expired';
}

function decode(assertion: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
}

function send(response: ServerResponse, status: number, document: object): void {
  const body = JSON.stringify(document);
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    .end(body);
}
