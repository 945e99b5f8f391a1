import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { ACCOUNT } from './registry.ts';

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

/** An X.509 certificate (RFC 5280) with the least that Go's verifier wants, put together by hand: Node can't make one. */
function selfSigned(publicKey: KeyObject, privateKey: KeyObject): Buffer {
  const algorithm = der(0x30, der(0x06, Buffer.from('2a864886f70d01010b', 'hex')), der(0x05));
  const commonName = der(0x30, der(0x06, Buffer.from('550403', 'hex')), der(0x0c, Buffer.from('slipway test')));
  const name = der(0x30, der(0x31, commonName));
  const validity = der(0x30, ...[-1, 1].map((days) => der(0x17, Buffer.from(utcTime(days)))));
  const body = der(
    0x30,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    algorithm,
    name,
    validity,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = Buffer.concat([Buffer.from([0]), sign('sha256', body, privateKey)]);
  return der(0x30, body, algorithm, der(0x03, signature));
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function utcTime(daysFromNow: number): string {
  const date = new Date(Date.now() + daysFromNow * 86_400_000).toISOString();
  return `${date.slice(2, 19).replace(/[-T:]/g, '')}Z`;
}

function pem(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
