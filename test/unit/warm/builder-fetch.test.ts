import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RESTORED_MTIME_SECONDS } from '../../../src/buildkit/scripts/inject.ts';
import type { Engine } from '../../../src/buildkit/types.ts';
import { systemClock } from '../../../src/core/clock.ts';
import type { Digest } from '../../../src/core/digest.ts';
import type { ProgressEvent } from '../../../src/core/events.ts';
import type { PackRecord } from '../../../src/pack/types.ts';
import { createMemoryStore } from '../../../src/store/backends/memory/memory-store.ts';
import type { BlobLocator, Store } from '../../../src/store/port.ts';
import type { GoCaches } from '../../../src/warm/caches.ts';
import { mountCaches } from '../../../src/warm/mount-caches.ts';
import { planBuild } from '../../../src/warm/plan-build.ts';
import { restore } from '../../../src/warm/restore.ts';
import type { RestoreOutcome } from '../../../src/warm/restore-outcome.ts';
import { readStoredState } from '../../../src/warm/stored-state.ts';
import { save } from '../../../src/warm/save.ts';
import type { PlannedBuild, WarmContext, WarmOptions } from '../../../src/warm/types.ts';
import { PLAIN_BUILD } from '../buildkit/plain-build.ts';
import { outputFile, type File } from '../pack/pack-fixtures.ts';
import { scriptEngine, type ScriptEngine } from '../../helpers/script-engine.ts';
import { warmContext } from '../../helpers/warm-context.ts';

// Real shells, the real program and a real server, on machines that have other things to do.
vi.setConfig({ testTimeout: 60_000 });

const TOKEN = 'Bearer short-lived-and-secret';
const STEP = 'RUN --mount=type=cache,id=go,target=/go-cache GOCACHE=/go-cache go build .';
const OLDER = [0, 1].map(() => outputFile(randomBytes(1 << 21)));
const NEWER = [0, 1].map(() => outputFile(randomBytes(1 << 20)));

let directory: string;
let store: Store;
/** Of each GET: the path, and the digests that were read past the server. */
let served: string[];
let readHere: Digest[];
let events: ProgressEvent[];
let server: Server;
/** What the server does instead of answering rightly; undefined: nothing else. */
let alter: ((digest: Digest, response: ServerResponse) => Promise<boolean>) | undefined;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-builder-fetch-'));
  [served, readHere, events, alter] = [[], [], [], undefined];
  store = createMemoryStore(systemClock);
  server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await writeDockerfile(STEP);
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(directory, { recursive: true, force: true });
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const digest = decodeURIComponent((request.url ?? '').slice(1)) as Digest;
  if (request.headers.range !== 'bytes=0-0') served.push(digest);
  if (request.headers.authorization !== TOKEN) return void response.writeHead(401).end();
  if (alter !== undefined && (await alter(digest, response))) return;
  const bytes = await blob(digest);
  if (bytes === undefined) return void response.writeHead(404).end();
  response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
}

async function blob(digest: Digest): Promise<Buffer | undefined> {
  const found = await store.readBlob(digest);
  if (found === undefined) return undefined;
  const chunks: Uint8Array[] = [];
  for await (const chunk of found.body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The store with a place where its blobs can be had. */
function located(port = (server.address() as AddressInfo).port): Store & BlobLocator {
  return {
    ...store,
    readBlob: (digest, options) => {
      readHere.push(digest);
      return store.readBlob(digest, options);
    },
    locateBlob: async (digest) => ({
      url: `http://127.0.0.1:${port}/${digest}`,
      headers: { Authorization: TOKEN },
    }),
  };
}

async function writeDockerfile(...steps: readonly string[]): Promise<void> {
  await writeFile(path.join(directory, 'Dockerfile'), ['FROM golang:1.26', ...steps, ''].join('\n'));
}

function plan(): Promise<PlannedBuild> {
  return planBuild({ ...PLAIN_BUILD, context: directory }, {});
}

interface Machine {
  readonly engine: ScriptEngine;
  readonly context: WarmContext;
}

async function machine(name: string, from: Store, options: Partial<WarmOptions> = {}): Promise<Machine> {
  const place = path.join(directory, name);
  await mkdir(place, { recursive: true });
  const engine = scriptEngine({ directory: place });
  const context = warmContext({
    engine,
    store: from,
    clock: systemClock,
    onEvent: (event) => void events.push(event),
    workDirectory: path.join(place, 'work'),
    options: { cacheTimeoutSeconds: 2, ...options },
  });
  return { engine, context };
}

/** Two snapshots, each with a pack of its own. */
async function fillStore(): Promise<void> {
  const { engine, context } = await machine('first', store);
  for (const files of [OLDER, NEWER]) {
    await fill(engine, files);
    expect(await save(context, await plan(), {})).toMatchObject({ state: 'saved', packsMoved: 1 });
  }
}

async function fill(engine: ScriptEngine, files: readonly (File | undefined)[]): Promise<void> {
  for (const file of files) {
    const name = path.join(engine.mount('go'), file?.path ?? '');
    await mkdir(path.dirname(name), { recursive: true });
    await writeFile(name, file?.bytes ?? '');
  }
}

async function expectAllIn({ engine }: Machine): Promise<void> {
  for (const file of [...OLDER, ...NEWER]) {
    const name = path.join(engine.mount('go'), file.path);
    expect((await readFile(name)).equals(file.bytes)).toBe(true);
    expect((await stat(name)).mtimeMs).toBe(RESTORED_MTIME_SECONDS * 1000);
  }
  expect(await readdir(path.join(engine.mount('go'), '.slipway'))).toContain('marker');
}

const packsOf = ({ state }: RestoreOutcome): readonly Digest[] =>
  (state?.packs ?? []).map(({ digest }) => digest).sort();
const texts = (): readonly string[] => events.flatMap((event) => (event.type === 'message' ? [event.text] : []));

describe('the builder fetches packs of the build cache', () => {
  it('by itself, from where the store says, in one inject build', async () => {
    await fillStore();
    const fresh = await machine('fresh', located());
    const outcome = await restore(fresh.context, await plan());
    const packs = packsOf(outcome);
    expect(packs).toHaveLength(2);
    expect(outcome.report).toMatchObject({ state: 'restored', packsMoved: 2, entriesRestored: 4, warnings: [] });
    const bytes = await Promise.all(packs.map(async (digest) => (await blob(digest))?.length ?? 0));
    expect(outcome.report.bytesMoved).toBe(bytes.reduce((sum, size) => sum + size, 0));
    expect(outcome.report.bytesByKind).toEqual({ gocache: outcome.report.bytesMoved });
    expect([...served].sort()).toEqual(packs);
    expect(readHere.filter((digest) => packs.includes(digest))).toEqual([]);
    expect(fresh.engine.ran).toEqual(['probe.sh', 'inject.sh']);
    await expectAllIn(fresh);
    const last = events.findLast((event) => event.type === 'transfer');
    expect(last).toMatchObject({
      direction: 'down',
      bytesDone: outcome.report.bytesMoved,
      packsDone: 2,
      packsTotal: 2,
    });
    const again = await restore(fresh.context, await plan());
    expect(again.report).toMatchObject({ state: 'already-warm', packsMoved: 0 });
    expect(served).toHaveLength(2);
  });

  it('and its seconds count as a download, by which later builds judge the way to the store', async () => {
    await fillStore();
    alter = async () => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      return false;
    };
    const { report } = await restore((await machine('fresh', located())).context, await plan());
    expect(report.bytesByBuilder).toBe(report.bytesMoved);
    expect(report.phases['download']).toBeGreaterThan(0.3);
  });

  it('and the next save finds what the build added, and nothing else', async () => {
    await fillStore();
    const fresh = await machine('fresh', located());
    const restored = await restore(fresh.context, await plan());
    await fill(fresh.engine, [outputFile(Buffer.from('new'))]);
    const saved = await save(fresh.context, await plan(), { restored });
    expect(saved).toMatchObject({ state: 'saved', entriesNew: 1, warnings: [] });
  });

  it('not where it is told to leave it to this machine', async () => {
    await fillStore();
    const fresh = await machine('fresh', located(), { fetch: 'client' });
    const outcome = await restore(fresh.context, await plan());
    expect(outcome.report).toMatchObject({ state: 'restored', packsMoved: 2 });
    expect(served).toEqual([]);
    await expectAllIn(fresh);
  });

  it('not what lies on this machine already', async () => {
    await fillStore();
    const here = await machine('fresh', located(), { fetch: 'client' });
    await restore(here.context, await plan());
    await rm(here.engine.mount('go'), { recursive: true });
    const again = await restore((await machine('fresh', located())).context, await plan());
    expect(again.report).toMatchObject({ state: 'restored', packsMoved: 0, bytesMoved: 0 });
    expect(served).toEqual([]);
  });

  it('not into two mounts, for which it would fetch twice', async () => {
    await fillStore();
    await writeDockerfile(STEP, STEP.replace('id=go', 'id=other'));
    const fresh = await machine('fresh', located());
    const outcome = await restore(fresh.context, await plan());
    expect(outcome.report).toMatchObject({ state: 'restored', packsMoved: 2 });
    expect(served).toEqual([]);
  });

  it('only what is missing there', async () => {
    await fillStore();
    const fresh = await machine('fresh', located());
    await fill(fresh.engine, OLDER);
    const outcome = await restore(fresh.context, await plan());
    expect(outcome.report).toMatchObject({ state: 'restored', packsMoved: 1, entriesRestored: 2 });
    expect(served).toHaveLength(1);
    expect(readHere.filter((digest) => packsOf(outcome).includes(digest))).toEqual([]);
  });
});

describe('this machine fetches', () => {
  it('all of it where the builder does not reach the store', async () => {
    await fillStore();
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const fresh = await machine('fresh', located(port));
    const outcome = await restore(fresh.context, await plan());
    expect(outcome.report).toMatchObject({ state: 'restored', packsMoved: 2, entriesRestored: 4, warnings: [] });
    await expectAllIn(fresh);
  });

  it.each([
    ['is gone from there', async (response: ServerResponse) => void response.writeHead(404).end()],
    ['is refused', async (response: ServerResponse) => void response.writeHead(403).end()],
    ['is another', async (response: ServerResponse, bytes: Buffer) => void response.end(Buffer.alloc(bytes.length, 1))],
    [
      'has a wrong bit',
      async (response: ServerResponse, bytes: Buffer) => {
        const altered = Buffer.from(bytes);
        altered[bytes.length >> 1] = (altered[bytes.length >> 1] ?? 0) ^ 1;
        response.end(altered);
      },
    ],
  ])('a pack that %s', async (_what, wrong) => {
    await fillStore();
    let victim: Digest | undefined;
    let count = 0;
    alter = async (digest, response) => {
      // The first request only tries whether the builder gets here.
      if (count++ === 0) return false;
      victim ??= digest;
      if (digest !== victim) return false;
      await wrong(response, (await blob(digest)) ?? Buffer.alloc(0));
      return true;
    };
    const fresh = await machine('fresh', located());
    const outcome = await restore(fresh.context, await plan());
    expect(outcome.report).toMatchObject({ state: 'restored', packsMoved: 2, entriesRestored: 4, warnings: [] });
    expect(readHere.filter((digest) => packsOf(outcome).includes(digest))).toEqual([victim]);
    expect(texts()).toEqual([
      expect.stringMatching(/^the builder could not fetch 1 packs? by itself \(.+\), so this machine does$/),
    ]);
    expect(fresh.engine.ran).toEqual(['probe.sh', 'inject.sh', 'inject.sh']);
    await expectAllIn(fresh);
  });
});

it('where packs lie is asked beside what is read of modules', async () => {
  await fillStore();
  const { context } = await machine('fresh', store);
  const asked = Promise.withResolvers<void>();
  const from = located();
  const locateBlob: BlobLocator['locateBlob'] = async (digest) => {
    asked.resolve();
    return from.locateBlob(digest);
  };
  const planned = await plan();
  const stored = await readStoredState(context, ['main']);
  // Names nothing, so that nothing of it is wanted; but go.sum is read for it.
  const modules: PackRecord = {
    ...(stored.packs[0] as PackRecord),
    kind: 'gomodcache',
    digest: `sha256:${'0'.repeat(64)}`,
  };
  const state = { ...stored, packs: [...stored.packs, modules] };
  const seeing: WarmContext = { ...context, store: { ...from, locateBlob } as Store };
  const mounts = mountCaches(seeing, planned);
  const [place] = mounts.places as [GoCaches['places'][number]];
  const caches: GoCaches = {
    ...mounts,
    places: [place, { ...place, kind: 'gomodcache' }],
    readSums: async () => {
      await asked.promise;
      return mounts.readSums();
    },
  };
  const outcome = await restore(seeing, planned, caches, Promise.resolve(state));
  expect(outcome.report).toMatchObject({ state: 'restored', entriesRestored: 4 });
  expect(served).toHaveLength(2);
});

it('what this machine downloads is checked when the look into the mounts is under way, and no earlier', async () => {
  await fillStore();
  const fresh = await machine('fresh', located(), { fetch: 'client' });
  const counts = (): readonly number[] => {
    const last = events.findLast((event) => event.type === 'transfer');
    return last === undefined ? [] : [last.bytesTotal - last.bytesDone, last.packsDone];
  };
  const { runHelper } = fresh.engine;
  const engine: Engine = {
    ...fresh.engine,
    runHelper: async (build, run) => {
      if (!build.dockerfile.includes('probe.sh')) return runHelper(build, run);
      await vi.waitFor(() => expect(counts()).toEqual([0, 0]), 10_000);
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(counts()).toEqual([0, 0]);
      run.onEvent({ type: 'message', level: 'info', text: 'the builder is at it' });
      await vi.waitFor(() => expect(counts()).toEqual([0, 2]), 10_000);
      return runHelper(build, run);
    },
  };
  const outcome = await restore({ ...fresh.context, engine }, await plan());
  expect(outcome.report).toMatchObject({ state: 'restored', packsMoved: 2, entriesRestored: 4 });
});

it('a look into the mounts that fails does not keep the downloads waiting', async () => {
  await fillStore();
  const { context, engine } = await machine('fresh', located(), { fetch: 'client' });
  const broken: Engine = {
    ...engine,
    runHelper: async () => {
      await vi.waitFor(() => expect(events.some((event) => event.type === 'transfer')).toBe(true), 10_000);
      throw new Error('the builder is gone');
    },
  };
  await expect(restore({ ...context, engine: broken }, await plan())).rejects.toThrow('the builder is gone');
});

it('what is handed to the builder is kept nowhere', async () => {
  await fillStore();
  const fresh = await machine('fresh', located());
  const seen: string[] = [];
  const runHelper = fresh.engine.runHelper;
  const engine = {
    ...fresh.engine,
    runHelper: async (...words: Parameters<typeof runHelper>) => {
      const names = await readdir(words[0].context, { recursive: true, withFileTypes: true });
      for (const name of names.filter((each) => each.isFile())) {
        seen.push(await readFile(path.join(name.parentPath, name.name), 'latin1'));
      }
      seen.push(words[0].dockerfile, JSON.stringify(words[0].buildArgs));
      await runHelper(...words);
    },
  };
  await restore({ ...fresh.context, engine }, await plan());
  expect(served).toHaveLength(2);
  const kept = await readdir(fresh.context.workDirectory, { recursive: true });
  expect(kept.filter((name) => name.includes('secret'))).toEqual([]);
  expect(seen.some((text) => text.includes('short-lived'))).toBe(false);
  expect(JSON.stringify(events)).not.toContain('short-lived');
});
