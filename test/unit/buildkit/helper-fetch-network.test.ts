import { generateKeyPairSync } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pem, selfSigned } from '../../helpers/self-signed.ts';
import { outputFile, packOf, sha256Hex, smallCache, sortFiles, type File } from '../pack/pack-fixtures.ts';
import {
  expectOnlyOutputs,
  type FetchRun,
  type FetchWorld,
  movedBytes,
  noise,
  type Offer,
  openFetchWorld,
  rangeStart,
  readMount,
  storeOf,
  summaryOf,
  TOKEN,
  verdicts,
} from './fetch-world.ts';

let world: FetchWorld;
let files: readonly File[];
let bytes: Buffer;
let hex: string;
beforeEach(async () => {
  world = await openFetchWorld();
  files = sortFiles([...smallCache('a', 5), outputFile(noise(400_000))]);
  ({ bytes } = await packOf('gocache', files));
  hex = sha256Hex(bytes);
});
afterEach(() => world.close());

const offer = (url: string, changes: Partial<Offer> = {}): Offer => ({ bytes, files, url, ...changes });

/** Sends some bytes of a body whose whole length is promised, and hangs up. */
function sendAndBreak(response: ServerResponse, from: number, to: number): void {
  const range = { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
  response.writeHead(from === 0 ? 200 : 206, { 'content-length': bytes.length - from, ...(from === 0 ? {} : range) });
  response.write(bytes.subarray(from, to), () => response.socket?.end());
}

function expectWhole(run: FetchRun): void {
  expect(verdicts(run)).toEqual([`slipway-fetched ${hex} ${movedBytes(run)}`]);
  expect(run.status).toBe(0);
  expect(readMount(world.mount)).toEqual(summaryOf(files));
}

function expectUnfetched(run: FetchRun, word: string, reason: string | RegExp): void {
  const [line = '', ...more] = verdicts(run);
  const found = new RegExp(`^slipway-unfetched ${hex} ([a-z]+) (.+)$`).exec(line)?.slice(1);
  expect(found).toEqual([word, typeof reason === 'string' ? reason : expect.stringMatching(reason)]);
  expect({ status: run.status, complaint: run.complaint, more }).toEqual({ status: 0, complaint: '', more: [] });
  expectOnlyOutputs(world.mount);
}

describe('a connection that breaks', () => {
  /** Breaks after so many bytes each time; notes where each request wanted to begin. */
  const breaking = (step: number): { readonly starts: number[]; readonly listener: RequestListener } => {
    const starts: number[] = [];
    const listener = (request: IncomingMessage, response: ServerResponse): void => {
      const from = rangeStart(request.headers.range) ?? 0;
      starts.push(from);
      sendAndBreak(response, from, from + step);
    };
    return { starts, listener };
  };

  it('is made again for the rest', async () => {
    const { starts, listener } = breaking(100_000);
    const run = await world.fetch([offer(await world.serve(listener))]);
    expectWhole(run);
    expect(starts).toEqual([0, 100_000, 200_000, 300_000, 400_000]);
    expect(movedBytes(run)).toBe(bytes.length);
  });

  it('is made again at a store that knows no ranges, which sends all of it', async () => {
    let requests = 0;
    const store = await world.serve((_, response) => {
      requests += 1;
      if (requests < 3) sendAndBreak(response, 0, requests * 100_000);
      else response.end(bytes);
    });
    const run = await world.fetch([offer(store)]);
    expectWhole(run);
    expect(movedBytes(run)).toBe(bytes.length + 300_000);
  });

  it('is made again before the first byte', async () => {
    let requests = 0;
    const store = await world.serve((request, response) => {
      requests += 1;
      if (requests === 1) request.socket.destroy();
      else storeOf({ '/p': bytes })(request, response);
    });
    expectWhole(await world.fetch([offer(`${store}/p`)]));
  });

  it('is given up at the fourth break in a row that brought nothing', async () => {
    const { starts, listener } = breaking(0);
    expectUnfetched(await world.fetch([offer(await world.serve(listener))]), 'unreachable', 'the connection broke');
    expect(starts).toEqual([0, 0, 0, 0]);
  });

  it('is given up at the eleventh break', async () => {
    const { starts, listener } = breaking(1000);
    expectUnfetched(await world.fetch([offer(await world.serve(listener))]), 'unreachable', 'the connection broke');
    expect(starts).toEqual(Array.from({ length: 11 }, (_, index) => index * 1000));
  });

  it.each([
    ['begins elsewhere', (from: number) => `bytes ${from - 1}-${bytes.length - 1}/${bytes.length}`],
    ['ends before', (from: number) => `bytes ${from}-${bytes.length - 2}/${bytes.length}`],
    ['is one of another blob', (from: number) => `bytes ${from}-${bytes.length - 1}/${bytes.length + 1}`],
    ['is not told', () => ''],
  ])('is not made up for by a range that %s', async (_, rangeOf) => {
    const store = await world.serve((request, response) => {
      const from = rangeStart(request.headers.range);
      if (from === undefined) return sendAndBreak(response, 0, 1000);
      response.writeHead(206, { 'content-range': rangeOf(from) }).end(bytes.subarray(from));
    });
    expectUnfetched(await world.fetch([offer(store)]), 'unreachable', 'it sends another range than asked for');
  });

  it('is noticed when nothing comes any more', async () => {
    const store = await world.serve((request, response) => {
      const from = rangeStart(request.headers.range);
      if (from !== undefined) return storeOf({ '/p': bytes })(request, response);
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, 1000));
    });
    expectWhole(await world.fetch([offer(`${store}/p`)], { timeoutSeconds: 1 }));
  });

  it('is none while something comes, however long all of it takes', async () => {
    let requests = 0;
    const store = await world.serve(async (_, response) => {
      requests += 1;
      response.writeHead(200, { 'content-length': bytes.length });
      for (let at = 0; at < bytes.length; at += 50_000) {
        response.write(bytes.subarray(at, at + 50_000));
        await sleep(500);
      }
      response.end();
    });
    expectWhole(await world.fetch([offer(store)], { timeoutSeconds: 2.5 }));
    expect(requests).toBe(1);
  });

  it('is given up where the answer does not get past its headers', async () => {
    const store = await world.serve((request) => {
      request.socket.write('HTTP/1.1 200 OK\r\n');
      const timer = setInterval(() => request.socket.write('X-More: x\r\n'), 200);
      request.socket.on('close', () => clearInterval(timer)).on('error', () => {});
    });
    expectUnfetched(await world.fetch([offer(store)], { timeoutSeconds: 1 }), 'unreachable', 'nothing came in time');
  });

  it('is not tried again where the first answer never came', async () => {
    let requests = 0;
    const store = await world.serve(() => {
      requests += 1;
    });
    expectUnfetched(await world.fetch([offer(store)], { timeoutSeconds: 1 }), 'unreachable', 'nothing came in time');
    expect(requests).toBe(1);
  });
});

it('waits in vain for a host once, not for each pack', async () => {
  let requests = 0;
  const store = await world.serve(() => {
    requests += 1;
  });
  const run = await world.fetch(
    Array.from({ length: 16 }, (_, index) => offer(`${store}/${index}`)),
    { timeoutSeconds: 1 },
  );
  expect(verdicts(run).filter((line) => / unreachable (?:nothing came|its host let)/.test(line))).toHaveLength(16);
  // As many as are fetched at once.
  expect(requests).toBeLessThanOrEqual(8);
});

describe('a store that answers', () => {
  it.each([
    [404, 'missing'],
    [410, 'missing'],
    [401, 'unreachable'],
    [500, 'unreachable'],
    [206, 'unreachable'],
  ])('%i: %s', async (status, word) => {
    let requests = 0;
    const store = await world.serve((_, response) => {
      requests += 1;
      response.writeHead(status).end(bytes);
    });
    expectUnfetched(await world.fetch([offer(store)]), word, `it answered ${status}`);
    expect(requests).toBe(1);
  });

  it.each([
    ['fewer', -1, { 'content-length': '' }, /^it has \d+ bytes instead of \d+$/],
    ['more', 1, { 'content-length': '' }, /^it has \d+ bytes instead of \d+$/],
    ['fewer, in chunks', -1, {}, /^\d+ bytes come instead of \d+$/],
    ['more, in chunks', 1, {}, /^more than \d+ bytes come$/],
  ])('with %s bytes', async (_, difference, headers, reason) => {
    const body = Buffer.concat([bytes, Buffer.alloc(1)]).subarray(0, bytes.length + difference);
    const store = await world.serve((_request, response) => {
      if ('content-length' in headers) response.writeHead(200, { 'content-length': body.length });
      response.write(body.subarray(0, -10));
      response.end(body.subarray(-10));
    });
    expectUnfetched(await world.fetch([offer(store)]), 'corrupt', reason);
  });

  it('in no words of HTTP, of which nothing is repeated', async () => {
    const store = await world.serve((request) => request.socket.end('secret nonsense\r\n\r\n'));
    expectUnfetched(await world.fetch([offer(`${store}/${TOKEN}`)]), 'unreachable', 'the request failed');
  });

  it('as it is, when it says that it sends gzip', async () => {
    const store = await world.serve((request, response) => {
      expect(request.headers['accept-encoding'] ?? 'identity').toBe('identity');
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': bytes.length }).end(bytes);
    });
    expectWhole(await world.fetch([offer(store)]));
  });
});

describe('an address', () => {
  it('that nobody listens at, or whose name nobody knows, is unreachable', async () => {
    expectUnfetched(await world.fetch([offer(`http://127.0.0.1:1/${TOKEN}`)]), 'unreachable', 'connection refused');
    const unknown = await world.fetch([offer(`http://secret.invalid/${TOKEN}`)], { timeoutSeconds: 5 });
    expectUnfetched(unknown, 'unreachable', /^(?:its name is not known here|nothing came in time)$/);
  });

  it('gets the headers of the plan, and the one it redirects to gets none of them', async () => {
    const seen: IncomingMessage['headers'][] = [];
    const elsewhere = await world.serve((request, response) => {
      seen.push(request.headers);
      storeOf({ '/p': bytes })(request, response);
    });
    const store = await world.serve((request, response) => {
      seen.push(request.headers);
      response.writeHead(307, { location: `${elsewhere}/p` }).end();
    });
    const headers = { Authorization: `Bearer ${TOKEN}`, 'X-Key': TOKEN };
    expectWhole(await world.fetch([offer(`${store}/p?signature=${TOKEN}`, { headers })]));
    expect(seen[0]).toMatchObject({ authorization: `Bearer ${TOKEN}`, 'x-key': TOKEN, 'user-agent': 'slipway' });
    expect(seen[1]).toMatchObject({ 'user-agent': 'slipway' });
    expect(JSON.stringify(seen[1])).not.toContain(TOKEN);
  });

  it('keeps its headers when it redirects to the same host', async () => {
    const store = await world.serve((request, response) => {
      if (request.url === '/p') response.writeHead(302, { location: '/q' }).end();
      else if (request.headers.authorization === `Bearer ${TOKEN}`) response.end(bytes);
      else response.writeHead(403).end();
    });
    expectWhole(await world.fetch([offer(`${store}/p`, { headers: { Authorization: `Bearer ${TOKEN}` } })]));
  });

  it('that redirects to itself is unreachable', async () => {
    const store = await world.serve((_, response) => response.writeHead(302, { location: `/${TOKEN}` }).end());
    expectUnfetched(await world.fetch([offer(`${store}/p`)]), 'unreachable', 'it redirects too often');
  });

  it('goes by the proxy that the step has', async () => {
    const seen: unknown[] = [];
    const proxy = await world.serve((request, response) => {
      seen.push(request.url);
      response.end(bytes);
    });
    const plan = world.writePlan([offer('http://secret.invalid/p')]);
    expectWhole(await world.run(['fetch', world.mount, plan, world.lists], { http_proxy: proxy }));
    expect(seen).toEqual(['http://secret.invalid/p']);
  });
});

describe('https', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ca = pem(selfSigned(publicKey, privateKey, '127.0.0.1'));
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
  const serveTls = async (listener: RequestListener): Promise<string> => {
    const address = await world.serve(listener, (each) => createTlsServer({ key, cert: ca }, each));
    return address.replace('http:', 'https:');
  };

  it('is trusted by the certificate of the plan, and not without it', async () => {
    const store = await serveTls(storeOf({ '/p': bytes }));
    expectUnfetched(await world.fetch([offer(`${store}/p`)]), 'unreachable', 'its certificate is not trusted here');
    expectWhole(await world.fetch([offer(`${store}/p`)], { ca }));
  });

  it('is not left for http', async () => {
    const elsewhere = await world.serve(storeOf({ '/p': bytes }));
    const store = await serveTls((_, response) => response.writeHead(302, { location: `${elsewhere}/p` }).end());
    const run = await world.fetch([offer(`${store}/p`)], { ca });
    expectUnfetched(run, 'unreachable', 'it redirects from https to http');
  });

  it('is what its address says', async () => {
    const store = (await world.serve(storeOf({ '/p': bytes }))).replace('http:', 'https:');
    expectUnfetched(await world.fetch([offer(`${store}/p`)]), 'unreachable', 'it does not speak TLS');
  });
});

describe('reach', () => {
  it('asks the first pack of each host for a byte', async () => {
    const seen: unknown[] = [];
    const listener: RequestListener = (request, response) => {
      seen.push([request.url, request.headers.range, request.headers.authorization]);
      storeOf({ '/p': bytes, '/q': bytes })(request, response);
    };
    const [one, two] = [await world.serve(listener), await world.serve(listener)];
    const headers = { Authorization: `Bearer ${TOKEN}` };
    const offers = [`${one}/p`, `${one}/lost`, `${two}/q`].map((url) => offer(url, { headers }));
    expect(await world.reach(offers)).toEqual({ status: 0, lines: ['slipway-reach yes'], complaint: '' });
    const ask = (path: string) => [path, 'bytes=0-0', `Bearer ${TOKEN}`];
    expect(seen.toSorted()).toEqual([ask('/p'), ask('/q')]);
  });

  it.each([
    ['says 403', (response: ServerResponse) => response.writeHead(403).end(), 'it answered 403'],
    ['hangs up', (response: ServerResponse) => response.socket?.destroy(), 'the connection broke'],
    ['says nothing', () => {}, 'nothing came in time'],
  ])('says no when one of them %s', async (_, answer, reason) => {
    const [good, bad] = [
      await world.serve(storeOf({ '/p': bytes })),
      await world.serve((_, response) => answer(response)),
    ];
    const run = await world.reach([offer(`${good}/p`), offer(`${bad}/${TOKEN}`)]);
    expect(run).toEqual({ status: 0, lines: [`slipway-reach no ${reason}`], complaint: '' });
  });
});
