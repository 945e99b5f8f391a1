import { createServer, type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { requestRaw } from './raw-request.ts';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
}

export interface CountingProxy {
  readonly host: string;
  /** All requests since the last call. */
  takeRequests(): readonly SeenRequest[];
  takeRequestBytes(): number;
  takeResponseBytes(): number;
  close(): Promise<void>;
}

interface Onward {
  readonly upstreamPort: number;
  onRequestBytes(bytes: number): void;
  onResponseBytes(bytes: number): void;
}

/** Hands every request on to a port of this machine, and counts the bytes of the bodies. */
export async function startCountingProxy(upstreamPort: number): Promise<CountingProxy> {
  let requestBytes = 0;
  let responseBytes = 0;
  let requests: SeenRequest[] = [];
  const onward: Onward = {
    upstreamPort,
    onRequestBytes: (bytes) => {
      requestBytes += bytes;
    },
    onResponseBytes: (bytes) => {
      responseBytes += bytes;
    },
  };
  const server = createServer((incoming, outgoing) => {
    requests.push({ method: incoming.method ?? '', path: incoming.url ?? '' });
    // What is measured shares the processors with the proxy: the bodies that are large come this way.
    if (incoming.method === 'GET') handDown(incoming, outgoing, onward);
    else handOn(incoming, outgoing, onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    takeRequests: () => {
      const seen = requests;
      requests = [];
      return seen;
    },
    takeRequestBytes: () => {
      const bytes = requestBytes;
      requestBytes = 0;
      return bytes;
    },
    takeResponseBytes: () => {
      const bytes = responseBytes;
      responseBytes = 0;
      return bytes;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function handOn(incoming: IncomingMessage, outgoing: ServerResponse, onward: Onward): void {
  const request = httpRequest(
    // The Host header stays the proxy's, so that upload locations lead back through it.
    {
      host: '127.0.0.1',
      port: onward.upstreamPort,
      method: incoming.method,
      path: incoming.url,
      headers: incoming.headers,
    },
    (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on('data', (chunk: Buffer) => onward.onResponseBytes(chunk.length));
      answer.pipe(outgoing);
    },
  );
  request.on('error', () => outgoing.destroy());
  outgoing.on('close', () => {
    if (!outgoing.writableFinished) request.destroy();
  });
  incoming.on('data', (chunk: Buffer) => onward.onRequestBytes(chunk.length));
  incoming.pipe(request);
}

function handDown(incoming: IncomingMessage, outgoing: ServerResponse, onward: Onward): void {
  const request = requestRaw(
    { port: onward.upstreamPort, method: 'GET', path: incoming.url ?? '/', headers: incoming.rawHeaders },
    {
      onHead: (status, headers) => void outgoing.writeHead(status, [...headers]),
      onBody: (bytes, done) => {
        onward.onResponseBytes(bytes.length);
        outgoing.write(bytes, done);
      },
      onEnd: (isWhole) => (isWhole ? outgoing.end() : outgoing.destroy()),
    },
  );
  outgoing.on('close', () => {
    if (!outgoing.writableFinished) request.destroy();
  });
  incoming.resume();
}
