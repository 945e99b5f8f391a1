import { mkdir, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { countCases } from '../helpers/count-cases.ts';
import { startGcsFront, type GcsFront } from '../helpers/gcs-front.ts';
import { startGcs, type TestGcs } from '../helpers/gcs-server.ts';
import { layProgApp, type GoBuildEnd, type ProgApp, type ProgMachine } from '../helpers/prog-app.ts';
import { seededSlice, SLICE_SEED } from '../helpers/seeded-slice.ts';
import { sized } from '../helpers/suite-size.ts';

let app: ProgApp;
let server: TestGcs;
let front: GcsFront;

beforeAll(async () => {
  server = await startGcs();
  front = await startGcsFront(server);
  app = await layProgApp();
}, 120_000);
afterAll(async () => {
  await front?.stop();
  await server?.stop();
  await app?.[Symbol.asyncDispose]();
});

interface Built {
  readonly binary: string | undefined;
  readonly log: string;
  readonly seconds: number;
}

/** A build on a machine that has nothing but the store; it has to succeed. */
async function buildFresh(storage: string, flags: string = ''): Promise<Built> {
  const machine = await app.newMachine();
  const words = `--store gs://${server.bucket}/prog --scope main ${flags}`;
  const build = await app.start({ STORAGE_EMULATOR_HOST: storage, ...machine.env(words) });
  const { exitCode, stderr, binary, seconds } = await build.ended;
  expect(exitCode, stderr).toBe(0);
  return { binary, log: await readFile(machine.log, 'utf8'), seconds };
}

function hits(log: string): readonly [hits: number, gets: number] {
  const [, found = '', all = ''] = /(\d+) of (\d+) gets were hits/.exec(log) ?? [];
  return [Number(found), Number(all)];
}

describe('go build over a store', () => {
  test('the first build stores what it compiled, the next machine takes it', { timeout: 240_000 }, async () => {
    const first = await buildFresh(front.endpoint);
    expect(first.binary).toBe(app.reference.binary);
    expect(first.log).toMatch(/\d+ new entries are stored/);
    let second = await buildFresh(front.endpoint, '--read-only');
    // On a machine that is busy with other tests, the store may be too slow for the helper's patience: then it is asked again.
    for (let left = 2; left > 0 && second.log.includes('waited in vain'); left -= 1)
      second = await buildFresh(front.endpoint, '--read-only');
    expect(second.binary).toBe(app.reference.binary);
    const [found, asked] = hits(second.log);
    expect(asked).toBeGreaterThan(20);
    expect(found).toBeGreaterThan(asked * 0.9);
    expect(second.log).not.toContain('new entries are stored');
  });

  const builds = sized({ slice: 2, published: 30, torture: 100 });
  /** A normal run takes as many of them as it has builds, in turn by the seed. */
  const FAULTS = [
    'a black hole',
    'connections that break',
    'answers of 500',
    'nobody there',
    'packs of garbage',
    'a server killed meanwhile',
  ];

  const faults = seededSlice(FAULTS, builds);
  test(`${builds} builds while the store fails: each succeeds with the same binary (seed ${SLICE_SEED})`, {
    timeout: 1_800_000,
  }, async () => {
    let worstSeconds = 0;
    for (let nth = 0; nth < builds; nth += 1) {
      const fault = faults[nth % faults.length]!;
      const faulty = await startFaulty(fault, front.endpoint);
      try {
        const built = await buildFresh(faulty.endpoint);
        expect([fault, built.binary]).toEqual([fault, app.reference.binary]);
        worstSeconds = Math.max(worstSeconds, built.seconds);
      } finally {
        faulty.stop();
      }
    }
    countCases({ suite: 'R17', what: 'go builds while the store fails', cases: builds, worst: { worstSeconds } });
  });

  test('a store that is misspelt is said, and the build goes on', { timeout: 120_000 }, async () => {
    const machine = await app.newMachine();
    const { exitCode, stderr, binary } = await (await app.start(machine.env('--store type=gcx'))).ended;
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toContain('warning: the build goes on without a store: ');
    expect(binary).toBe(app.reference.binary);
  });

  test('what a killed one left in TMPDIR a day ago is swept', { timeout: 120_000 }, async () => {
    const machine = await app.newMachine();
    const env = machine.env('--store type=gcx');
    const [old, young] = ['slipway-gocacheprog-abcdef', 'slipway-gocacheprog-uvwxyz'];
    for (const name of [old, young]) await mkdir(join(env['TMPDIR'] ?? '', name, 'packs'), { recursive: true });
    const dayAgo = new Date(Date.now() - 25 * 3600 * 1000);
    await utimes(join(env['TMPDIR'] ?? '', old), dayAgo, dayAgo);
    const { exitCode, stderr } = await (await app.start(env)).ended;
    expect(exitCode, stderr).toBe(0);
    const left = (await readdir(env['TMPDIR'] ?? '')).filter((name) => name.startsWith('slipway-gocacheprog-'));
    expect(left).toEqual([young]);
  });
});

/** What Go makes of a helper that isn't as it should be: rows G18 and G19 of the reliability notes, each with the real go. */
describe('the helper answers so that go goes on', () => {
  const build = async (machine: ProgMachine, words: string): Promise<GoBuildEnd> =>
    (await app.start(machine.env(`${words} --scope main`))).ended;
  const expectSame = ({ exitCode, stderr, binary }: GoBuildEnd): void => {
    expect(exitCode, stderr).toBe(0);
    expect(binary).toBe(app.reference.binary);
  };

  test('entries that were damaged or taken away behind its back are misses, never hits', {
    timeout: 240_000,
  }, async () => {
    const machine = await app.newMachine();
    const nowhere = '--store type=local,dest=/dev/null/nowhere';
    expectSame(await build(machine, nowhere));
    const names = (await readdir(machine.entries, { recursive: true })).filter((name) => name.endsWith('-d')).sort();
    expect(names.length).toBeGreaterThan(20);
    const damage: readonly ((file: string) => Promise<void>)[] = [
      (file) => rm(file),
      (file) => truncate(file, 1),
      async (file) => writeFile(file, Buffer.alloc((await stat(file)).size, 'x')),
      async (file) => {
        await rm(file);
        await mkdir(file);
      },
    ];
    for (const [nth, name] of names.entries()) await damage[nth % damage.length]?.(join(machine.entries, name));
    expectSame(await build(machine, nowhere));
    expect(await readFile(machine.log, 'utf8')).toMatch(/\b0 of \d+ gets were hits/);
  });

  test('puts succeed and close is answered in time, though neither the directory nor the store takes anything', {
    timeout: 120_000,
  }, async () => {
    const silent = createTcpServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = silent.address() as AddressInfo;
      const store = `--store type=registry,ref=127.0.0.1:${port}/cache --cache-timeout 100`;
      const built = await build(await app.newMachine(), `${store} --directory /dev/null/x`);
      expectSame(built);
      expect(built.stderr).toContain('warning: entries are not kept on this machine: ');
      // 2 s for the first request, 4.5 s for what is uploaded, and a slow machine: it isn't the 100 s of the store.
      expect(built.seconds).toBeLessThan(app.reference.seconds * 3 + 30);
    } finally {
      silent.close();
    }
  });
});

interface Faulty {
  readonly endpoint: string;
  stop(): void;
}

async function startFaulty(fault: string, target: string): Promise<Faulty> {
  if (fault === 'nobody there') return { endpoint: 'http://127.0.0.1:1', stop: () => undefined };
  let requests = 0;
  const server: Server = createServer((request, response) => {
    requests += 1;
    request.on('error', () => undefined);
    const url = request.url ?? '';
    if (fault === 'a black hole') return void request.resume();
    if (fault === 'connections that break') return void request.socket.resetAndDestroy();
    if (fault === 'answers of 500') return void response.writeHead(500).end();
    if (fault === 'a server killed meanwhile' && requests > 3) return stop();
    if (fault === 'packs of garbage' && url.includes('alt=media') && requests > 4) return void response.end('garbage');
    const { method = 'GET', headers } = request;
    fetch(`${target}${url}`, {
      method,
      headers: { range: headers.range ?? 'bytes=0-' },
      ...(method === 'POST' && { body: '' }),
    })
      .then(async (answer) => {
        response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer()));
      })
      .catch(() => response.destroy());
  });
  const stop = (): void => {
    server.close();
    server.closeAllConnections();
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop };
}
