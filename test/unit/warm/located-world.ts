import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import { RESTORED_MTIME_SECONDS } from '../../../src/buildkit/scripts/inject.ts';
import { systemClock } from '../../../src/core/clock.ts';
import type { Digest } from '../../../src/core/digest.ts';
import type { ProgressEvent } from '../../../src/core/events.ts';
import { createMemoryStore } from '../../../src/store/backends/memory/memory-store.ts';
import type { BlobLocator, Store } from '../../../src/store/port.ts';
import { planBuild } from '../../../src/warm/plan-build.ts';
import { save } from '../../../src/warm/save.ts';
import type { PlannedBuild, WarmContext, WarmOptions } from '../../../src/warm/types.ts';
import { scriptEngine, type ScriptEngine } from '../../helpers/script-engine.ts';
import { warmContext } from '../../helpers/warm-context.ts';
import { PLAIN_BUILD } from '../buildkit/plain-build.ts';
import { outputFile, type File } from '../pack/pack-fixtures.ts';

const TOKEN = 'Bearer short-lived-and-secret';
export const STEP = 'RUN --mount=type=cache,id=go,target=/go-cache GOCACHE=/go-cache go build .';
export const OLDER: readonly File[] = [0, 1].map(() => outputFile(randomBytes(1 << 21)));
export const NEWER: readonly File[] = [0, 1].map(() => outputFile(randomBytes(1 << 20)));

export interface Machine {
  readonly engine: ScriptEngine;
  readonly context: WarmContext;
}

/** A store whose blobs a real server hands to whoever has the token, and machines that restore from it. */
export interface LocatedWorld extends AsyncDisposable {
  readonly store: Store;
  /** Digests that were asked for, but for the question whether there is a way. */
  readonly served: readonly Digest[];
  /** Digests that were read past the server. */
  readonly readHere: readonly Digest[];
  readonly events: readonly ProgressEvent[];
  /** What the server does instead of answering rightly: true when it has. */
  alter: ((digest: Digest, response: ServerResponse) => Promise<boolean>) | undefined;
  /** The store with a place where its blobs can be had. */
  located(port?: number): Store & BlobLocator;
  blob(digest: Digest): Promise<Buffer | undefined>;
  writeDockerfile(...steps: readonly string[]): Promise<void>;
  /** Answers where it lies. */
  writeFile(name: string, text: string, mode?: number): Promise<string>;
  plan(): Promise<PlannedBuild>;
  machine(name: string, from: Store, options?: Partial<WarmOptions>, shell?: readonly string[]): Promise<Machine>;
  /** Two snapshots, each with a pack of its own. */
  fillStore(): Promise<void>;
  fill(engine: ScriptEngine, files: readonly File[], mount?: string): Promise<void>;
  expectAllIn(machine: Machine): Promise<void>;
}

export async function openLocatedWorld(): Promise<LocatedWorld> {
  const directory = await mkdtemp(path.join(tmpdir(), 'slipway-located-'));
  const store = createMemoryStore(systemClock);
  const [served, readHere]: [Digest[], Digest[]] = [[], []];
  const events: ProgressEvent[] = [];
  const server = createServer(async (request, response) => {
    const digest = decodeURIComponent((request.url ?? '').slice(1)) as Digest;
    if (request.headers.range !== 'bytes=0-0') served.push(digest);
    if (request.headers.authorization !== TOKEN) return void response.writeHead(401).end();
    if (world.alter !== undefined && (await world.alter(digest, response))) return;
    const bytes = await world.blob(digest);
    if (bytes === undefined) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const world: LocatedWorld = {
    store,
    served,
    readHere,
    events,
    alter: undefined,
    located: (port = (server.address() as AddressInfo).port) => ({
      ...store,
      readBlob: (digest, options) => {
        readHere.push(digest);
        return store.readBlob(digest, options);
      },
      locateBlob: async (digest) => ({ url: `http://127.0.0.1:${port}/${digest}`, headers: { Authorization: TOKEN } }),
    }),
    blob: async (digest) => {
      const found = await store.readBlob(digest);
      if (found === undefined) return undefined;
      const chunks: Uint8Array[] = [];
      for await (const chunk of found.body) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
    writeFile: async (name, text, mode) => {
      const file = path.join(directory, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, text, { mode });
      return file;
    },
    writeDockerfile: async (...steps) => {
      await world.writeFile('Dockerfile', ['FROM golang:1.26', ...steps, ''].join('\n'));
    },
    plan: () => planBuild({ ...PLAIN_BUILD, context: directory }, {}),
    machine: async (name, from, options = {}, shell = ['sh']) => {
      const place = path.join(directory, name);
      await mkdir(place, { recursive: true });
      const engine = scriptEngine({ directory: place, shell });
      const context = warmContext({
        engine,
        store: from,
        clock: systemClock,
        onEvent: (event) => void events.push(event),
        workDirectory: path.join(place, 'work'),
        options: { cacheTimeoutSeconds: 2, ...options },
      });
      return { engine, context };
    },
    fillStore: async () => {
      const { engine, context } = await world.machine('first', store);
      for (const files of [OLDER, NEWER]) {
        await world.fill(engine, files);
        expect(await save(context, await world.plan(), {})).toMatchObject({ state: 'saved', packsMoved: 1 });
      }
    },
    fill: async (engine, files, mount = 'go') => {
      for (const file of files) {
        const name = path.join(engine.mount(mount), file.path);
        await mkdir(path.dirname(name), { recursive: true });
        await writeFile(name, file.bytes);
      }
    },
    expectAllIn: async ({ engine }) => {
      for (const file of [...OLDER, ...NEWER]) {
        const name = path.join(engine.mount('go'), file.path);
        expect((await readFile(name)).equals(file.bytes)).toBe(true);
        expect((await stat(name)).mtimeMs).toBe(RESTORED_MTIME_SECONDS * 1000);
      }
      expect(await readdir(path.join(engine.mount('go'), '.slipway'))).toContain('marker');
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(directory, { recursive: true, force: true });
    },
  };
  await world.writeDockerfile(STEP);
  return world;
}
