import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { countCases } from '../helpers/count-cases.ts';
import { startProxy } from '../helpers/fault-proxy.ts';
import { startGcsFront } from '../helpers/gcs-front.ts';
import { startGcs, type TestGcs } from '../helpers/gcs-server.ts';
import { layProgApp, type ProgApp, type ProgMachine } from '../helpers/prog-app.ts';
import { sized } from '../helpers/suite-size.ts';

/** Reliability plan R17: SIGKILL to what the go command talks with, in the middle of a real build. */
let app: ProgApp;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'slipway-prog-kill-'));
  app = await layProgApp();
}, 120_000);
afterAll(async () => {
  await app?.[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

interface StoredObject {
  readonly name: string;
  readonly bytes: Buffer;
}

/** All that a bucket holds. */
async function readObjects({ endpoint, bucket }: TestGcs): Promise<readonly StoredObject[]> {
  const list = (await (await fetch(`${endpoint}/storage/v1/b/${bucket}/o`)).json()) as { items: { name: string }[] };
  return Promise.all(
    list.items.map(async ({ name }) => {
      const answer = await fetch(`${endpoint}/storage/v1/b/${bucket}/o/${encodeURIComponent(name)}?alt=media`);
      return { name, bytes: Buffer.from(await answer.arrayBuffer()) };
    }),
  );
}

async function writeObjects({ endpoint, bucket }: TestGcs, objects: readonly StoredObject[]): Promise<void> {
  for (const { name, bytes } of objects) {
    const url = `${endpoint}/upload/storage/v1/b/${bucket}/o?uploadType=media&name=${encodeURIComponent(name)}`;
    const answer = await fetch(url, { method: 'POST', body: new Uint8Array(bytes) });
    if (!answer.ok) throw new Error(`\`${name}\` is not taken: ${answer.status}`);
  }
}

const storeWords = ({ bucket }: TestGcs): string => `--store gs://${bucket}/prog --scope main`;

describe('the store', () => {
  type Point = 'the first request' | 'the request for a pack' | 'the first upload';

  /** What a build stored; its largest object is the pack. */
  async function seed(): Promise<readonly StoredObject[]> {
    const server = await startGcs();
    const front = await startGcsFront(server);
    try {
      const machine = await app.newMachine();
      const env = { STORAGE_EMULATOR_HOST: front.endpoint, ...machine.env(storeWords(server)) };
      const { exitCode, stderr } = await (await app.start(env)).ended;
      expect(exitCode, stderr).toBe(0);
      const objects = await readObjects(server);
      return [...objects].sort((a, b) => b.bytes.byteLength - a.bytes.byteLength);
    } finally {
      await front.stop();
      await server.stop();
    }
  }

  /** A build whose store dies, for good, when it is asked for the given thing. */
  async function buildWhileKilled(point: Point, objects: readonly StoredObject[]) {
    const server = await startGcs();
    const front = await startGcsFront(server);
    await writeObjects(server, point === 'the first upload' ? [] : objects);
    const pack = encodeURIComponent(objects[0]?.name ?? '');
    const proxy = await startProxy(new URL(front.endpoint).host, ({ url = '', method }): Point => {
      if (url.includes(pack)) return 'the request for a pack';
      return method === 'POST' ? 'the first upload' : 'the first request';
    });
    let kills = 0;
    proxy.setFault((kind) => {
      if (kind !== point) return undefined;
      kills += 1;
      // Nobody listens at its address any more, and who is connected is cut off.
      void server.stop();
      void proxy.stop();
      return { kind: 'black-hole' };
    });
    try {
      const machine = await app.newMachine();
      const env = { STORAGE_EMULATOR_HOST: `http://${proxy.host}`, ...machine.env(storeWords(server)) };
      const end = await (await app.start(env)).ended;
      return { ...end, kills, log: await readFile(machine.log, 'utf8') };
    } finally {
      await proxy.stop();
      await front.stop();
      await server.stop();
    }
  }

  const rounds = sized({ slice: 1, published: 5, torture: 20 });

  test(`is killed ${rounds * 3} times: the build succeeds with the same binary`, { timeout: 1_800_000 }, async () => {
    const objects = await seed();
    const points: readonly Point[] = ['the first request', 'the request for a pack', 'the first upload'];
    let [cases, worstSeconds] = [0, 0];
    for (let round = 0; round < rounds; round += 1) {
      for (const point of points) {
        const { exitCode, stderr, binary, seconds, kills, log } = await buildWhileKilled(point, objects);
        expect([point, exitCode, stderr]).toEqual([point, 0, '']);
        expect(binary, point).toBe(app.reference.binary);
        expect(kills, log).toBeGreaterThan(0);
        // 2 s of waiting for an answer, 4.5 s for what is uploaded, and a slow machine.
        expect(seconds, point).toBeLessThan(app.reference.seconds * 3 + 30);
        worstSeconds = Math.max(worstSeconds, seconds);
        cases += 1;
      }
    }
    expect(cases).toBe(rounds * 3);
    countCases({ suite: 'R17', what: 'go builds whose store is killed', cases, worst: { worstSeconds } });
  });
});

/**
 * The helper is the go command's own child. One that ends before it was told to fails the build: nobody but go could help
 * that. https://github.com/golang/go/blob/go1.26.8/src/cmd/go/internal/cache/prog.go#L160
 */
describe('the helper', () => {
  /** Kills it once `isTime` says so; its log names its process. */
  async function killHelper(machine: ProgMachine, isTime: () => Promise<boolean>): Promise<void> {
    for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(10)) {
      const log = await readFile(machine.log, 'utf8').catch(() => '');
      const pid = Number(/\[(\d+)\]/.exec(log)?.[1] ?? 0);
      if (pid === 0 || !(await isTime())) continue;
      process.kill(pid, 'SIGKILL');
      return;
    }
    throw new Error('the helper did not come so far');
  }

  const countEntries = async ({ entries }: ProgMachine): Promise<number> => {
    const names = await readdir(entries, { recursive: true }).catch(() => []);
    return names.filter((name) => /-[ad]$/.test(name)).length;
  };

  const counts = sized({ slice: [20], published: [1, 5, 20, 40], torture: [1, 2, 5, 10, 20, 30, 40] });

  test('is killed while go works: go says so and fails, and the next build is right', {
    timeout: 600_000,
  }, async () => {
    for (const count of counts) {
      const machine = await app.newMachine();
      const env = machine.env(`--store type=local,dest=${join(directory, `store-${count}`)} --scope main`);
      const build = await app.start(env);
      await killHelper(machine, async () => (await countEntries(machine)) >= count);
      const { exitCode, stderr, seconds } = await build.ended;
      expect(exitCode, stderr).toBe(1);
      expect(stderr).toMatch(/GOCACHEPROG exited pre-Close with \d+ pending requests|broken pipe/);
      expect(seconds).toBeLessThan(app.reference.seconds * 3 + 30);
      const next = await (await app.start(env)).ended;
      expect(next.exitCode, next.stderr).toBe(0);
      expect(next.binary).toBe(app.reference.binary);
      // What was whole when the first one was killed is used.
      expect(await readFile(machine.log, 'utf8')).toMatch(/[1-9]\d* of \d+ gets were hits/);
    }
    countCases({ suite: 'R17', what: 'helpers killed while go works', cases: counts.length });
  });

  test('is killed while it stores what is new: the build has succeeded', { timeout: 120_000 }, async () => {
    // Takes connections and never answers, which keeps the helper busy after go is done.
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = silent.address() as AddressInfo;
      const machine = await app.newMachine();
      const words = `--store type=registry,ref=127.0.0.1:${port}/cache --scope main --cache-timeout 100`;
      const build = await app.start(machine.env(words));
      await killHelper(machine, () => isThereFor(build.file, 500));
      const { exitCode, stderr, binary } = await build.ended;
      expect(exitCode, stderr).toBe(0);
      expect(binary).toBe(app.reference.binary);
      // It never came to its last line.
      expect(await readFile(machine.log, 'utf8')).not.toContain('gets were hits');
    } finally {
      silent.close();
    }
  });

  async function isThereFor(file: string, ms: number): Promise<boolean> {
    const found = await stat(file).catch(() => undefined);
    if (found !== undefined) await sleep(ms);
    return found !== undefined;
  }
});
