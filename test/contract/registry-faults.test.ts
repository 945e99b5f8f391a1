import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SlipwayError, type ErrorCode } from '../../src/core/errors.ts';
import type { SnapshotName, Store } from '../../src/store/port.ts';
import { downloadBlob } from '../../src/store/transfer.ts';
import { startFaultProxy, type Fault, type FaultProxy, type RequestKind } from '../helpers/fault-proxy.ts';
import { loginEnvironment, startRegistry, type TestRegistry } from '../helpers/registry.ts';
import { scaledClock } from '../helpers/scaled-clock.ts';
import { openTestStore } from '../helpers/store-contract-open.ts';
import { newBlob, newManifest, newName, newScope, type TestBlob } from '../helpers/store-contract-subject.ts';

/** Ten seconds of waiting take one. */
const SPEED = 10;
const clock = scaledClock(SPEED);
const BLOB_BYTES = 300_000;

const PUSH = ['blob-head', 'upload-start', 'upload', 'manifest-head', 'manifest-put'] as const;
const PULL = ['tags-list', 'manifest-get', 'blob-get'] as const;
const KINDS = [...PUSH, ...PULL] as const;
type Kind = (typeof KINDS)[number];

interface Expected {
  readonly outcome: 'ok' | 'miss' | ErrorCode;
  /** Requests of the spoiled kind. */
  readonly requests: number | readonly [least: number, most: number];
}

interface Scenario {
  readonly name: string;
  readonly fault: Fault;
  /** Where it differs from `usual`. */
  readonly at?: Partial<Record<Kind, Expected>>;
  readonly usual: Expected;
  /** Only these requests can suffer it. */
  readonly kinds?: readonly Kind[];
}

const OK: Expected = { outcome: 'ok', requests: 1 };
const GIVEN_UP: Expected = { outcome: 'STORE_UNREACHABLE', requests: 3 };
const HTML = '<!doctype html><title>Please log in</title>'.padEnd(2000);

function status(code: number, headers: Readonly<Record<string, string>> = {}): Fault {
  const body = JSON.stringify({ errors: [{ code: 'SPOILED', message: `answer \u001b[31m${code}` }] });
  return { kind: 'answer', status: code, headers: { 'content-type': 'application/json', ...headers }, body };
}

function flip(body: Buffer): Buffer {
  const copy = Buffer.from(body);
  const middle = copy.byteLength >> 1;
  copy[middle] = copy[middle]! ^ 1;
  return copy;
}

/** A body that breaks: a download goes on where it stopped as long as it gets further, so it asks more often. */
const BROKEN_DOWNLOAD: Expected = { outcome: 'STORE_UNREACHABLE', requests: [3, 10] };

const SCENARIOS: readonly Scenario[] = [
  { name: 'a black hole', fault: { kind: 'black-hole' }, usual: { outcome: 'TIMEOUT', requests: 1 } },
  { name: 'a head that never ends', fault: { kind: 'slow-head' }, usual: { outcome: 'TIMEOUT', requests: 1 } },
  ...[0, 0.01, 0.5, 0.99].map(
    (after): Scenario => ({
      name: `a reset after ${after * 100} %`,
      fault: { kind: 'reset', after },
      usual: GIVEN_UP,
      // A hundredth of a hundredth of a hundredth is nothing: that download gets through.
      at: {
        'blob-get': after === 0 ? GIVEN_UP : after === 0.99 ? { outcome: 'ok', requests: [3, 5] } : BROKEN_DOWNLOAD,
      },
    }),
  ),
  {
    name: 'a body cut short with a clean end',
    fault: { kind: 'alter', alter: (body) => body.subarray(0, body.byteLength >> 1), length: 'original' },
    usual: GIVEN_UP,
    at: { 'blob-get': BROKEN_DOWNLOAD },
    kinds: PULL,
  },
  {
    name: 'a few bytes a second',
    fault: { kind: 'slow', bytesPerSecond: 4096 },
    usual: OK,
    at: { upload: { outcome: 'TIMEOUT', requests: 1 }, 'blob-get': { outcome: 'TIMEOUT', requests: 1 } },
  },
  { name: '400', fault: status(400), usual: { outcome: 'STORE_FAILED', requests: 1 } },
  {
    name: '401',
    fault: status(401, { 'www-authenticate': 'Basic realm="x"' }),
    usual: { outcome: 'STORE_UNAUTHENTICATED', requests: [1, 2] },
    at: { 'tags-list': { outcome: 'ok', requests: [1, 2] } },
  },
  {
    name: '401 without a challenge',
    fault: status(401),
    usual: { outcome: 'STORE_UNAUTHENTICATED', requests: 1 },
    at: { 'tags-list': OK },
  },
  { name: '403', fault: status(403), usual: { outcome: 'STORE_DENIED', requests: 1 }, at: { 'tags-list': OK } },
  {
    name: '404',
    fault: status(404),
    usual: { outcome: 'STORE_FAILED', requests: 1 },
    at: {
      'blob-head': OK,
      'manifest-head': OK,
      'tags-list': { outcome: 'miss', requests: 1 },
      'manifest-get': { outcome: 'miss', requests: 1 },
      'blob-get': { outcome: 'miss', requests: 1 },
    },
  },
  ...(
    [
      ['1 s', { 'retry-after': '1' }, 3],
      ['a date', { 'retry-after': new Date(Date.now() + 2000).toUTCString() }, 3],
      ['9999 s', { 'retry-after': '9999' }, 1],
      ['nonsense', { 'retry-after': 'soon' }, 3],
      ['nothing', {}, 3],
    ] as const
  ).map(
    ([said, headers, requests]): Scenario => ({
      name: `429, Retry-After ${said}`,
      fault: status(429, headers),
      usual: { outcome: 'STORE_RATE_LIMITED', requests },
      at: { 'blob-get': { outcome: 'STORE_RATE_LIMITED', requests: requests === 1 ? [1, 3] : [3, 9] } },
    }),
  ),
  ...[500, 502, 503, 504].map(
    (code): Scenario => ({
      name: String(code),
      fault: status(code),
      usual: { outcome: 'STORE_FAILED', requests: 3 },
      at: { 'blob-get': { outcome: 'STORE_FAILED', requests: [3, 9] } },
    }),
  ),
  {
    name: 'a page with 200',
    fault: { kind: 'answer', status: 200, headers: { 'content-type': 'text/html' }, body: HTML },
    usual: { outcome: 'STORE_FAILED', requests: 1 },
    at: {
      'blob-head': OK,
      // No digest in the head: the manifest is read instead, and is the real one or none.
      'manifest-head': OK,
      'manifest-get': { outcome: 'SNAPSHOT_INVALID', requests: 1 },
      'blob-get': { outcome: 'BLOB_CORRUPT', requests: 1 },
    },
  },
  {
    name: 'one bit changed',
    fault: { kind: 'alter', alter: flip, length: 'altered' },
    usual: { outcome: 'BLOB_CORRUPT', requests: 1 },
    at: { 'manifest-get': { outcome: 'SNAPSHOT_INVALID', requests: 1 } },
    kinds: ['manifest-get', 'blob-get'],
  },
  {
    name: 'a body too short',
    fault: { kind: 'alter', alter: (body) => body.subarray(0, -7), length: 'altered' },
    usual: { outcome: 'BLOB_CORRUPT', requests: 1 },
    at: {
      'manifest-get': { outcome: 'SNAPSHOT_INVALID', requests: 1 },
      'tags-list': { outcome: 'STORE_FAILED', requests: 1 },
    },
    kinds: PULL,
  },
  {
    name: 'a body too long',
    fault: { kind: 'alter', alter: (body) => Buffer.concat([body, body]), length: 'altered' },
    usual: { outcome: 'BLOB_CORRUPT', requests: 1 },
    at: {
      'manifest-get': { outcome: 'SNAPSHOT_INVALID', requests: 1 },
      'tags-list': { outcome: 'STORE_FAILED', requests: 1 },
    },
    kinds: PULL,
  },
  {
    name: 'gzip that is said',
    fault: { kind: 'gzip', isSaid: true },
    usual: OK,
    kinds: PULL,
  },
  {
    name: 'gzip that is not said',
    fault: { kind: 'gzip', isSaid: false },
    usual: { outcome: 'BLOB_CORRUPT', requests: 1 },
    at: {
      'manifest-get': { outcome: 'SNAPSHOT_INVALID', requests: 1 },
      'tags-list': { outcome: 'STORE_FAILED', requests: 1 },
    },
    kinds: PULL,
  },
  {
    name: 'a redirect to nowhere',
    fault: { kind: 'answer', status: 307, headers: { location: 'http://' } },
    usual: { outcome: 'STORE_FAILED', requests: 1 },
  },
  {
    name: 'a redirect to a file',
    fault: { kind: 'answer', status: 307, headers: { location: 'file:///etc/hostname' } },
    usual: { outcome: 'STORE_FAILED', requests: 1 },
  },
];

/** What breaks once and is right the second time. */
const PASSING: readonly (readonly [string, Fault])[] = [
  ['a reset', { kind: 'reset', after: 0.5 }],
  ['500', status(500)],
  ['503', status(503)],
  ['429', status(429, { 'retry-after': '1' })],
];

let registry: TestRegistry;
let directory: string;
let direct: Store;

beforeAll(async () => {
  registry = await startRegistry({ program: 'registry', auth: 'htpasswd' });
  directory = await mkdtemp(join(tmpdir(), 'slipway-faults-'));
  direct = openTestStore(
    { type: 'registry', host: registry.host, repository: 'faults' },
    loginEnvironment(registry.host),
  );
}, 60_000);
afterAll(async () => {
  await registry?.stop();
  await rm(directory, { recursive: true, force: true });
});

interface Trial {
  readonly proxy: FaultProxy;
  readonly store: Store;
  readonly data: TestBlob;
  readonly name: SnapshotName;
  readonly file: string;
  run(): Promise<Expected['outcome']>;
  requestsOf(kind: RequestKind): number;
}

/** A store behind a fresh proxy, logged in already, and the one call in which requests of this kind are made. */
async function prepare(kind: Kind): Promise<Trial> {
  const proxy = await startFaultProxy(registry.host);
  const spec = { type: 'registry', host: proxy.host, repository: 'faults' } as const;
  const store = openTestStore(spec, loginEnvironment(proxy.host), { clock, timeoutSeconds: 10, random: () => 0.5 });
  const data = newBlob(BLOB_BYTES);
  const name = newName(newScope());
  const manifest = await newManifest(direct, name);
  const file = join(directory, data.blob.digest.slice(7));
  if (kind === 'blob-get') await direct.writeBlob(data.blob, data.source);
  if (kind === 'tags-list' || kind === 'manifest-get') await direct.writeSnapshot(name, manifest);
  await store.hasBlob(data.blob.digest);
  const calls: Record<Kind, () => Promise<unknown>> = {
    'blob-head': () => store.writeBlob(data.blob, data.source),
    'upload-start': () => store.writeBlob(data.blob, data.source),
    upload: () => store.writeBlob(data.blob, data.source),
    'manifest-head': () => store.writeSnapshot(name, manifest),
    'manifest-put': () => store.writeSnapshot(name, manifest),
    'tags-list': async () => (await store.listSnapshots(name.scope))[0],
    'manifest-get': () => store.readSnapshot(name),
    'blob-get': async () =>
      (await downloadBlob(store, data.blob, file, { clock })) === 'missing' ? undefined : 'done',
  };
  return {
    proxy,
    store,
    data,
    name,
    file,
    requestsOf: (wanted) => proxy.seen.filter((one) => one.kind === wanted).length,
    async run() {
      try {
        return (await calls[kind]()) === undefined ? 'miss' : 'ok';
      } catch (error) {
        if (!(error instanceof SlipwayError)) throw error;
        expect(error.message).not.toMatch(/\u001b|s3cret/);
        return error.code;
      }
    },
  };
}

/** Nothing half-written, whatever happened: a blob or snapshot is there whole, or not at all; so is the local file. */
async function expectWholeOrNothing(trial: Trial, kind: Kind, outcome: Expected['outcome']): Promise<void> {
  const { blob, bytes } = trial.data;
  const isPush = (PUSH as readonly Kind[]).includes(kind);
  if (isPush && !kind.startsWith('manifest')) {
    const found = await direct.readBlob(blob.digest);
    // The body is verified as it is read: a wrong one would throw.
    if (found) for await (const chunk of found.body) expect(chunk.byteLength).toBeGreaterThan(0);
    else expect(outcome).not.toBe('ok');
  }
  if (kind === 'manifest-put' && outcome !== 'ok') expect(await direct.readSnapshot(trial.name)).toBeUndefined();
  if (kind === 'blob-get') {
    const left = (await readdir(directory)).filter((name) => trial.file.endsWith(name.slice(0, 64)));
    if (outcome === 'ok') expect((await readFile(trial.file)).equals(bytes)).toBe(true);
    expect(left.filter((name) => !name.endsWith('.partial'))).toEqual(outcome === 'ok' ? [left[0]] : []);
    if (outcome === 'BLOB_CORRUPT') expect(left).toEqual([]);
  }
}

describe.concurrent('a fault at every request of a kind', () => {
  for (const { name, fault, usual, at, kinds } of SCENARIOS) {
    for (const kind of kinds ?? KINDS) {
      test(`${name}, at ${kind}`, async () => {
        const trial = await prepare(kind);
        try {
          trial.proxy.setFault((seen) => (seen === kind ? fault : undefined));
          const startedAt = performance.now();
          const outcome = await trial.run();
          const seconds = ((performance.now() - startedAt) * SPEED) / 1000;
          const expected = at?.[kind] ?? usual;
          expect(outcome).toBe(expected.outcome);
          const requests = trial.requestsOf(kind);
          const [least, most] =
            typeof expected.requests === 'number' ? [expected.requests, expected.requests] : expected.requests;
          // The tag that is only a hint is one request more, and manifests of heads may be read.
          const isHeadToo = kind === 'manifest-put' && outcome === 'ok';
          expect(requests).toBeGreaterThanOrEqual(least);
          expect(requests).toBeLessThanOrEqual(most + (isHeadToo ? 1 : 0));
          // 10 s to the first answer, 30 s at most that a server asks for, and this machine's own slowness.
          expect(seconds).toBeLessThan(name.includes('429') ? 60 : 40);
          trial.proxy.setFault(() => undefined);
          await expectWholeOrNothing(trial, kind, outcome);
        } finally {
          await trial.proxy.stop();
        }
      });
    }
  }
});

describe.concurrent('a fault that passes', () => {
  for (const [name, fault] of PASSING) {
    for (const kind of KINDS) {
      test(`${name}, once, at ${kind}`, async () => {
        const trial = await prepare(kind);
        try {
          trial.proxy.setFault((seen, nth) => (seen === kind && nth === 0 ? fault : undefined));
          const outcome = await trial.run();
          expect(outcome).toBe('ok');
          expect(trial.requestsOf(kind)).toBe(kind === 'manifest-put' ? 3 : 2);
          await expectWholeOrNothing(trial, kind, outcome);
        } finally {
          await trial.proxy.stop();
        }
      });
    }
  }
});

describe('redirects', () => {
  for (const kind of KINDS) {
    test(`a loop at ${kind} ends after five`, async () => {
      const trial = await prepare(kind);
      try {
        const location = `http://${trial.proxy.host}/v2/faults/loop`;
        trial.proxy.setFault((seen) =>
          seen === kind || seen === 'other' ? { kind: 'answer', status: 307, headers: { location } } : undefined,
        );
        expect(await trial.run()).toBe('STORE_FAILED');
        expect(trial.requestsOf(kind) + trial.requestsOf('other')).toBe(6);
      } finally {
        await trial.proxy.stop();
      }
    });

    test(`another host gets no Authorization from ${kind}`, async () => {
      const seen: (string | undefined)[] = [];
      const stranger = createServer((request, response) => {
        seen.push(request.headers.authorization);
        request.resume();
        response.writeHead(401, { 'www-authenticate': 'Basic realm="give it to me"' }).end();
      });
      await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
      const trial = await prepare(kind);
      try {
        const location = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}/elsewhere`;
        trial.proxy.setFault((one) =>
          one === kind ? { kind: 'answer', status: 307, headers: { location } } : undefined,
        );
        await trial.run();
        expect(seen.length).toBeGreaterThanOrEqual(1);
        expect(seen.every((header) => header === undefined)).toBe(true);
        // While the registry itself does get it.
        expect(trial.proxy.seen.find((one) => one.kind === kind)?.authorization).toMatch(/^Basic /);
      } finally {
        await trial.proxy.stop();
        stranger.closeAllConnections();
        stranger.close();
      }
    });
  }

  test('an upload sent to another host goes there without Authorization', async () => {
    const seen: (string | undefined)[] = [];
    const stranger = createServer((request, response) => {
      seen.push(request.headers.authorization);
      request.resume().on('end', () => response.writeHead(201).end());
    });
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const trial = await prepare('upload-start');
    try {
      const location = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}/upload?state=x`;
      trial.proxy.setFault((kind) =>
        kind === 'upload-start' ? { kind: 'answer', status: 202, headers: { location } } : undefined,
      );
      expect(await trial.run()).toBe('ok');
      expect(seen).toEqual([undefined]);
    } finally {
      await trial.proxy.stop();
      stranger.closeAllConnections();
      stranger.close();
    }
  });
});

describe('a registry that is not there', () => {
  test('three attempts in all, then no more in this run', async () => {
    const proxy = await startFaultProxy(registry.host);
    await proxy.stop();
    const spec = { type: 'registry', host: proxy.host, repository: 'faults' } as const;
    const store = openTestStore(spec, {}, { clock });
    const { blob, source } = newBlob();
    await expect(store.listSnapshots('main')).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    expect(store.counters.requests).toBe(3);
    const second = store.writeBlob(blob, source);
    await expect(second).rejects.toThrow(/not asked again in this run/);
    expect(store.counters.requests).toBe(3);
  });

  test('a time-out is the last question of a run', async () => {
    const trial = await prepare('tags-list');
    try {
      trial.proxy.setFault(() => ({ kind: 'black-hole' }));
      expect(await trial.run()).toBe('TIMEOUT');
      expect(await trial.run()).toBe('STORE_UNREACHABLE');
      expect(trial.proxy.seen).toHaveLength(1);
    } finally {
      await trial.proxy.stop();
    }
  });

  test('a refused write stops the writes and leaves the reads', async () => {
    const trial = await prepare('upload-start');
    try {
      trial.proxy.setFault((kind) => (kind === 'upload-start' ? status(403) : undefined));
      expect(await trial.run()).toBe('STORE_DENIED');
      expect(await trial.run()).toBe('STORE_DENIED');
      expect(trial.requestsOf('upload-start')).toBe(1);
      expect(await trial.store.hasBlob(trial.data.blob.digest)).toBe(false);
    } finally {
      await trial.proxy.stop();
    }
  });
});

describe('a broken download', () => {
  test('goes on where it stopped', async () => {
    const trial = await prepare('blob-get');
    try {
      trial.proxy.setFault((kind, nth) => (kind === 'blob-get' && nth < 4 ? { kind: 'reset', after: 0.5 } : undefined));
      let moved = 0;
      const onBytes = (bytes: number): void => {
        moved += bytes;
      };
      expect(await downloadBlob(trial.store, trial.data.blob, trial.file, { clock, onBytes })).toBe('done');
      expect(trial.requestsOf('blob-get')).toBe(5);
      // Nothing was fetched twice.
      expect(moved).toBe(BLOB_BYTES);
      expect((await readFile(trial.file)).equals(trial.data.bytes)).toBe(true);
    } finally {
      await trial.proxy.stop();
    }
  });
});
