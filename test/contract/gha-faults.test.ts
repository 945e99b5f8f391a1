import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SlipwayError, type ErrorCode } from '../../src/core/errors.ts';
import type { SnapshotName, Store } from '../../src/store/port.ts';
import { downloadBlob } from '../../src/store/transfer.ts';
import { startProxy, type Fault, type FaultProxy } from '../helpers/fault-proxy.ts';
import { kindOf, startGhaServer, type GhaRequestKind, type GhaServer } from '../helpers/gha/gha-server.ts';
import { scaledClock } from '../helpers/scaled-clock.ts';
import { openPlainTestStore } from '../helpers/store-contract-open.ts';
import { newBlob, newManifest, newName, newScope, type TestBlob } from '../helpers/store-contract-subject.ts';

/** Ten seconds of waiting take three: what a busy machine needs for itself must not count for much. */
const SPEED = 3;
const clock = scaledClock(SPEED);
const BLOB_BYTES = 300_000;

const KINDS = ['find', 'reserve', 'upload', 'finalize', 'download', 'snapshot-download'] as const;
type Kind = (typeof KINDS)[number];

interface Expected {
  readonly outcome: 'ok' | 'miss' | ErrorCode;
  /** Requests of the spoiled kind. */
  readonly requests: number | readonly [least: number, most: number];
}

interface Scenario {
  readonly name: string;
  readonly fault: Fault;
  readonly usual: Expected;
  /** Where it differs from `usual`. */
  readonly at?: Partial<Record<Kind, Expected>>;
  readonly kinds?: readonly Kind[];
}

const CALLS = ['find', 'reserve', 'finalize'] as const;
const READS = ['download', 'snapshot-download'] as const;
const OK: Expected = { outcome: 'ok', requests: 1 };
const GIVEN_UP: Expected = { outcome: 'STORE_UNREACHABLE', requests: 3 };
const FAILED: Expected = { outcome: 'STORE_FAILED', requests: 1 };
const TIMEOUT: Expected = { outcome: 'TIMEOUT', requests: 1 };
const HTML = '<!doctype html><title>Please log in</title>'.padEnd(2000);

function json(status: number, body: object, headers: Readonly<Record<string, string>> = {}): Fault {
  return {
    kind: 'answer',
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
}

function status(code: number, headers: Readonly<Record<string, string>> = {}): Fault {
  return json(code, { code: 'spoiled', msg: `answer \u001b[31m${code}` }, headers);
}

function flip(body: Buffer): Buffer {
  const copy = Buffer.from(body);
  const middle = copy.byteLength >> 1;
  copy[middle] = copy[middle]! ^ 1;
  return copy;
}

/** An address is refused twice, and an upload's needs a reservation for each. */
const REFUSED_ADDRESS: Expected = { outcome: 'STORE_DENIED', requests: 2 };

const SCENARIOS: readonly Scenario[] = [
  { name: 'a black hole', fault: { kind: 'black-hole' }, usual: TIMEOUT },
  { name: 'a head that never ends', fault: { kind: 'slow-head' }, usual: TIMEOUT },
  ...[0, 0.5, 0.99].map(
    (after): Scenario => ({
      name: `a reset after ${after * 100} %`,
      fault: { kind: 'reset', after },
      usual: GIVEN_UP,
      at: {
        // A download goes on where it stopped, as long as it gets further.
        ...(after > 0 && { download: { outcome: after === 0.99 ? 'ok' : 'STORE_UNREACHABLE', requests: [3, 10] } }),
        // A snapshot is read whole or not at all, by a caller that may ask again.
        ...(after > 0 && { 'snapshot-download': GIVEN_UP }),
      },
    }),
  ),
  {
    name: 'a body cut short with a clean end',
    fault: { kind: 'alter', alter: (body) => body.subarray(0, body.byteLength >> 1), length: 'original' },
    usual: GIVEN_UP,
    at: {
      download: { outcome: 'STORE_UNREACHABLE', requests: [3, 10] },
      // Done, as the next attempt sees.
      finalize: OK,
    },
    kinds: [...CALLS, ...READS],
  },
  {
    name: 'a few bytes a second',
    fault: { kind: 'slow', bytesPerSecond: 4096 },
    usual: TIMEOUT,
    kinds: ['upload', 'download'],
  },
  {
    name: '401',
    fault: status(401),
    usual: { outcome: 'STORE_UNAUTHENTICATED', requests: 1 },
    at: {
      upload: REFUSED_ADDRESS,
      download: REFUSED_ADDRESS,
      'snapshot-download': { ...REFUSED_ADDRESS, requests: 3 },
    },
  },
  {
    name: '403',
    fault: status(403),
    usual: { outcome: 'STORE_DENIED', requests: 1 },
    at: {
      upload: REFUSED_ADDRESS,
      download: REFUSED_ADDRESS,
      'snapshot-download': { ...REFUSED_ADDRESS, requests: 3 },
    },
  },
  {
    name: 'read denied',
    fault: json(403, { code: 'permission_denied', msg: 'cache read denied: no scope' }),
    usual: { outcome: 'STORE_REFUSED', requests: 1 },
    kinds: ['find'],
  },
  {
    name: 'write denied',
    fault: json(200, { ok: false, message: 'cache write denied: read-only' }),
    usual: { outcome: 'STORE_REFUSED', requests: 1 },
    kinds: ['reserve', 'finalize'],
  },
  {
    name: 'write denied with 403',
    fault: json(403, { code: 'permission_denied', msg: 'cache write denied: read-only' }),
    usual: { outcome: 'STORE_REFUSED', requests: 1 },
    kinds: ['reserve', 'finalize'],
  },
  {
    name: 'ok: false',
    fault: json(200, { ok: false }),
    usual: FAILED,
    at: { find: { outcome: 'miss', requests: 1 }, reserve: { ...FAILED, requests: 2 } },
    kinds: CALLS,
  },
  {
    name: 'ok: false for a reason',
    fault: json(200, { ok: false, message: 'no \u001b[31mroom' }),
    usual: FAILED,
    at: { find: { outcome: 'miss', requests: 1 } },
    kinds: CALLS,
  },
  {
    name: 'space used up',
    fault: json(403, { code: 'permission_denied', msg: 'insufficient usage to create a cache entry' }),
    usual: { outcome: 'STORE_DENIED', requests: 1 },
    kinds: ['reserve'],
  },
  {
    name: '404',
    fault: status(404),
    usual: FAILED,
    at: {
      upload: REFUSED_ADDRESS,
      download: { outcome: 'miss', requests: 1 },
      // The first address is of the listing.
      'snapshot-download': { outcome: 'miss', requests: 2 },
    },
  },
  ...(
    [
      ['1 s', { 'retry-after': '1' }, 3],
      ['a date', { 'retry-after': new Date(Date.now() + 2000).toUTCString() }, 3],
      ['9999 s', { 'retry-after': '9999' }, 1],
      ['nothing', {}, 1],
    ] as const
  ).map(
    ([said, headers, requests]): Scenario => ({
      name: `429, Retry-After ${said}`,
      fault: status(429, headers),
      usual: { outcome: 'STORE_RATE_LIMITED', requests },
      kinds: CALLS,
    }),
  ),
  ...[500, 502, 503, 504].map(
    (code): Scenario => ({
      name: String(code),
      fault: status(code),
      usual: { outcome: 'STORE_FAILED', requests: 3 },
      at: { download: { outcome: 'STORE_FAILED', requests: [3, 9] } },
    }),
  ),
  {
    name: 'a page with 200',
    fault: { kind: 'answer', status: 200, headers: { 'content-type': 'text/html' }, body: HTML },
    usual: FAILED,
    at: {
      download: { outcome: 'BLOB_CORRUPT', requests: 1 },
      'snapshot-download': { outcome: 'SNAPSHOT_INVALID', requests: 1 },
    },
  },
  {
    name: 'one bit changed',
    fault: { kind: 'alter', alter: flip, length: 'altered' },
    usual: { outcome: 'BLOB_CORRUPT', requests: 1 },
    kinds: ['download'],
  },
  ...(
    [
      ['short', (body: Buffer) => body.subarray(0, -7)],
      ['long', (body: Buffer) => Buffer.concat([body, body])],
    ] as const
  ).map(
    ([word, alter]): Scenario => ({
      name: `a body too ${word}`,
      fault: { kind: 'alter', alter, length: 'altered' },
      usual: FAILED,
      at: {
        download: { outcome: 'BLOB_CORRUPT', requests: 1 },
        'snapshot-download': { outcome: 'SNAPSHOT_INVALID', requests: 1 },
      },
      kinds: [...CALLS, ...READS],
    }),
  ),
  { name: 'gzip that is said', fault: { kind: 'gzip', isSaid: true }, usual: OK, kinds: [...CALLS, ...READS] },
  {
    name: 'a redirect',
    fault: { kind: 'answer', status: 307, headers: { location: 'http://127.0.0.1:1/elsewhere' } },
    usual: FAILED,
  },
  ...(
    [
      ['no address', 'nowhere'],
      ['a file', 'file:///etc/hostname'],
      ['none', undefined],
    ] as const
  ).map(
    ([word, url]): Scenario => ({
      name: `an address that is ${word}`,
      fault: json(200, { ok: true, signed_upload_url: url, signed_download_url: url, matched_key: 'slipway' }),
      usual: FAILED,
      kinds: ['find', 'reserve'],
    }),
  ),
];

/** What breaks once and is right the second time. */
const PASSING: readonly (readonly [string, Fault])[] = [
  ['a reset', { kind: 'reset', after: 0.5 }],
  ['500', status(500)],
  ['503', status(503)],
];

let server: GhaServer;
let directory: string;
let direct: Store;
beforeAll(async () => {
  server = await startGhaServer({ entriesPerMinute: Infinity });
  directory = await mkdtemp(join(tmpdir(), 'slipway-gha-faults-'));
  direct = openPlainTestStore({ type: 'gha' }, server.jobEnv(), { ghaLimits: { entriesPerMinute: Infinity } });
});
afterAll(async () => {
  await server?.stop();
  await rm(directory, { recursive: true, force: true });
});

interface Trial {
  readonly proxy: FaultProxy<GhaRequestKind>;
  readonly data: TestBlob;
  readonly name: SnapshotName;
  readonly file: string;
  run(): Promise<Expected['outcome']>;
  requests(): number;
}

/** A store behind a fresh proxy, and the one call in which requests of this kind are made. */
async function prepare(kind: Kind): Promise<Trial> {
  const proxy = await startProxy(server.host, kindOf);
  const env = { ...server.jobEnv(), ACTIONS_RESULTS_URL: `http://${proxy.host}/` };
  const store = openPlainTestStore({ type: 'gha' }, env, { clock, timeoutSeconds: 10, random: () => 0.5 });
  const data = newBlob(BLOB_BYTES);
  const name = newName(newScope());
  const file = join(directory, data.blob.digest.slice(7));
  if (kind === 'download') await direct.writeBlob(data.blob, data.source);
  if (kind === 'snapshot-download') await direct.writeSnapshot(name, await newManifest(direct, name));
  if (kind === 'find') await direct.writeSnapshot(name, await newManifest(direct, name));
  const write = (): Promise<unknown> => store.writeBlob(data.blob, data.source);
  const calls: Record<Kind, () => Promise<unknown>> = {
    find: () => store.readSnapshot(name),
    reserve: write,
    upload: write,
    finalize: write,
    download: async () => ((await downloadBlob(store, data.blob, file, { clock })) === 'missing' ? undefined : 'done'),
    'snapshot-download': async () => store.readSnapshot((await store.listSnapshots(name.scope))[0]!),
  };
  return {
    proxy,
    data,
    name,
    file,
    requests: () => proxy.seen.filter((one) => one.kind === requestOf(kind)).length,
    async run() {
      try {
        return (await calls[kind]()) === undefined ? 'miss' : 'ok';
      } catch (error) {
        if (!(error instanceof SlipwayError)) throw error;
        expect(`${error.message} ${error.hint}`).not.toMatch(/\u001b|sig=|devstoreaccount1/);
        return error.code;
      }
    },
  };
}

function requestOf(kind: Kind): GhaRequestKind {
  return kind === 'snapshot-download' ? 'download' : kind;
}

/** Nothing half-written, whatever happened: a blob is there whole, or not at all; so is the local file. */
async function expectWholeOrNothing({ data, file }: Trial, kind: Kind, outcome: Expected['outcome']): Promise<void> {
  const { blob, bytes } = data;
  if (kind === 'reserve' || kind === 'upload' || kind === 'finalize') {
    const found = await direct.readBlob(blob.digest);
    // The body is verified as it is read: a wrong one would throw.
    if (found) for await (const chunk of found.body) expect(chunk.byteLength).toBeGreaterThan(0);
    else expect(outcome).not.toBe('ok');
  }
  if (kind === 'download') {
    const left = (await readdir(directory)).filter((name) => file.endsWith(name.slice(0, 64)));
    if (outcome === 'ok') expect((await readFile(file)).equals(bytes)).toBe(true);
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
          trial.proxy.setFault((seen) => (seen === requestOf(kind) ? fault : undefined));
          const startedAt = performance.now();
          const outcome = await trial.run();
          const seconds = ((performance.now() - startedAt) * SPEED) / 1000;
          const expected = at?.[kind] ?? usual;
          expect(outcome).toBe(expected.outcome);
          const [least, most] =
            typeof expected.requests === 'number' ? [expected.requests, expected.requests] : expected.requests;
          expect(trial.requests()).toBeGreaterThanOrEqual(least);
          expect(trial.requests()).toBeLessThanOrEqual(most);
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
          trial.proxy.setFault((seen, nth) => (seen === requestOf(kind) && nth === 0 ? fault : undefined));
          expect(await trial.run()).toBe('ok');
          await expectWholeOrNothing(trial, kind, 'ok');
        } finally {
          await trial.proxy.stop();
        }
      });
    }
  }

  test('an address that expires in the middle of a download is renewed, and the download goes on', async () => {
    const trial = await prepare('download');
    const bodies: number[] = [];
    try {
      trial.proxy.setFault((seen, nth) => {
        if (seen !== 'download') return undefined;
        bodies.push(nth);
        // Half of it, then an address that isn't valid any more, then the rest.
        return nth === 0 ? { kind: 'reset', after: 0.5 } : nth === 1 ? status(403) : undefined;
      });
      expect(await trial.run()).toBe('ok');
      expect(bodies).toEqual([0, 1, 2]);
      expect(trial.proxy.seen.filter(({ kind }) => kind === 'find')).toHaveLength(3);
      await expectWholeOrNothing(trial, 'download', 'ok');
    } finally {
      await trial.proxy.stop();
    }
  });

  test('an upload in blocks goes on with the block that broke', async () => {
    const proxy = await startProxy(server.host, kindOf);
    const env = { ...server.jobEnv(), ACTIONS_RESULTS_URL: `http://${proxy.host}/` };
    const ghaLimits = { singlePutBytes: 10_000, blockBytes: 100_000 };
    const store = openPlainTestStore({ type: 'gha' }, env, { clock, ghaLimits });
    const { blob, bytes, source } = newBlob(450_000);
    try {
      proxy.setFault((kind, nth) => (kind === 'upload' && nth === 2 ? { kind: 'reset', after: 0.5 } : undefined));
      await store.writeBlob(blob, source);
      const blocks = proxy.seen.filter(({ kind }) => kind === 'upload').map(({ path }) => blockOf(path));
      expect(blocks).toEqual([0, 1, 2, 2, 3, 4, 'list']);
      expect(proxy.seen.filter(({ kind }) => kind === 'reserve')).toHaveLength(1);
      const entry = server.entries().find(({ key }) => key.endsWith(blob.digest.slice(7)))!;
      expect(server.bytesOf(entry)!.equals(bytes)).toBe(true);
    } finally {
      await proxy.stop();
    }
  });

  test('a commit whose answer was lost is not made twice', async () => {
    const trial = await prepare('finalize');
    try {
      trial.proxy.setFault((kind, nth) =>
        kind === 'finalize' && nth === 0
          ? { kind: 'alter', alter: () => Buffer.alloc(0), length: 'original' }
          : undefined,
      );
      expect(await trial.run()).toBe('ok');
      expect(trial.proxy.seen.map(({ kind }) => kind)).toEqual(['reserve', 'upload', 'finalize', 'find']);
    } finally {
      await trial.proxy.stop();
    }
  });
});

function blockOf(path: string): number | string {
  const query = new URL(path, 'http://service').searchParams;
  if (query.get('comp') === 'blocklist') return 'list';
  return Number(/\d+$/.exec(Buffer.from(query.get('blockid') ?? '', 'base64').toString())?.[0]);
}
