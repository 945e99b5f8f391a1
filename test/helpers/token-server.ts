import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { ACCOUNT } from './registry.ts';
import { pem, selfSigned } from './self-signed.ts';

export interface TokenRequest {
  readonly method: string;
  readonly authorization: string | undefined;
  readonly scopes: readonly string[];
}

/** Distribution's token service: https://distribution.github.io/distribution/spec/auth/token/ and .../oauth/ */
export interface TokenServer {
  readonly realm: string;
  readonly service: string;
  readonly issuer: string;
  /** PEM, for the registry's `rootcertbundle`. */
  readonly certificate: string;
  /** A refresh token that stands for the account. */
  readonly identityToken: string;
  readonly requests: readonly TokenRequest[];
  /** What the next tokens say of their life; the registry allows a minute more. */
  lifetimeSeconds: number;
  stop(): Promise<void>;
}

const ISSUER = 'test-issuer';
const SERVICE = 'test-registry';
const IDENTITY_TOKEN = 'identity-of-the-account';

/** Gives everybody pull, the account everything, and a wrong password nothing. */
export async function startTokenServer(): Promise<TokenServer> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const certificate = selfSigned(publicKey, privateKey);
  const requests: TokenRequest[] = [];
  const state = { lifetimeSeconds: 300 };
  const server = createServer((request, response) => {
    void (async () => {
      const form = await parametersOf(request);
      const scopes = form.getAll('scope').flatMap((scope) => scope.split(' '));
      const { authorization } = request.headers;
      requests.push({ method: request.method ?? '', authorization, scopes });
      const who = accountOf(authorization, form);
      if (who === 'refused') {
        response.writeHead(401, { 'content-type': 'application/json' }).end('{"errors":[{"code":"UNAUTHORIZED"}]}');
        return;
      }
      const token = signToken(privateKey, certificate, accessOf(scopes, who), state.lifetimeSeconds);
      const name = request.method === 'POST' ? 'access_token' : 'token';
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ [name]: token, expires_in: state.lifetimeSeconds }));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    realm: `http://127.0.0.1:${port}/token`,
    service: SERVICE,
    issuer: ISSUER,
    certificate: pem(certificate),
    identityToken: IDENTITY_TOKEN,
    requests,
    get lifetimeSeconds() {
      return state.lifetimeSeconds;
    },
    set lifetimeSeconds(seconds) {
      state.lifetimeSeconds = seconds;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function parametersOf(request: IncomingMessage): Promise<URLSearchParams> {
  if (request.method === 'POST') return new URLSearchParams(await text(request));
  return new URL(request.url ?? '', 'http://localhost').searchParams;
}

function accountOf(authorization: string | undefined, form: URLSearchParams): 'account' | 'nobody' | 'refused' {
  const refresh = form.get('refresh_token');
  if (refresh !== null) return refresh === IDENTITY_TOKEN ? 'account' : 'refused';
  if (authorization === undefined) return 'nobody';
  const expected = Buffer.from(`${ACCOUNT.username}:${ACCOUNT.password}`).toString('base64');
  return authorization === `Basic ${expected}` ? 'account' : 'refused';
}

function accessOf(scopes: readonly string[], who: 'account' | 'nobody'): readonly object[] {
  return scopes.map((scope) => {
    const [, type, name, actions] = /^([^:]+):(.+):([^:]*)$/.exec(scope) ?? [];
    const allowed = (actions ?? '').split(',').filter((action) => who === 'account' || action === 'pull');
    return { type, name, actions: allowed };
  });
}

function signToken(key: KeyObject, certificate: Buffer, access: readonly object[], lifetimeSeconds: number): string {
  const now = Math.floor(Date.now() / 1000);
  const header = { typ: 'JWT', alg: 'RS256', x5c: [certificate.toString('base64')] };
  const claims = {
    iss: ISSUER,
    sub: ACCOUNT.username,
    aud: SERVICE,
    exp: now + lifetimeSeconds,
    nbf: now - 10,
    iat: now,
    jti: `${now}-${Math.random()}`,
    access,
  };
  const signed = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
}
