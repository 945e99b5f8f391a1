import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isSlipwayError } from '../../src/core/errors.ts';
import type { StoreSpec } from '../../src/store/store-spec.ts';
import { checkStore } from '../../src/warm/keep/check-store.ts';
import { surveyStore } from '../../src/warm/survey-store.ts';
import { countCases } from '../helpers/count-cases.ts';
import { faultyFetch, type FetchFault } from '../helpers/faulty-fetch.ts';
import { startGcsFront, type GcsFront } from '../helpers/gcs-front.ts';
import { startGcs, type TestGcs } from '../helpers/gcs-server.ts';
import { idleClock } from '../helpers/idle-clock.ts';
import { startRegistry, type TestRegistry } from '../helpers/registry.ts';
import { startS3, type TestS3 } from '../helpers/s3-server.ts';
import { seededSample, SLICE_SEED } from '../helpers/seeded-slice.ts';
import { openTestStore } from '../helpers/store-contract-open.ts';
import { sized } from '../helpers/suite-size.ts';
import { entriesOf, entryPath, warmClient, type WarmClient } from '../helpers/warm-client.ts';

/**
 * Reliability plan R11: every fault at every request of what save and restore do with a store. The servers are real; time
 * passes on a clock that jumps from one sleeper to the next. A fault stays: the request's repetitions meet it too.
 */
const IN_A_SLICE = 40;
const { signal } = new AbortController();

function status(code: number, headers: Readonly<Record<string, string>> = {}): FetchFault {
  const body = JSON.stringify({ errors: [{ code: 'SPOILED', message: `answer \u001b[31m${code}` }] });
  return { kind: 'answer', status: code, headers: { 'content-type': 'application/json', ...headers }, body };
}

function flip(body: Buffer): Buffer {
  const copy = Buffer.from(body);
  const middle = copy.byteLength >> 1;
  copy[middle] = (copy[middle] ?? 0) ^ 1;
  return copy;
}

const FAULTS: Readonly<Record<string, FetchFault>> = {
  refused: { kind: 'no-connection', code: 'ECONNREFUSED' },
  'no such host': { kind: 'no-connection', code: 'ENOTFOUND' },
  'no route': { kind: 'no-connection', code: 'EHOSTUNREACH' },
  'a certificate that is over': { kind: 'no-connection', code: 'CERT_HAS_EXPIRED' },
  'a black hole': { kind: 'black-hole' },
  'a reset at once': { kind: 'reset', after: 0 },
  'a reset after 1 %': { kind: 'reset', after: 0.01 },
  'a reset after 50 %': { kind: 'reset', after: 0.5 },
  'a reset after 99 %': { kind: 'reset', after: 0.99 },
  'a stall after 50 %': { kind: 'stall', after: 0.5 },
  'a stall after 99 %': { kind: 'stall', after: 0.99 },
  '1 KiB/s': { kind: 'slow', bytesPerSecond: 1024 },
  '400': status(400),
  '401': status(401),
  '401 with a challenge': status(401, { 'www-authenticate': 'Basic realm="x"' }),
  '403': status(403),
  '404': status(404),
  '405': status(405),
  '409': status(409),
  '412': status(412),
  '429, Retry-After 1': status(429, { 'retry-after': '1' }),
  '429, Retry-After a date': status(429, { 'retry-after': new Date(Date.now() + 3_600_000).toUTCString() }),
  '429, Retry-After 9999': status(429, { 'retry-after': '9999' }),
  '429, Retry-After nonsense': status(429, { 'retry-after': 'soon' }),
  '429 without Retry-After': status(429),
  '500': status(500),
  '502': status(502),
  '503': status(503),
  '504': status(504),
  'a page with 200': {
    kind: 'answer',
    status: 200,
    headers: { 'content-type': 'text/html' },
    body: '<p>Log in</p>'.repeat(100),
  },
  'nothing with 200': { kind: 'answer', status: 200 },
  '204': { kind: 'answer', status: 204 },
  'one bit changed': { kind: 'alter', alter: flip },
  'a body cut': { kind: 'alter', alter: (body) => body.subarray(0, -7) },
  'a body twice': { kind: 'alter', alter: (body) => Buffer.concat([body, body]) },
  'gzip that is not said': { kind: 'alter', alter: (body) => gzipSync(body) },
  'a redirect to nowhere': status(307, { location: 'http://' }),
  'a redirect to a file': status(307, { location: 'file:///etc/hostname' }),
  'a redirect to a private address': status(307, { location: 'https://10.0.0.1/' }),
  'a redirect to itself': status(307, { location: '' }),
};

/** What is stored before, and what a push brings: entry lists and packs of some size, so that a body has a middle. */
const STORED = [['stored '.repeat(4000), 'stored too'], ['a second pack '.repeat(2000)], ['a third one']];
const PUSHED = [[Array.from({ length: 4000 }, (_, index) => `pushed ${index * 7919}`).join()], ['pushed too']];

/** The waits that a server asks for (30 s), a budget for the answer and one window of the least rate: see the failure table. */
const MOST_SECONDS = 10 + 10;
const MOST_ASKED_SECONDS = 30;

let directory: string;
let registry: TestRegistry;
let s3: TestS3;
let gcs: TestGcs;
let front: GcsFront;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-matrix-'));
  [registry, s3, gcs] = await Promise.all([startRegistry({ program: 'registry' }), startS3('versitygw'), startGcs()]);
  front = await startGcsFront(gcs);
}, 60_000);
afterAll(async () => {
  await Promise.all([registry?.stop(), s3?.stop(), front?.stop()]);
  await gcs?.stop();
  await rm(directory, { recursive: true, force: true });
});

const BACKENDS = [
  {
    name: 'registry',
    spec: (place: string): StoreSpec => ({ type: 'registry', host: registry.host, repository: place }),
  },
  {
    name: 's3',
    spec: (place: string): StoreSpec => ({ type: 's3', bucket: s3.bucket, prefix: place, endpointUrl: s3.endpoint }),
  },
  {
    name: 'gcs',
    spec: (place: string): StoreSpec => ({
      type: 'gcs',
      bucket: gcs.bucket,
      prefix: place,
      endpointUrl: front.endpoint,
    }),
  },
] as const;

interface Scenario {
  readonly operation: 'push' | 'pull';
  readonly fault: string;
  /** Which request meets it, from 0. */
  readonly nth: number;
}

/** Names of places and homes that no other scenario uses. */
let places = 0;
const newPlace = (): string => `matrix/${(places += 1)}`;

function openHealthy(spec: StoreSpec) {
  return openTestStore(spec, s3.env);
}

function newHome(): string {
  return path.join(directory, `home ${(places += 1)}`);
}

function healthyClient(spec: StoreSpec, home: string = newHome()): WarmClient {
  return warmClient({ store: openHealthy(spec), scope: 'main', workDirectory: home });
}

interface Spoiled {
  readonly client: WarmClient;
  readonly requests: readonly string[];
  seconds(): number;
}

/** A client for which one request, and each repetition of it, goes wrong. */
function spoiledClient(spec: StoreSpec, home: string, scenario?: Scenario): Spoiled {
  const clock = idleClock();
  let victim: string | undefined;
  const { fetch, seen } = faultyFetch({
    clock,
    faultOf: (request, nth) => {
      if (scenario === undefined) return undefined;
      if (nth === scenario.nth) victim = request;
      return request === victim ? FAULTS[scenario.fault] : undefined;
    },
  });
  const store = openTestStore(spec, s3.env, { clock, fetch, timeoutSeconds: 10, random: () => 0.5 });
  const client = warmClient({ store, scope: 'main', workDirectory: home, clock });
  return { client, requests: seen, seconds: () => clock.seconds };
}

async function countRequests(spec: StoreSpec, operation: Scenario['operation']): Promise<number> {
  const { client, requests } = spoiledClient(spec, newHome());
  await (operation === 'push' ? client.push(PUSHED) : client.pull());
  return requests.length;
}

describe.each(BACKENDS)('$name', { timeout: 3_600_000 }, ({ name, spec }) => {
  test(`${Object.keys(FAULTS).length} faults at every request (seed ${SLICE_SEED})`, async () => {
    const shared = spec(newPlace());
    await healthyClient(shared).push(STORED);
    const traced = spec(newPlace());
    await healthyClient(traced).push(STORED);
    const requests = { push: await countRequests(traced, 'push'), pull: await countRequests(shared, 'pull') };
    expect(requests.push).toBeGreaterThanOrEqual(12);
    expect(requests.pull).toBeGreaterThanOrEqual(8);
    const all = (['push', 'pull'] as const).flatMap((operation) =>
      Array.from({ length: requests[operation] }, (_, nth) => nth).flatMap((nth) =>
        Object.keys(FAULTS).map((fault): Scenario => ({ operation, fault, nth })),
      ),
    );
    expect(all.length).toBeGreaterThanOrEqual(640);
    const scenarios = seededSample(all, IN_A_SLICE);
    let worstSeconds = 0;
    let survived = 0;
    const failures: string[] = [];
    for (const scenario of scenarios) {
      const what = `${scenario.operation}, request ${scenario.nth}: ${scenario.fault}`;
      try {
        const place = scenario.operation === 'push' ? spec(newPlace()) : shared;
        const run = scenario.operation === 'push' ? pushThrough : pullThrough;
        worstSeconds = Math.max(worstSeconds, await run(place, scenario, what));
        survived += 1;
      } catch (error) {
        failures.push(error instanceof Error ? error.message : String(error));
      }
    }
    expect(failures).toEqual([]);
    expect(survived).toBe(sized({ slice: IN_A_SLICE, published: all.length, torture: all.length }));
    countCases({
      suite: 'R11',
      what: `faults of ${name} survived`,
      cases: survived,
      seed: SLICE_SEED,
      worst: { addedSeconds: worstSeconds },
    });
  });
});

/** A push that meets a fault leaves the old state or the new one; the next one succeeds. */
async function pushThrough(place: StoreSpec, scenario: Scenario, what: string): Promise<number> {
  await healthyClient(place).push(STORED);
  const home = newHome();
  const spoiled = spoiledClient(place, home, scenario);
  const outcome = await settle(spoiled.client.push(PUSHED), what);
  what = `${what} at ${spoiled.requests[scenario.nth]}`;
  const seconds = expectBounded(spoiled, scenario, what);
  const store = openHealthy(place);
  expect((await checkStore(store, await surveyStore(store, { signal }), { signal })).faults, what).toEqual([]);
  const { entries, warnings } = await healthyClient(place).pull();
  expect(warnings, what).toEqual([]);
  const [before, after] = [namesOf(entriesOf(STORED.flat())), namesOf(entriesOf([...STORED, ...PUSHED].flat()))];
  const found = namesOf(entries);
  if (spoiled.requests[scenario.nth]?.startsWith('GET') === true) {
    // A pack whose list came damaged is forgotten, with a word; the next save brings what the mounts hold.
    expect(
      found.filter((name) => !after.includes(name)),
      what,
    ).toEqual([]);
    if (outcome !== 'failed')
      expect(found, what).toEqual(expect.arrayContaining([...namesOf(entriesOf(PUSHED.flat()))]));
  } else if (outcome === 'failed') expect([before, after], what).toContainEqual(found);
  else expect(found, what).toEqual(after);
  await healthyClient(place, home).push([...STORED, ...PUSHED]);
  expect(namesOf((await healthyClient(place).pull()).entries), what).toEqual(after);
  return seconds;
}

/** A pull that meets a fault gives true entries or none; the next one on the same machine gives all. */
async function pullThrough(place: StoreSpec, scenario: Scenario, what: string): Promise<number> {
  const home = newHome();
  const spoiled = spoiledClient(place, home, scenario);
  const truth = entriesOf(STORED.flat());
  const outcome = await settle(spoiled.client.pull(), what);
  what = `${what} at ${spoiled.requests[scenario.nth]}`;
  const seconds = expectBounded(spoiled, scenario, what);
  if (outcome !== 'failed') {
    expect(
      namesOf(outcome.entries).filter((name) => !truth.has(name)),
      what,
    ).toEqual([]);
    // Fewer than all are only left out with a word, or where the store said that there is nothing.
    const saidNothing = ['404', 'nothing with 200', '204'].includes(scenario.fault);
    if (outcome.entries.size < truth.size && !saidNothing) expect(outcome.warnings.length, what).toBeGreaterThan(0);
  }
  const again = await healthyClient(place, home).pull();
  expect({ names: namesOf(again.entries), warnings: again.warnings }, what).toEqual({
    names: namesOf(truth),
    warnings: [],
  });
  return seconds;
}

/** Paths of entries whose content hashes to them: any other would be a wrong one that got through. */
function namesOf(entries: ReadonlyMap<string, string>): readonly string[] {
  return [...entries].map(([name, content]) => (entryPath(content) === name ? name : `${name} has other bytes`)).sort();
}

async function settle<T>(work: Promise<T>, what: string): Promise<T | 'failed'> {
  try {
    return await work;
  } catch (error) {
    if (!isSlipwayError(error)) throw new Error(`${what}: ${String(error)}`, { cause: error });
    expect(error.exitCode, what).toBe(3);
    expect(error.message, what).not.toMatch(/\u001b|s3cret/);
    return 'failed';
  }
}

function expectBounded(spoiled: Spoiled, { fault, nth }: Scenario, what: string): number {
  const seconds = spoiled.seconds();
  expect(seconds, what).toBeLessThanOrEqual(MOST_SECONDS + (fault.startsWith('429') ? MOST_ASKED_SECONDS : 0));
  const victim = spoiled.requests[nth];
  // A download that gets on may be resumed ten times.
  expect(spoiled.requests.filter((request) => request === victim).length, what).toBeLessThanOrEqual(12);
  return seconds;
}
