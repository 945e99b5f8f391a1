import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** What happens to a request instead of being passed on. */
export type Fault =
  | { readonly do: 'pass' }
  | { readonly do: 'answer'; readonly status: number; readonly type?: string; readonly body?: string }
  /** Takes the request and never answers. */
  | { readonly do: 'hang' }
  | { readonly do: 'reset' }
  /** The real answer, of which only the first half of the body comes; then the connection breaks. */
  | { readonly do: 'cut' }
  /** The real answer with a byte of its body altered. */
  | { readonly do: 'alter' };

export interface AskedFor {
  readonly method: string;
  readonly path: string;
}

export interface FaultyProxy extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** Requests so far, passed on or not. */
  readonly requests: readonly AskedFor[];
}

/** A registry's plain-HTTP front that misbehaves as the rule says. */
export async function startFaultyProxy(upstream: string, rule: (asked: AskedFor) => Fault): Promise<FaultyProxy> {
  const requests: AskedFor[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((incoming, outgoing) => {
    const asked = { method: incoming.method ?? '', path: incoming.url ?? '' };
    requests.push(asked);
    outgoing.on('error', () => undefined);
    apply(rule(asked), upstream, incoming, outgoing);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    host: `127.0.0.1:${port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function apply(fault: Fault, upstream: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  switch (fault.do) {
    case 'hang':
      return;
    case 'reset':
      incoming.socket.resetAndDestroy();
      return;
    case 'answer':
      incoming.resume();
      outgoing.writeHead(fault.status, { 'content-type': fault.type ?? 'application/json' });
      outgoing.end(fault.body ?? '{"errors":[]}');
      return;
    case 'pass':
    case 'cut':
    case 'alter':
      passOn(fault.do, upstream, incoming, outgoing);
  }
}

function passOn(
  how: 'pass' | 'cut' | 'alter',
  upstream: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): void {
  const [host, port] = upstream.split(':');
  // The Host header stays the proxy's, so that the registry's own redirects and locations lead here too.
  const forwarded = request(
    { host, port, method: incoming.method, path: incoming.url, headers: incoming.headers },
    (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      if (how === 'pass') {
        answer.pipe(outgoing);
        return;
      }
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => spoil(how, Buffer.concat(chunks), outgoing));
    },
  );
  forwarded.on('error', () => outgoing.destroy());
  incoming.pipe(forwarded);
}

function spoil(how: 'cut' | 'alter', body: Buffer, outgoing: ServerResponse): void {
  if (how === 'alter') {
    if (body.length > 0) body.writeUInt8(body.readUInt8(body.length >> 1) ^ 0xff, body.length >> 1);
    outgoing.end(body);
    return;
  }
  outgoing.write(body.subarray(0, body.length >> 1), () => outgoing.destroy());
}
