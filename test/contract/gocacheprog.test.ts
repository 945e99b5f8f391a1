import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { countCases } from '../helpers/count-cases.ts';
import { startGcsFront, type GcsFront } from '../helpers/gcs-front.ts';
import { startGcs, type TestGcs } from '../helpers/gcs-server.ts';
import { sized } from '../helpers/suite-size.ts';
import { PROJECT_ROOT } from '../helpers/tools.ts';

const run = promisify(execFile);

let directory: string;
let app: string;
let server: TestGcs;
let front: GcsFront;
let reference: string;

const MAIN = `package main

import "example.com/prog/leaf"

func main() { println(leaf.Name()) }
`;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'slipway-prog-go-'));
  app = join(directory, 'app');
  await mkdir(join(app, 'leaf'), { recursive: true });
  await writeFile(join(app, 'go.mod'), 'module example.com/prog\n\ngo 1.26\n');
  await writeFile(join(app, 'main.go'), MAIN);
  await writeFile(join(app, 'leaf', 'leaf.go'), 'package leaf\n\nfunc Name() string { return "leaf" }\n');
  server = await startGcs();
  front = await startGcsFront(server);
  reference = await binaryOf({ GOCACHE: join(directory, 'gocache') });
}, 120_000);
afterAll(async () => {
  await front?.stop();
  await server?.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Builds the program with the real go command; gives the digest of the binary. A build that fails throws. */
async function binaryOf(env: Readonly<Record<string, string>>): Promise<string> {
  const out = await mkdtemp(join(directory, 'out-'));
  const { PATH = '' } = process.env;
  const fixed = {
    PATH,
    HOME: directory,
    GOPATH: join(directory, 'go'),
    GOFLAGS: '-trimpath',
    GOTOOLCHAIN: 'local',
    GOPROXY: 'off',
    CGO_ENABLED: '0',
  };
  await run('go', ['build', '-o', join(out, 'app'), '.'], { cwd: app, env: { ...fixed, ...env }, timeout: 110_000 });
  return createHash('sha256')
    .update(await readFile(join(out, 'app')))
    .digest('hex');
}

interface Built {
  readonly binary: string;
  readonly log: string;
  readonly seconds: number;
}

/** A build on a machine that has nothing but the store. */
async function buildFresh(storage: string, flags: string = ''): Promise<Built> {
  const home = await mkdtemp(join(directory, 'machine-'));
  const log = join(home, 'log');
  const startedAt = performance.now();
  const binary = await binaryOf({
    GOCACHE: join(home, 'unused'),
    STORAGE_EMULATOR_HOST: storage,
    GOCACHEPROG: `${join(PROJECT_ROOT, 'bin', 'slipway')} gocacheprog --store gs://${server.bucket}/prog --scope main --directory ${join(home, 'dir')} --log ${log} ${flags}`,
    XDG_CACHE_HOME: join(home, 'xdg'),
  });
  return { binary, log: await readFile(log, 'utf8'), seconds: (performance.now() - startedAt) / 1000 };
}

function hits(log: string): readonly [hits: number, gets: number] {
  const [, found = '', all = ''] = /(\d+) of (\d+) gets were hits/.exec(log) ?? [];
  return [Number(found), Number(all)];
}

describe('go build over a store', () => {
  test('the first build stores what it compiled, the next machine takes it', { timeout: 240_000 }, async () => {
    const first = await buildFresh(front.endpoint);
    expect(first.binary).toBe(reference);
    expect(first.log).toMatch(/\d+ new entries are stored/);
    const second = await buildFresh(front.endpoint, '--read-only');
    expect(second.binary).toBe(reference);
    const [found, asked] = hits(second.log);
    expect(asked).toBeGreaterThan(20);
    expect(found).toBeGreaterThan(asked * 0.9);
    expect(second.log).not.toContain('new entries are stored');
  });

  const builds = sized({ slice: 3, published: 30, torture: 100 });
  const FAULTS = [
    'a black hole',
    'connections that break',
    'answers of 500',
    'nobody there',
    'packs of garbage',
    'a server killed meanwhile',
  ];

  test(`${builds} builds while the store fails: each succeeds with the same binary`, {
    timeout: 1_800_000,
  }, async () => {
    let worstSeconds = 0;
    for (let nth = 0; nth < builds; nth += 1) {
      const fault = FAULTS[nth % FAULTS.length]!;
      const faulty = await startFaulty(fault, front.endpoint);
      try {
        const built = await buildFresh(faulty.endpoint);
        expect([fault, built.binary]).toEqual([fault, reference]);
        worstSeconds = Math.max(worstSeconds, built.seconds);
      } finally {
        faulty.stop();
      }
    }
    countCases({ suite: 'R17', what: 'go builds while the store fails', cases: builds, worst: { worstSeconds } });
  });

  test('a store that is misspelt is said, and the build goes on', { timeout: 120_000 }, async () => {
    const home = await mkdtemp(join(directory, 'machine-'));
    const prog = `${join(PROJECT_ROOT, 'bin', 'slipway')} gocacheprog --store type=gcx --directory ${join(home, 'dir')}`;
    expect(await binaryOf({ GOCACHE: join(home, 'unused'), GOCACHEPROG: prog })).toBe(reference);
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
