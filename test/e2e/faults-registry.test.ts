import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  buildSmall,
  checkStore,
  layGround,
  runSmall,
  storeFlags,
  warningsOf,
  type Ground,
  type SmallApp,
} from '../helpers/faulty-ground.ts';
import { countCases } from '../helpers/count-cases.ts';
import { startFaultyProxy, type AskedFor, type Fault } from '../helpers/faulty-proxy.ts';
import { startRegistry, type TestRegistry } from '../helpers/registry.ts';
import { seededOfEach, seededSample, SLICE_SEED } from '../helpers/seeded-slice.ts';
import { runSlipway } from '../helpers/run-slipway.ts';
import { someOf } from '../helpers/some-of.ts';

/** `--cache-timeout` of these tests, and what a fault may cost beyond it: the promise is ten seconds more at most. */
const TIMEOUT_SECONDS = 3;
const PROMISED_SECONDS = TIMEOUT_SECONDS + 10;
/** The promise to builds that set nothing. */
const PROMISED_OF_DEAD_SECONDS = 10;

let ground: Ground;
let registry: TestRegistry;
/** Its mounts are warm, so that a build without the cache is quick: what counts here is what the store does. */
let warmApp: SmallApp;
/** The digest of the build cache's pack. */
let lostPack: string;

beforeAll(async () => {
  [ground, registry] = await Promise.all([layGround(), startRegistry({ program: 'registry' })]);
  warmApp = ground.seedApp;
  const store = `type=registry,ref=${registry.host}/cache`;
  const { env } = await ground.newMachine();
  const saved = await runSlipway(['save', ...storeFlags(store), warmApp.directory], { env });
  expect(saved.exitCode, saved.stderr).toBe(0);
  lostPack = await largestBlob('cache');
}, 600_000);
afterAll(async () => {
  await ground?.[Symbol.asyncDispose]();
  await registry?.stop();
});

const PASS: Fault = { do: 'pass' };
const isBlob = ({ method, path }: AskedFor): boolean => method === 'GET' && path.includes('/blobs/sha256:');
const isManifest = ({ method, path }: AskedFor): boolean => method === 'GET' && path.includes('/manifests/');
const isLostPack = (asked: AskedFor): boolean => isBlob(asked) && asked.path.endsWith(lostPack);
const isRead = ({ method }: AskedFor): boolean => method === 'GET' || method === 'HEAD';
const html: Fault = { do: 'answer', status: 200, type: 'text/html', body: '<html><body>Please log in</body></html>' };
const status = (code: number): Fault => ({ do: 'answer', status: code });

interface Case {
  readonly name: string;
  readonly rule: (asked: AskedFor) => Fault;
  /** What the warning must say. */
  readonly says: RegExp;
}

/** A normal run takes one of two of them: of connections, of statuses, of pages of HTML, of blobs. */
type Place = 'connection' | 'status' | 'html' | 'blob';

const READ_FAULTS: readonly (Case & { readonly at: Place })[] = [
  { at: 'connection', name: 'a black hole', rule: () => ({ do: 'hang' }), says: /did not answer within 3 s/ },
  {
    at: 'connection',
    name: 'connections that are reset',
    rule: () => ({ do: 'reset' }),
    says: /could not be (reached|restored)/,
  },
  { at: 'status', name: '401 to everything', rule: () => status(401), says: /401/ },
  { at: 'status', name: '403 to everything', rule: () => status(403), says: /403/ },
  { at: 'status', name: '429 to everything', rule: () => status(429), says: /429/ },
  { at: 'status', name: '500 to everything', rule: () => status(500), says: /500/ },
  { at: 'html', name: 'HTML with 200 for everything', rule: () => html, says: /no JSON|did not answer as a registry/ },
  {
    at: 'html',
    name: 'HTML with 200 for manifests',
    rule: (asked) => (isManifest(asked) ? html : PASS),
    says: /text\/html/,
  },
  {
    at: 'blob',
    name: '404 on every blob',
    rule: (asked) => (isBlob(asked) ? status(404) : PASS),
    says: /gone|left out/,
  },
  {
    at: 'blob',
    name: 'blobs with a wrong digest',
    rule: (asked) => (isBlob(asked) ? { do: 'alter' } : PASS),
    says: /left out|corrupt/,
  },
  {
    at: 'blob',
    name: 'blobs that are cut off',
    rule: (asked) => (isBlob(asked) ? { do: 'cut' } : PASS),
    says: /could not be|corrupt/,
  },
];

/** The pack of the build cache: the largest blob, so the first to be missed. */
async function largestBlob(repository: string): Promise<string> {
  const listed = await fetch(`http://${registry.host}/v2/${repository}/tags/list`).then(
    (r) => r.json() as Promise<{ tags: string[] }>,
  );
  const accept = { headers: { accept: 'application/vnd.oci.image.manifest.v1+json' } };
  const manifest = await fetch(`http://${registry.host}/v2/${repository}/manifests/${listed.tags[0]}`, accept).then(
    (r) => r.json() as Promise<{ layers: { digest: string; size: number }[] }>,
  );
  return [...manifest.layers].sort((a, b) => b.size - a.size)[0]?.digest ?? '';
}

describe(`a registry that misbehaves costs seconds and one line, never the build (seed ${SLICE_SEED})`, () => {
  it.each(
    seededSample(
      seededOfEach(READ_FAULTS, ({ at }) => at),
      2,
      1,
    ),
  )('$name', async ({ rule, says }) => {
    await using proxy = await startFaultyProxy(registry.host, rule);
    const store = `type=registry,ref=${proxy.host}/cache`;
    const flags = ['--cache-timeout', String(TIMEOUT_SECONDS)];
    const built = await buildSmall(ground, { store, app: warmApp, flags: [...flags, '--read-only'] });
    expect(built.run.exitCode, built.run.stderr).toBe(0);
    expect(built.output).toBe(built.wanted);
    expect(warningsOf(built.run), built.run.stderr).toHaveLength(1);
    expect(warningsOf(built.run)[0]).toMatch(says);
    expect(built.report.restore.state).not.toBe('restored');
    expect(built.report.restore.seconds).toBeLessThan(PROMISED_SECONDS);
    expect(built.report.totalSeconds - built.report.buildSeconds).toBeLessThan(PROMISED_SECONDS);

    const strict = await runSmall(ground, { store, app: warmApp, flags: [...flags, '--read-only', '--strict-cache'] });
    expect(strict.exitCode, strict.stderr).toBe(3);
    expect(strict.stderr).toMatch(/slipway: error: .*\[[A-Z_]+\]/);
  });

  /** With the time-out that everybody has who sets none, so that what is published is what they wait. */
  const DEAD: readonly { name: string; address: () => Promise<{ host: string } & AsyncDisposable> }[] = [
    {
      name: 'nothing listens at its address',
      address: async () => ({ host: `127.0.0.1:${await freePort()}`, [Symbol.asyncDispose]: async () => undefined }),
    },
    { name: 'a black hole', address: () => startFaultyProxy(registry.host, () => ({ do: 'hang' })) },
  ];

  it.each(seededSample(DEAD, 1))('$name: both ends, one line, one time-out in all', async ({ address }) => {
    await using dead = await address();
    const built = await buildSmall(ground, { store: `type=registry,ref=${dead.host}/cache`, app: warmApp, flags: [] });
    expect(built.run.exitCode, built.run.stderr).toBe(0);
    expect(built.output).toBe(built.wanted);
    expect(warningsOf(built.run), built.run.stderr).toHaveLength(1);
    expect(built.report).toMatchObject({ restore: { state: 'failed' }, save: { state: 'failed' } });
    const addedSeconds = built.report.totalSeconds - built.report.buildSeconds;
    expect(addedSeconds).toBeLessThan(PROMISED_OF_DEAD_SECONDS);
    countCases({
      suite: 'R11',
      what: 'builds with a dead store',
      cases: 1,
      worst: { secondsOfADeadStore: addedSeconds },
    });
  });

  const PACK_FAULTS: readonly Case[] = [
    {
      name: 'a pack with a wrong digest',
      rule: (asked) => (isLostPack(asked) ? { do: 'alter' } : PASS),
      says: /corrupt/,
    },
    {
      name: 'a pack that is cut off each time',
      rule: (asked) => (isLostPack(asked) ? { do: 'cut' } : PASS),
      says: /could not be restored/,
    },
    {
      name: 'a pack that never comes',
      rule: (asked) => (isLostPack(asked) ? { do: 'hang' } : PASS),
      says: /did not answer/,
    },
  ];

  someOf(1, (it) => {
    it('404 on one pack: the others are restored, and the next save writes what was lost anew', async () => {
      const machine = await ground.newMachine();
      // A repository of its own, since it is written to.
      const real = `type=registry,ref=${registry.host}/healed`;
      const saved = await runSlipway(['save', ...storeFlags(real), warmApp.directory], { env: machine.env });
      expect(saved.exitCode, saved.stderr).toBe(0);
      const gone = await largestBlob('healed');
      await using proxy = await startFaultyProxy(registry.host, (asked) =>
        isBlob(asked) && asked.path.endsWith(gone) ? status(404) : PASS,
      );
      const store = `type=registry,ref=${proxy.host}/healed`;
      const built = await buildSmall(ground, { store, flags: ['--cache-timeout', String(TIMEOUT_SECONDS)] });
      expect(built.run.exitCode, built.run.stderr).toBe(0);
      expect(built.output).toBe(built.wanted);
      expect(warningsOf(built.run)).toEqual([expect.stringContaining('gone from the store')]);
      expect(built.report.restore).toMatchObject({ state: 'restored', packsMoved: 1 });
      expect(built.report.save.state).toBe('saved');
      expect(built.report.save.entriesNew).toBeGreaterThan(50);

      const healed = await buildSmall(ground, { store });
      expect(warningsOf(healed.run), healed.run.stderr).toEqual([]);
      expect(healed.output).toBe(healed.wanted);
      expect(healed.report.restore.entriesRestored).toBeGreaterThan(50);
      expect((await checkStore(machine, real)).exitCode).toBe(0);
    });

    for (const { name, rule, says } of PACK_FAULTS) {
      it(name, async () => {
        await using proxy = await startFaultyProxy(registry.host, rule);
        const store = `type=registry,ref=${proxy.host}/cache`;
        const flags = ['--cache-timeout', String(TIMEOUT_SECONDS), '--read-only'];
        const built = await buildSmall(ground, { store, flags });
        expect(built.run.exitCode, built.run.stderr).toBe(0);
        expect(built.output).toBe(built.wanted);
        expect(warningsOf(built.run), built.run.stderr).toHaveLength(1);
        expect(warningsOf(built.run)[0]).toMatch(says);
        expect(built.report.restore.seconds).toBeLessThan(PROMISED_SECONDS);
        const strict = await runSmall(ground, {
          store,
          app: await ground.newApp(),
          flags: [...flags, '--strict-cache'],
        });
        expect(strict.exitCode, strict.stderr).toBe(3);
      });
    }
  });

  const WRITE_FAULTS: readonly Case[] = [
    { name: '401 to writes', rule: (asked) => (isRead(asked) ? PASS : status(401)), says: /401/ },
    { name: '403 to writes', rule: (asked) => (isRead(asked) ? PASS : status(403)), says: /403/ },
    { name: '429 to writes', rule: (asked) => (isRead(asked) ? PASS : status(429)), says: /429/ },
    { name: '500 to writes', rule: (asked) => (isRead(asked) ? PASS : status(500)), says: /500/ },
    {
      name: 'writes into a black hole',
      rule: (asked) => (isRead(asked) ? PASS : { do: 'hang' }),
      says: /did not answer/,
    },
    { name: 'writes that are reset', rule: (asked) => (isRead(asked) ? PASS : { do: 'reset' }), says: /could not be/ },
    { name: 'HTML with 200 to writes', rule: (asked) => (isRead(asked) ? PASS : html), says: /could not be saved/ },
  ];

  it.each(seededSample(WRITE_FAULTS, 1))('$name', async ({ rule, says }) => {
    await using proxy = await startFaultyProxy(registry.host, rule);
    const store = `type=registry,ref=${proxy.host}/cache`;
    const flags = ['--cache-timeout', String(TIMEOUT_SECONDS)];
    const built = await buildSmall(ground, { store, app: warmApp, flags });
    expect(built.run.exitCode, built.run.stderr).toBe(0);
    expect(built.output).toBe(built.wanted);
    expect(warningsOf(built.run), built.run.stderr).toHaveLength(1);
    expect(warningsOf(built.run)[0]).toMatch(says);
    expect(built.report).toMatchObject({ restore: { state: 'already-warm' }, save: { state: 'failed' } });
    expect(built.report.save.seconds).toBeLessThan(PROMISED_SECONDS);

    const strict = await runSmall(ground, { store, app: warmApp, flags: [...flags, '--strict-cache'] });
    expect(strict.exitCode, strict.stderr).toBe(3);
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
