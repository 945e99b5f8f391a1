import { createCipheriv } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type CountingProxy, startCountingProxy } from '../../../bench/lib/counting-proxy.ts';

/** More than fits any buffer on the way. */
const LARGE = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(20_000_003));

let upstream: Server;
let proxy: CountingProxy;
afterEach(async () => {
  await proxy.close();
  upstream.closeAllConnections();
  upstream.close();
});

async function proxyTo(listener: RequestListener): Promise<void> {
  upstream = createServer(listener);
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  proxy = await startCountingProxy((upstream.address() as AddressInfo).port);
}

const get = (path: string, init: RequestInit = {}): Promise<Response> => fetch(`http://${proxy.host}${path}`, init);
const bytesOf = async (answer: Response): Promise<Buffer> => Buffer.from(await answer.arrayBuffer());

test('an upload: bodies are handed on whole and counted in both directions', async () => {
  const seen: number[] = [];
  await proxyTo((request, response) => {
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
    });
    request.on('end', () => {
      seen.push(size);
      response.writeHead(201, { location: `http://${request.headers.host}/next` }).end('answer');
    });
  });
  const answer = await get('/blob', { method: 'PUT', body: new Uint8Array(300_000) });
  expect(answer.status).toBe(201);
  expect(answer.headers.get('location')).toBe(`http://${proxy.host}/next`);
  expect(await answer.text()).toBe('answer');
  expect(seen).toEqual([300_000]);
  expect(proxy.takeRequestBytes()).toBe(300_000);
  expect(proxy.takeResponseBytes()).toBe(6);
  expect(proxy.takeRequestBytes()).toBe(0);
  expect(proxy.takeRequests()).toEqual([{ method: 'PUT', path: '/blob' }]);
});

describe('a download', () => {
  test.each([
    [
      'of known length',
      (response: Parameters<RequestListener>[1]) => response.setHeader('content-length', LARGE.length),
    ],
    ['in chunks', () => {}],
  ])('%s is handed on whole and counted', async (_, prepare) => {
    await proxyTo((_request, response) => {
      prepare(response);
      response.end(LARGE);
    });
    const answers = await Promise.all([1, 2, 3].map(async () => bytesOf(await get('/blob'))));
    for (const bytes of answers) expect(bytes.equals(LARGE)).toBe(true);
    expect(proxy.takeResponseBytes()).toBe(3 * LARGE.length);
  });

  test('has the headers of both sides', async () => {
    await proxyTo((request, response) => {
      const { range, host } = request.headers;
      response.writeHead(206, { 'content-range': 'bytes 1-3/9', 'set-cookie': ['a', 'b'] });
      response.end(`${range} ${host}`);
    });
    const answer = await get('/blob', { headers: { range: 'bytes=1-3' } });
    expect(answer.status).toBe(206);
    expect(answer.headers.get('content-range')).toBe('bytes 1-3/9');
    expect(answer.headers.getSetCookie()).toEqual(['a', 'b']);
    expect(await answer.text()).toBe(`bytes=1-3 ${proxy.host}`);
  });

  test.each([
    ['HEAD', 200, { 'content-length': '77' }],
    ['GET', 304, { 'content-length': '77' }],
    ['GET', 204, {}],
    ['GET', 200, { 'content-length': '0' }],
  ])('by %s with %i has no body', async (method, status, headers) => {
    await proxyTo((_request, response) => void response.writeHead(status, headers).end());
    const answer = await get('/blob', { method });
    expect(answer.status).toBe(status);
    expect(await bytesOf(answer)).toHaveLength(0);
    expect(proxy.takeResponseBytes()).toBe(0);
  });

  test.each([
    ['in its body', (response: Parameters<RequestListener>[1]) => void response.write(LARGE.subarray(0, 1000))],
    ['before its head', () => {}],
  ])('that breaks off %s breaks off behind the proxy too', async (_, begin) => {
    await proxyTo((_request, response) => {
      response.setHeader('content-length', LARGE.length);
      begin(response);
      setTimeout(() => response.destroy(), 50);
    });
    await expect(get('/blob').then(bytesOf)).rejects.toThrow(/^(?:fetch failed|terminated)$/);
    expect(proxy.takeResponseBytes()).toBeLessThanOrEqual(1000);
  });
});
