import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { pem, selfSigned } from './self-signed.ts';

/** A request as a server of the world saw it. */
export interface Seen {
  readonly method: string;
  readonly host: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface WorldAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export type WorldHost = (seen: Seen) => WorldAnswer | Promise<WorldAnswer>;

/** Every https address there is, behind a proxy on loopback: real TLS, and hosts that answer as the test says. */
export interface CanaryWorld extends AsyncDisposable {
  /** `127.0.0.1:PORT`, of the proxy; by plain http it answers as the host `metadata`. */
  readonly proxy: string;
  /** Requests and what was asked of the proxy (`CONNECT`), in order. */
  readonly seen: readonly Seen[];
}

/** `NODE_USE_ENV_PROXY` leads a child's requests here: https://nodejs.org/docs/latest-v24.x/api/cli.html#node_use_env_proxy1 */
export async function startCanaryWorld(hosts: Readonly<Record<string, WorldHost>>): Promise<CanaryWorld> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
  const cert = pem(selfSigned(publicKey, privateKey));
  const seen: Seen[] = [];
  const sockets = new Set<Socket>();

  const serve = async (host: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '', headers } = request;
    const one: Seen = { method, host, path: url, headers, body: await text(request) };
    seen.push(one);
    const answer = (await hosts[host]?.(one)) ?? { status: 404 };
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
    response.end(method === 'HEAD' ? undefined : answer.body);
  };
  const serveOrBreak = (host: string, request: IncomingMessage, response: ServerResponse): void => {
    serve(host, request, response).catch((error: unknown) => response.destroy(error as Error));
  };
  const behind = createTlsServer({ key, cert }, (request, response) =>
    serveOrBreak((request.headers.host ?? '').replace(/:\d+$/, ''), request, response),
  );
  const proxy = createServer((request, response) => serveOrBreak('metadata', request, response));
  proxy.on('connect', (request: IncomingMessage, socket: Socket) => {
    const host = (request.url ?? '').replace(/:\d+$/, '');
    seen.push({ method: 'CONNECT', host, path: '', headers: request.headers, body: '' });
    sockets.add(socket.on('error', () => socket.destroy()));
    const refusal = hosts[`proxy ${host}`];
    if (refusal === undefined) {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      behind.emit('connection', socket);
      return;
    }
    const echo = request.headers['proxy-authorization'] ?? '';
    socket.end(`HTTP/1.1 407 ${echo}\r\nproxy-authenticate: Basic realm="${echo}"\r\ncontent-length: 0\r\n\r\n`);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    proxy: `127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    seen,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      proxy.closeAllConnections();
      await new Promise<void>((resolve) => proxy.close(() => resolve()));
    },
  };
}

/** All that a request said, in every way in which a careless server repeats it: what was sent, what it decodes to, without the scheme. */
export function echoOf({ method, path, headers, body }: Seen): string {
  const authorization = headers.authorization ?? '';
  const [scheme = '', value = ''] = authorization.split(' ');
  const decoded = scheme.toLowerCase() === 'basic' ? Buffer.from(value, 'base64').toString() : '';
  const form = [...new URLSearchParams(body).values()].join(' ');
  const token = String(headers['x-amz-security-token'] ?? '');
  const query = [...new URL(path, 'http://host').searchParams.values()].join(' ');
  return [value, decoded, token, query, form, authorization, body, method].filter((part) => part !== '').join(' ');
}
