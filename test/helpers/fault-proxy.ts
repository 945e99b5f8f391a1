import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

/** The requests that a push to a registry and a pull are made of. */
export type RequestKind =
  | 'blob-head'
  | 'blob-get'
  | 'upload-start'
  | 'upload'
  | 'manifest-head'
  | 'manifest-get'
  | 'manifest-put'
  | 'tags-list'
  | 'other';

export type Fault =
  /** Reads the request and never answers. */
  | { readonly kind: 'black-hole' }
  /** Breaks the connection after this part of the request's body, or of the answer's where the request has none. */
  | { readonly kind: 'reset'; readonly after: number }
  /** Lets bodies through, both ways, this slowly. */
  | { readonly kind: 'slow'; readonly bytesPerSecond: number }
  /** Sends the head of the answer one byte at a time, for ever. */
  | { readonly kind: 'slow-head' }
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** Changes the body of the real answer; `length` says what the head promises. */
  | { readonly kind: 'alter'; readonly alter: (body: Buffer) => Buffer; readonly length: 'altered' | 'original' }
  /** Compresses the real answer though nobody asked for it, and says so or not. */
  | { readonly kind: 'gzip'; readonly isSaid: boolean };

export interface SeenRequest<Kind extends string = RequestKind> {
  readonly kind: Kind;
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
}

export interface FaultProxy<Kind extends string = RequestKind> {
  readonly host: string;
  readonly seen: readonly SeenRequest<Kind>[];
  /** What happens to the n-th (from 0) request of a kind; undefined lets it through. */
  setFault(fault: (kind: Kind, nth: number) => Fault | undefined): void;
  stop(): Promise<void>;
}

/** Stands in front of a real registry and spoils what it is told to. */
export function startFaultProxy(target: string): Promise<FaultProxy> {
  return startProxy(target, kindOf);
}

/** The same in front of any server, whose requests `kindOf` tells apart. */
export async function startProxy<Kind extends string>(
  target: string,
  kindOf: (request: IncomingMessage) => Kind,
): Promise<FaultProxy<Kind>> {
  const seen: SeenRequest<Kind>[] = [];
  let choose: (kind: Kind, nth: number) => Fault | undefined = () => undefined;
  const server = createServer((request, response) => {
    const kind = kindOf(request);
    const nth = seen.filter((one) => one.kind === kind).length;
    const { method = '', url = '', headers } = request;
    seen.push({ kind, method, path: url, authorization: headers.authorization });
    // A side that goes away is the point of the exercise.
    serve(request, response, { target, fault: choose(kind, nth) }).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    setFault(fault) {
      choose = fault;
      seen.length = 0;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function kindOf(request: IncomingMessage): RequestKind {
  const path = (request.url ?? '').split('?')[0] ?? '';
  const { method } = request;
  if (path.includes('/blobs/uploads/')) return method === 'POST' ? 'upload-start' : 'upload';
  if (path.includes('/blobs/')) return method === 'HEAD' ? 'blob-head' : method === 'GET' ? 'blob-get' : 'other';
  if (path.endsWith('/tags/list')) return 'tags-list';
  if (!path.includes('/manifests/')) return 'other';
  if (method === 'HEAD') return 'manifest-head';
  if (method === 'PUT') return 'manifest-put';
  return method === 'GET' ? 'manifest-get' : 'other';
}

interface Passage {
  readonly target: string;
  readonly fault: Fault | undefined;
}

async function serve(request: IncomingMessage, response: ServerResponse, { target, fault }: Passage): Promise<void> {
  const { socket } = request;
  switch (fault?.kind) {
    case undefined:
      return pass(request, response, target);
    case 'black-hole':
      request.resume();
      return;
    case 'slow-head':
      request.resume();
      return dripHead(socket);
    case 'answer':
      request.resume();
      response.writeHead(fault.status, { 'content-length': Buffer.byteLength(fault.body ?? ''), ...fault.headers });
      response.end(request.method === 'HEAD' ? undefined : fault.body);
      return;
    case 'reset':
      return reset(request, response, { target, after: fault.after });
    case 'slow':
      return slow(request, response, { target, bytesPerSecond: fault.bytesPerSecond });
    case 'alter':
    case 'gzip':
      return alter(request, response, { target, fault });
  }
}

async function pass(request: IncomingMessage, response: ServerResponse, target: string): Promise<void> {
  const answer = await ask(request, target);
  response.writeHead(answer.statusCode ?? 502, answer.headers);
  answer.pipe(response);
}

async function reset(
  request: IncomingMessage,
  response: ServerResponse,
  options: { readonly target: string; readonly after: number },
): Promise<void> {
  const { socket } = request;
  const size = Number(request.headers['content-length'] ?? 0);
  if (size > 0) {
    let left = Math.floor(size * options.after);
    for await (const chunk of request) {
      left -= (chunk as Buffer).byteLength;
      if (left <= 0) break;
    }
    socket.resetAndDestroy();
    return;
  }
  const answer = await ask(request, options.target);
  const body = await buffer(answer);
  if (body.byteLength > 0 && options.after > 0) {
    const { 'transfer-encoding': _, ...headers } = answer.headers;
    response.writeHead(answer.statusCode ?? 502, { ...headers, 'content-length': body.byteLength });
    response.write(body.subarray(0, Math.max(1, Math.floor(body.byteLength * options.after))));
    // A reset overtakes what was written; give that the time to arrive.
    await sleep(30);
  }
  socket.resetAndDestroy();
}

async function slow(
  request: IncomingMessage,
  response: ServerResponse,
  options: { readonly target: string; readonly bytesPerSecond: number },
): Promise<void> {
  const piece = Math.max(1, Math.floor(options.bytesPerSecond / 20));
  if (Number(request.headers['content-length'] ?? 0) > 0) {
    // Taken from the socket only so fast; what is in its buffers already makes the start quicker.
    for await (const chunk of request) await sleep(((chunk as Buffer).byteLength / options.bytesPerSecond) * 1000);
    response.writeHead(201).end();
    return;
  }
  const answer = await ask(request, options.target);
  const body = await buffer(answer);
  response.writeHead(answer.statusCode ?? 502, answer.headers);
  for (let at = 0; at < body.byteLength && !response.destroyed; at += piece) {
    response.write(body.subarray(at, at + piece));
    await sleep(50);
  }
  response.end();
}

async function dripHead(socket: Socket): Promise<void> {
  const head = `HTTP/1.1 200 OK\r\nx-padding: ${'x'.repeat(4000)}`;
  for (const letter of head) {
    if (socket.destroyed) return;
    socket.write(letter);
    await sleep(20);
  }
}

async function alter(
  request: IncomingMessage,
  response: ServerResponse,
  { target, fault }: { readonly target: string; readonly fault: Extract<Fault, { kind: 'alter' | 'gzip' }> },
): Promise<void> {
  const answer = await ask(request, target);
  const body = await buffer(answer);
  const headers = { ...answer.headers };
  if (request.method === 'HEAD' || body.byteLength === 0) {
    response.writeHead(answer.statusCode ?? 502, headers).end();
    return;
  }
  const altered = fault.kind === 'gzip' ? gzipSync(body) : fault.alter(body);
  if (fault.kind === 'gzip' && fault.isSaid) headers['content-encoding'] = 'gzip';
  const isOriginalLength = fault.kind === 'alter' && fault.length === 'original';
  // A connection that is said to end is where clients handle an early end differently.
  if (isOriginalLength) headers['connection'] = 'close';
  delete headers['transfer-encoding'];
  headers['content-length'] = String(isOriginalLength ? body.byteLength : altered.byteLength);
  // What is written is on purpose not what the head says.
  response.strictContentLength = false;
  response.writeHead(answer.statusCode ?? 502, headers);
  response.write(altered);
  if (isOriginalLength && altered.byteLength < body.byteLength) {
    await sleep(20);
    request.socket.end();
  } else {
    response.end();
  }
}

function ask(request: IncomingMessage, target: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { method, url, headers } = request;
    // The Host header stays, so that the registry's own addresses lead back through here.
    const asked = forward(
      `http://${target}${url}`,
      { method, headers: { ...headers, connection: 'close' } },
      (answer) => {
        delete answer.headers['connection'];
        resolve(answer);
      },
    );
    asked.on('error', reject);
    request.on('aborted', () => asked.destroy());
    request.pipe(asked);
  });
}
