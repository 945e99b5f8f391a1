import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { httpFetch } from '../../../src/oci/http-fetch.ts';

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

async function serve(listener: RequestListener): Promise<URL> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/some/path?x=1`);
}

test('status, headers, address and body come through', async () => {
  const url = await serve((request, response) => {
    response.writeHead(418, { 'x-method': request.method, 'x-path': request.url, 'set-cookie': ['a=1', 'b=2'] });
    response.end('short and stout');
  });
  const response = await httpFetch(url, { method: 'GET', headers: {} });
  expect(response.status).toBe(418);
  expect(response.url).toBe(url.href);
  expect(response.headers.get('x-path')).toBe('/some/path?x=1');
  expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  expect(await response.text()).toBe('short and stout');
});

test.each([204, 304])('%i has no body', async (status) => {
  const url = await serve((_, response) => response.writeHead(status).end());
  expect((await httpFetch(url, { method: 'GET', headers: {} })).body).toBeNull();
});

test('a body is sent with the length that was said', async () => {
  const url = await serve(async (request, response) => {
    const body = await buffer(request);
    response.end(`${request.headers['content-length']} ${request.headers['transfer-encoding']} ${body.byteLength}`);
  });
  const body = (async function* () {
    for (let i = 0; i < 100; i += 1) yield Buffer.alloc(10_000);
  })();
  const response = await httpFetch(url, { method: 'PUT', headers: { 'content-length': '1000000' }, body });
  expect(await response.text()).toBe('1000000 undefined 1000000');
});

test('a body that throws ends the request with its error', async () => {
  const url = await serve(async (request, response) => {
    await text(request).catch(() => undefined);
    response.end();
  });
  const failure = new Error('the source broke');
  const body = (async function* () {
    yield Buffer.alloc(10);
    throw failure;
  })();
  await expect(httpFetch(url, { method: 'PUT', headers: { 'content-length': '20' }, body })).rejects.toBe(failure);
});

test('an answer before the body is sent is an answer', async () => {
  const url = await serve((_, response) => response.writeHead(413).end('too much'));
  let isStopped = false;
  const body = (async function* () {
    try {
      for (;;) yield Buffer.alloc(100_000);
    } finally {
      isStopped = true;
    }
  })();
  const response = await httpFetch(url, { method: 'PUT', headers: { 'content-length': '99999999999' }, body });
  expect(response.status).toBe(413);
  await response.body?.cancel().catch(() => undefined);
  open.splice(0).forEach((close) => close());
  await expect.poll(() => isStopped).toBe(true);
});

test('gzip that nobody asked for is undone when it is said', async () => {
  const url = await serve((_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('unpacked'));
  });
  expect(await (await httpFetch(url, { method: 'GET', headers: {} })).text()).toBe('unpacked');
});

test('gzip that is cut or no gzip fails at the reader', async () => {
  for (const bytes of [gzipSync('x'.repeat(10_000)).subarray(0, 30), Buffer.from('plain')]) {
    const url = await serve((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bytes));
    await expect((await httpFetch(url, { method: 'GET', headers: {} })).text()).rejects.toMatchObject({
      code: expect.stringMatching(/^Z_/),
    });
  }
});

test('a body that ends early fails at a reader who is slow', async () => {
  // Where Node's fetch throws an assertion that nobody can catch.
  const url = await serve((request, response) => {
    response.writeHead(200, { 'content-length': '3000000', connection: 'close' });
    response.write(Buffer.alloc(2_000_000), () => request.socket.end());
  });
  const response = await httpFetch(url, { method: 'GET', headers: {} });
  const read = (async () => {
    let size = 0;
    for await (const chunk of response.body!) {
      size += chunk.byteLength;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    return size;
  })();
  await expect(read).rejects.toThrow(/aborted/);
});

test('an abort ends the request, and the body too', async () => {
  const url = await serve((request, response) => {
    if (request.method === 'GET') response.writeHead(200, { 'content-length': '100' }).write('x');
  });
  const first = new AbortController();
  const pending = httpFetch(url, { method: 'POST', headers: {}, signal: first.signal });
  first.abort();
  await expect(pending).rejects.toThrow(/abort/i);
  const second = new AbortController();
  const response = await httpFetch(url, { method: 'GET', headers: {}, signal: second.signal });
  const body = response.text();
  second.abort();
  await expect(body).rejects.toThrow(/abort/i);
});

/** Serves what asks with `Expect: 100-continue`; the listener decides. */
async function serveExpecting(listener: RequestListener): Promise<URL> {
  const server = createServer();
  server.on('checkContinue', listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

test('with Expect: 100-continue the body waits until it is wanted', async () => {
  const url = await serveExpecting((request, response) => {
    response.writeContinue();
    buffer(request).then(
      (body) => response.end(`${body.byteLength}`),
      () => response.destroy(),
    );
  });
  const body = (async function* () {
    yield Buffer.alloc(500_000);
  })();
  const headers = { 'content-length': '500000', Expect: '100-continue' };
  expect(await (await httpFetch(url, { method: 'PUT', headers, body })).text()).toBe('500000');
});

test('with Expect: 100-continue a refusal comes through, no byte is sent, and the connection ends', async () => {
  let isClosed = false;
  const url = await serveExpecting((request, response) => {
    request.socket.once('close', () => (isClosed = true));
    response.writeHead(403).end('no');
  });
  let isAsked = false;
  const body = (async function* () {
    isAsked = true;
    yield Buffer.alloc(500_000);
  })();
  const headers = { 'content-length': '500000', Expect: '100-continue' };
  const response = await httpFetch(url, { method: 'PUT', headers, body });
  expect([response.status, await response.text(), isAsked]).toEqual([403, 'no', false]);
  await expect.poll(() => isClosed).toBe(true);
});

test('a server that says nothing to Expect gets the body after a second', async () => {
  const url = await serveExpecting((request, response) => {
    buffer(request).then(
      (body) => response.end(`${body.byteLength}`),
      () => response.destroy(),
    );
  });
  const body = (async function* () {
    yield Buffer.alloc(10);
  })();
  const startedAt = performance.now();
  const headers = { 'content-length': '10', Expect: '100-continue' };
  expect(await (await httpFetch(url, { method: 'PUT', headers, body })).text()).toBe('10');
  expect(performance.now() - startedAt).toBeGreaterThan(900);
});
