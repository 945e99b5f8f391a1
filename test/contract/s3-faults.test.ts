import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { SlipwayError, type ErrorCode } from '../../src/core/errors.ts';
import type { SnapshotName } from '../../src/store/port.ts';
import type { S3StoreSpec } from '../../src/store/spec/s3.ts';
import { downloadBlob } from '../../src/store/transfer.ts';
import { startProxy, type Fault, type FaultProxy } from '../helpers/fault-proxy.ts';
import { s3Error, s3KindOf, type S3RequestKind } from '../helpers/s3-requests.ts';
import { startS3, type TestS3 } from '../helpers/s3-server.ts';
import { scaledClock } from '../helpers/scaled-clock.ts';
import { openTestStore } from '../helpers/store-contract-open.ts';
import { newBlob, newManifest, newName, newScope, type TestBlob } from '../helpers/store-contract-subject.ts';

/** Ten seconds of waiting take one. */
const SPEED = 10;
const clock = scaledClock(SPEED);
const BLOB_BYTES = 300_000;
/** Where no time-out is expected: a machine that is busy with other things must not make one. */
const PATIENT_SECONDS = 100;

const PUSH = ['blob-head', 'blob-put', 'snapshot-head', 'probe', 'snapshot-put'] as const;
const PULL = ['list', 'snapshot-get', 'blob-get'] as const;
const KINDS = [...PUSH, ...PULL] as const;
type Kind = (typeof KINDS)[number];
type Outcome = 'ok' | 'miss' | ErrorCode;

interface Expected {
  readonly outcome: Outcome;
  /** Requests of the spoiled kind. */
  readonly requests: number | readonly [least: number, most: number];
}

interface Scenario {
  readonly name: string;
  readonly fault: Fault;
  readonly usual: Expected;
  /** Where it differs from `usual`. */
  readonly at?: Partial<Record<Kind, Expected>>;
  /** Only these requests can suffer it. */
  readonly kinds?: readonly Kind[];
}

const once = (outcome: Outcome): Expected => ({ outcome, requests: 1 });
const thrice = (outcome: Outcome): Expected => ({ outcome, requests: 3 });
/** A download is taken up again by its reader, after the store has repeated it. */
const again = (outcome: Outcome): Expected => ({ outcome, requests: [3, 10] });

function answer(status: number, code: string, headers: Readonly<Record<string, string>> = {}, more = ''): Fault {
  const body = s3Error(code, `answer &#27;[31m${status}`, more);
  return { kind: 'answer', status, headers: { 'content-type': 'application/xml', ...headers }, body };
}

function flip(body: Buffer): Buffer {
  const copy = Buffer.from(body);
  const middle = copy.byteLength >> 1;
  copy[middle] = copy[middle]! ^ 1;
  return copy;
}

const SCENARIOS: readonly Scenario[] = [
  { name: 'a black hole', fault: { kind: 'black-hole' }, usual: once('TIMEOUT') },
  { name: 'a head that never ends', fault: { kind: 'slow-head' }, usual: once('TIMEOUT') },
  ...[0, 0.01, 0.5, 0.99].map(
    (after): Scenario => ({
      name: `a reset after ${after * 100} %`,
      fault: { kind: 'reset', after },
      usual: thrice('STORE_UNREACHABLE'),
      at: {
        'blob-get':
          after === 0
            ? thrice('STORE_UNREACHABLE')
            : after === 0.99
              ? { outcome: 'ok', requests: [3, 5] }
              : again('STORE_UNREACHABLE'),
      },
    }),
  ),
  {
    name: 'a body cut short with a clean end',
    fault: { kind: 'alter', alter: (body) => body.subarray(0, body.byteLength >> 1), length: 'original' },
    usual: thrice('STORE_UNREACHABLE'),
    at: { 'blob-get': again('STORE_UNREACHABLE') },
    kinds: PULL,
  },
  {
    name: 'a few bytes a second',
    fault: { kind: 'slow', bytesPerSecond: 4096 },
    usual: once('ok'),
    at: { 'blob-put': once('TIMEOUT'), 'blob-get': once('TIMEOUT'), probe: { outcome: 'ok', requests: [1, 2] } },
    // The proxy keeps a body that it lets through slowly, and says it was taken.
    kinds: KINDS.filter((kind) => kind !== 'snapshot-put'),
  },
  { name: '400', fault: answer(400, 'InvalidRequest'), usual: once('STORE_FAILED') },
  {
    name: '400 ExpiredToken',
    fault: answer(400, 'ExpiredToken'),
    usual: once('STORE_UNAUTHENTICATED'),
    at: { 'blob-head': once('STORE_FAILED'), 'snapshot-head': once('STORE_FAILED') },
  },
  { name: '401', fault: answer(401, 'Unauthorized'), usual: once('STORE_UNAUTHENTICATED') },
  { name: '403 AccessDenied', fault: answer(403, 'AccessDenied'), usual: once('STORE_DENIED') },
  {
    name: '403 SignatureDoesNotMatch',
    fault: answer(403, 'SignatureDoesNotMatch'),
    usual: once('STORE_UNAUTHENTICATED'),
    at: { 'blob-head': once('STORE_DENIED'), 'snapshot-head': once('STORE_DENIED') },
  },
  {
    name: '404 NoSuchKey',
    fault: answer(404, 'NoSuchKey'),
    usual: once('STORE_FAILED'),
    at: {
      'blob-head': once('ok'),
      'snapshot-head': once('ok'),
      'snapshot-get': once('miss'),
      'blob-get': once('miss'),
    },
  },
  {
    name: '404 NoSuchBucket',
    fault: answer(404, 'NoSuchBucket'),
    usual: once('STORE_FAILED'),
    at: { 'blob-head': once('ok'), 'snapshot-head': once('ok') },
  },
  {
    name: '409 ConditionalRequestConflict',
    fault: answer(409, 'ConditionalRequestConflict'),
    usual: thrice('STORE_FAILED'),
    kinds: ['probe', 'snapshot-put'],
  },
  {
    name: '412',
    fault: answer(412, 'PreconditionFailed'),
    // The probe's answer; the snapshot is looked for, and isn't there.
    usual: once('STORE_FAILED'),
    at: { probe: once('ok') },
    kinds: ['probe', 'snapshot-put', 'blob-put'],
  },
  {
    name: '501 for a condition',
    fault: answer(501, 'NotImplemented'),
    usual: once('ok'),
    kinds: ['probe'],
  },
  ...(
    [
      ['1 s', { 'retry-after': '1' }, 3],
      ['9999 s', { 'retry-after': '9999' }, 1],
      ['nothing', {}, 3],
    ] as const
  ).map(
    ([said, headers, requests]): Scenario => ({
      name: `503 SlowDown, Retry-After ${said}`,
      fault: answer(503, 'SlowDown', headers),
      usual: { outcome: 'STORE_RATE_LIMITED', requests },
      at: {
        'blob-get': { outcome: 'STORE_RATE_LIMITED', requests: requests === 1 ? [1, 3] : [3, 9] },
        // Without a body a 503 is only that.
        'blob-head': { outcome: 'STORE_FAILED', requests },
        'snapshot-head': { outcome: 'STORE_FAILED', requests },
      },
    }),
  ),
  {
    name: '429',
    fault: answer(429, 'TooManyRequests'),
    usual: thrice('STORE_RATE_LIMITED'),
    at: { 'blob-get': again('STORE_RATE_LIMITED') },
  },
  ...[500, 502, 503, 504].map(
    (status): Scenario => ({
      name: String(status),
      fault: { kind: 'answer', status, headers: { 'content-type': 'text/html' }, body: '<html>bad gateway</html>' },
      usual: thrice('STORE_FAILED'),
      at: { 'blob-get': again('STORE_FAILED') },
    }),
  ),
  {
    name: '500 InternalError',
    fault: answer(500, 'InternalError'),
    usual: thrice('STORE_FAILED'),
    at: { 'blob-get': again('STORE_FAILED') },
  },
  {
    name: '301 to another region',
    fault: answer(301, 'PermanentRedirect', { 'x-amz-bucket-region': 'eu-west-1' }),
    usual: once('STORE_FAILED'),
  },
  {
    name: '307 to a stranger',
    fault: answer(307, 'TemporaryRedirect', { location: 'http://127.0.0.1:9/' }),
    usual: once('STORE_FAILED'),
  },
  {
    name: 'a page with 200',
    fault: {
      kind: 'answer',
      status: 200,
      headers: { 'content-type': 'text/html' },
      body: '<!doctype html><title>Please log in</title>'.padEnd(2000),
    },
    usual: once('STORE_FAILED'),
  },
  {
    name: 'one bit changed',
    fault: { kind: 'alter', alter: flip, length: 'altered' },
    usual: once('BLOB_CORRUPT'),
    kinds: ['blob-get'],
  },
  {
    name: 'a body too short',
    fault: { kind: 'alter', alter: (body) => body.subarray(0, -20), length: 'altered' },
    usual: once('BLOB_CORRUPT'),
    at: { list: once('STORE_FAILED') },
    kinds: ['list', 'blob-get'],
  },
  {
    name: 'a body too long',
    fault: { kind: 'alter', alter: (body) => Buffer.concat([body, body]), length: 'altered' },
    usual: once('BLOB_CORRUPT'),
    // What comes behind the end of the document isn't looked at.
    at: { list: once('ok') },
    kinds: ['list', 'blob-get'],
  },
  { name: 'gzip that is said', fault: { kind: 'gzip', isSaid: true }, usual: once('ok'), kinds: PULL },
  {
    name: 'gzip that is not said',
    fault: { kind: 'gzip', isSaid: false },
    usual: once('BLOB_CORRUPT'),
    at: { list: once('STORE_FAILED') },
    kinds: ['list', 'blob-get'],
  },
];

/** What breaks once and is right the second time. */
const PASSING: readonly (readonly [string, Fault])[] = [
  ['a reset', { kind: 'reset', after: 0.5 }],
  ['500', answer(500, 'InternalError')],
  ['503', answer(503, 'SlowDown')],
  ['429', answer(429, 'TooManyRequests', { 'retry-after': '1' })],
];

let server: TestS3;
let target: string;
let directory: string;

beforeAll(async () => {
  server = await startS3('versitygw');
  target = new URL(server.endpoint).host;
  directory = await mkdtemp(join(tmpdir(), 'slipway-s3-faults-'));
  // The SDK is loaded with the first call, which takes its time.
  const { bucket, endpoint: endpointUrl, env } = server;
  await openTestStore({ type: 's3', bucket, endpointUrl }, env).listSnapshots('main');
}, 60_000);
afterAll(async () => {
  await server?.stop();
  await rm(directory, { recursive: true, force: true });
});

interface Trial {
  readonly proxy: FaultProxy<S3RequestKind>;
  readonly data: TestBlob;
  readonly name: SnapshotName;
  readonly file: string;
  run(): Promise<Outcome>;
  requests(): number;
  /** Nothing half-written, whatever happened. */
  expectWholeOrNothing(outcome: Outcome): Promise<void>;
}

let trials = 0;

/** A store of its own prefix behind a fresh proxy, and the one call in which requests of this kind are made. */
async function prepare(kind: Kind, timeoutSeconds: number = PATIENT_SECONDS): Promise<Trial> {
  const proxy = await startProxy(target, s3KindOf);
  const { bucket, env } = server;
  const spec = { type: 's3', bucket, prefix: `trial-${(trials += 1)}`, endpointUrl: server.endpoint } as const;
  const direct = openTestStore(spec, env);
  const behind = { ...spec, endpointUrl: `http://${proxy.host}` };
  const store = openTestStore(behind, env, { clock, timeoutSeconds, random: () => 0.5 });
  const data = newBlob(BLOB_BYTES);
  const name = newName(newScope());
  const manifest = await newManifest(direct, name);
  const file = join(directory, data.blob.digest.slice(7));
  if (kind === 'blob-get') await direct.writeBlob(data.blob, data.source);
  if (kind === 'list' || kind === 'snapshot-get') await direct.writeSnapshot(name, manifest);
  const write = (): Promise<unknown> => store.writeBlob(data.blob, data.source);
  const commit = (): Promise<unknown> => store.writeSnapshot(name, manifest);
  const calls: Record<Kind, () => Promise<unknown>> = {
    'blob-head': write,
    'blob-put': write,
    'snapshot-head': commit,
    probe: commit,
    'snapshot-put': commit,
    list: async () => (await store.listSnapshots(name.scope))[0],
    'snapshot-get': () => store.readSnapshot(name),
    'blob-get': async () =>
      (await downloadBlob(store, data.blob, file, { clock })) === 'missing' ? undefined : 'done',
  };
  return {
    proxy,
    data,
    name,
    file,
    requests: () => proxy.seen.filter((one) => one.kind === kind).length,
    async run() {
      try {
        return (await calls[kind]()) === undefined ? 'miss' : 'ok';
      } catch (error) {
        if (!(error instanceof SlipwayError)) throw error;
        expect(`${error.message} ${error.hint}`).not.toMatch(/\u001b|s3cret/);
        return error.code;
      }
    },
    async expectWholeOrNothing(outcome) {
      if (kind.startsWith('blob-') && kind !== 'blob-get') {
        const found = await direct.readBlob(data.blob.digest);
        // The body is verified as it is read: a wrong one would throw.
        if (found) for await (const chunk of found.body) expect(chunk.byteLength).toBeGreaterThan(0);
        else expect(outcome).not.toBe('ok');
      }
      if (kind === 'snapshot-put') {
        const found = await direct.readSnapshot(name);
        if (found) expect(Buffer.from(found)).toEqual(manifest);
        else expect(outcome).not.toBe('ok');
      }
      if (kind === 'blob-get') {
        const left = (await readdir(directory)).filter((entry) => file.endsWith(entry.slice(0, 64)));
        if (outcome === 'ok') expect((await readFile(file)).equals(data.bytes)).toBe(true);
        expect(left.filter((entry) => !entry.endsWith('.partial'))).toEqual(outcome === 'ok' ? [left[0]] : []);
        if (outcome === 'BLOB_CORRUPT') expect(left).toEqual([]);
      }
    },
  };
}

describe.concurrent('a fault at every request of a kind', () => {
  for (const { name, fault, usual, at, kinds } of SCENARIOS) {
    for (const kind of kinds ?? KINDS) {
      test(`${name}, at ${kind}`, async () => {
        const expected = at?.[kind] ?? usual;
        const { requests } = expected;
        const isTimeout = expected.outcome === 'TIMEOUT';
        const trial = await prepare(kind, isTimeout ? 10 : PATIENT_SECONDS);
        try {
          trial.proxy.setFault((seen) => (seen === kind ? fault : undefined));
          const startedAt = performance.now();
          const outcome = await trial.run();
          const seconds = ((performance.now() - startedAt) * SPEED) / 1000;
          expect([outcome, trial.requests()]).toEqual([expected.outcome, expect.any(Number)]);
          const [least, most] = typeof requests === 'number' ? [requests, requests] : requests;
          expect(trial.requests()).toBeGreaterThanOrEqual(least);
          expect(trial.requests()).toBeLessThanOrEqual(most);
          // 10 s to the first answer, and this machine's own slowness.
          if (isTimeout) expect(seconds).toBeLessThan(40);
          trial.proxy.setFault(() => undefined);
          await trial.expectWholeOrNothing(outcome);
        } finally {
          await trial.proxy.stop();
        }
      });
    }
  }
});

describe('what messages say', () => {
  const spec = (): S3StoreSpec => ({ type: 's3', bucket: server.bucket, endpointUrl: server.endpoint });
  const failureOf = async (attempt: Promise<unknown>): Promise<SlipwayError> => {
    const error = await attempt.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof SlipwayError)) throw new Error(`not refused by one of ours: ${String(error)}`);
    expect(`${error.message} ${error.hint}`).not.toMatch(/s3cret|wrong-one/);
    return error;
  };

  test('a wrong secret, a wrong key', async () => {
    for (const env of [
      { ...server.env, AWS_SECRET_ACCESS_KEY: 'wrong-one' },
      { ...server.env, AWS_ACCESS_KEY_ID: 'nobody', AWS_SECRET_ACCESS_KEY: 'wrong-one' },
    ]) {
      const error = await failureOf(
        openTestStore(spec(), env, { clock, timeoutSeconds: PATIENT_SECONDS }).listSnapshots('main'),
      );
      expect(error).toMatchObject({ code: 'STORE_UNAUTHENTICATED', retryable: false });
      expect(error.hint).toContain('AWS_SECRET_ACCESS_KEY');
    }
  });

  test('no credentials, in bounded time, where the metadata service of a cloud does not answer', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    vi.stubEnv('AWS_EC2_METADATA_SERVICE_ENDPOINT', `http://127.0.0.1:${port}`);
    vi.stubEnv('AWS_CONFIG_FILE', '/nonexistent');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nonexistent');
    try {
      const startedAt = performance.now();
      const store = openTestStore(spec(), {}, { timeoutSeconds: 10 });
      const error = await failureOf(store.listSnapshots('main'));
      expect(error).toMatchObject({ code: 'STORE_UNAUTHENTICATED', retryable: false });
      expect(error.hint).toContain('AWS_ACCESS_KEY_ID');
      expect(performance.now() - startedAt).toBeLessThan(9_000);
      const hasty = openTestStore(spec(), {}, { timeoutSeconds: 0.2 });
      expect((await failureOf(hasty.listSnapshots('main'))).code).toBe('TIMEOUT');
    } finally {
      vi.unstubAllEnvs();
      silent.closeAllConnections();
      silent.close();
    }
  });

  test('a bucket that is not there', async () => {
    const store = openTestStore({ ...spec(), bucket: 'nobodys-bucket' }, server.env, {
      clock,
      timeoutSeconds: PATIENT_SECONDS,
    });
    const error = await failureOf(store.listSnapshots('main'));
    expect(error).toMatchObject({ code: 'STORE_FAILED', retryable: false });
    expect(error.hint).toContain('Create the bucket `nobodys-bucket`');
  });

  test('a bucket in another region', async () => {
    const store = openTestStore({ ...spec(), region: 'eu-west-1' }, server.env, {
      clock,
      timeoutSeconds: PATIENT_SECONDS,
    });
    const error = await failureOf(store.listSnapshots('main'));
    expect(error).toMatchObject({ code: 'STORE_FAILED', retryable: false });
    expect(error.hint).toContain('Write `region=us-east-1`.');
  });

  test.each([
    ['301', answer(301, 'PermanentRedirect', { 'x-amz-bucket-region': 'eu-west-1' }), 'Write `region=eu-west-1`.'],
    ['AccessDenied', answer(403, 'AccessDenied'), 'lack `s3:ListBucket`'],
    ['ExpiredToken', answer(400, 'ExpiredToken'), 'get new credentials'],
    ['a wrong clock', answer(403, 'RequestTimeTooSkewed'), 'The clock of this machine is off'],
  ])('%s', async (_, fault, hint) => {
    const trial = await prepare('list');
    try {
      trial.proxy.setFault(() => fault);
      const store = openTestStore({ ...spec(), endpointUrl: `http://${trial.proxy.host}` }, server.env, {
        clock,
        timeoutSeconds: PATIENT_SECONDS,
      });
      expect((await failureOf(store.listSnapshots('main'))).hint).toContain(hint);
    } finally {
      await trial.proxy.stop();
    }
  });

  test('what a policy must allow for a write, and reads go on', async () => {
    const trial = await prepare('blob-put');
    try {
      trial.proxy.setFault((kind) => (kind === 'blob-put' ? answer(403, 'AccessDenied') : undefined));
      const store = openTestStore({ ...spec(), endpointUrl: `http://${trial.proxy.host}` }, server.env, {
        clock,
        timeoutSeconds: PATIENT_SECONDS,
      });
      const { blob, source } = trial.data;
      expect((await failureOf(store.writeBlob(blob, source))).hint).toContain('lack `s3:PutObject`');
      expect((await failureOf(store.writeBlob(blob, source))).message).toContain('not asked again in this run');
      expect(await store.hasBlob(blob.digest)).toBe(false);
    } finally {
      await trial.proxy.stop();
    }
  });
});

describe('a service that is not there', () => {
  test('three attempts in all, then no more in this run', async () => {
    const proxy = await startProxy(target, s3KindOf);
    await proxy.stop();
    const spec = { type: 's3', bucket: server.bucket, endpointUrl: `http://${proxy.host}` } as const;
    const store = openTestStore(spec, server.env, { clock, timeoutSeconds: PATIENT_SECONDS });
    await expect(store.listSnapshots('main')).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    expect(store.counters.requests).toBe(3);
    const { blob, source } = newBlob();
    await expect(store.writeBlob(blob, source)).rejects.toThrow(/not asked again in this run/);
    expect(store.counters.requests).toBe(3);
  });
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
          await trial.expectWholeOrNothing(outcome);
          expect(trial.requests()).toBeLessThanOrEqual(3);
        } finally {
          await trial.proxy.stop();
        }
      });
    }
  }
});
