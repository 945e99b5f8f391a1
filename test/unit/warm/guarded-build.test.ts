import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { UserBuild } from '../../../src/buildkit/types.ts';
import { decodeManifest } from '../../../src/pack/manifest.ts';
import type { BuildRecord } from '../../../src/pack/types.ts';
import { createMemoryStore } from '../../../src/store/backends/memory/memory-store.ts';
import type { Store } from '../../../src/store/port.ts';
import { build } from '../../../src/warm/build.ts';
import { planBuild } from '../../../src/warm/plan-build.ts';
import { readSnapshotDocument } from '../../../src/warm/read-document.ts';
import type { BuildReport, WarmContext, WarmOptions } from '../../../src/warm/types.ts';
import { readUserBuild } from '../../../src/cli/read-user-build.ts';
import { BUILDX_FLAGS } from '../../../src/cli/buildx-flags.ts';
import { parseWords } from '../../../src/cli/flag-words.ts';
import { scaledClock } from '../../helpers/scaled-clock.ts';
import { scriptEngine } from '../../helpers/script-engine.ts';
import { goSumOf, moduleFiles, outputFile, type File } from '../pack/pack-fixtures.ts';
import { warmContext } from '../../helpers/warm-context.ts';

/** Time runs this much faster than it does, so that a slow store is slow at once. */
const SPEED = 10;
const clock = scaledClock(SPEED);

// Real shells and archives, on machines that have other things to do.
vi.setConfig({ testTimeout: 60_000 });

const { signal } = new AbortController();

let directory: string;
let messages: string[];
let machines = 0;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-guarded-'));
  messages = [];
  const dockerfile = [
    'FROM golang:1.26',
    'ENV GOCACHE=/go-cache GOMODCACHE=/gomod-cache',
    'RUN --mount=type=cache,id=go,target=/go-cache --mount=type=cache,id=mod,target=/gomod-cache go build .',
    '',
  ];
  await writeFile(path.join(directory, 'Dockerfile'), dockerfile.join('\n'));
  await writeFile(path.join(directory, 'go.mod'), 'module example.com/app\n');
  await writeFile(path.join(directory, 'go.sum'), await goSumOf(moduleFiles()));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(directory, { recursive: true, force: true });
});

/** The cache of a program: 16 outputs that don't compress, 250 kB each, and a module. */
const CACHE: readonly File[] = Array.from({ length: 16 }, () => outputFile(randomBytes(250_000)));

interface Machine {
  readonly store: Store;
  readonly options?: Partial<WarmOptions>;
  readonly coldSeconds?: number;
  readonly warmSeconds?: number;
  /** Directory of the machine's mounts, where they are not empty. */
  readonly mounts?: string;
}

/** A build on a machine with empty mounts, whose seconds follow from what it finds in them. */
async function buildOn(machine: Machine): Promise<{ report: BuildReport; found: readonly string[]; mounts: string }> {
  const home = path.join(directory, `machine${(machines += 1)}`);
  const mounts = machine.mounts ?? path.join(home, 'engine');
  await mkdir(mounts, { recursive: true });
  let found: readonly string[] = [];
  const engine = scriptEngine({
    directory: mounts,
    build: async (mount) => {
      found = await namesIn(mount('go'));
      const isWarm = CACHE.every((file) => found.includes(file.path));
      await fill(mount('go'), [...CACHE, outputFile(randomBytes(2000))]);
      await fill(mount('mod'), moduleFiles());
      return { seconds: isWarm ? (machine.warmSeconds ?? 2) : (machine.coldSeconds ?? 600) };
    },
  });
  const context = contextOf({ engine, store: machine.store, home, options: machine.options ?? {} });
  const { report } = await build(context, await planBuild(userBuild(), {}), { withSave: true });
  return { report, found, mounts };
}

interface ContextParts {
  readonly engine: WarmContext['engine'];
  readonly store: Store;
  readonly home: string;
  readonly options: Partial<WarmOptions>;
}

function contextOf({ engine, store, home, options }: ContextParts): WarmContext {
  return warmContext({
    engine,
    store,
    clock,
    onEvent: (event) => {
      if (event.type === 'message') messages.push(event.text);
    },
    signal,
    workDirectory: path.join(home, 'work'),
    options: { isGuarded: true, isStrict: false, ...options },
  });
}

async function withoutModules(): Promise<void> {
  const step = 'RUN --mount=type=cache,id=go,target=/go-cache GOCACHE=/go-cache go build .';
  await writeFile(path.join(directory, 'Dockerfile'), `FROM golang:1.26\n${step}\n`);
}

function userBuild(): UserBuild {
  return readUserBuild({ parsed: parseWords([directory], BUILDX_FLAGS), ownFlags: new Set(), env: {} });
}

async function fill(place: string, files: readonly File[]): Promise<void> {
  for (const file of files) {
    const name = path.join(place, file.path);
    await mkdir(path.dirname(name), { recursive: true });
    await writeFile(name, file.bytes, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

async function namesIn(place: string): Promise<readonly string[]> {
  const names = await readdir(place, { recursive: true }).catch(() => []);
  return names.filter((name) => /-[ad]$/.test(name));
}

/** The store, but each body comes at this rate, all of them together. */
function slowly(store: Store, bytesPerSecond: number): Store {
  let freeAt = 0;
  return {
    ...store,
    readBlob: async (digest, options = {}) => {
      const found = await store.readBlob(digest, options);
      if (found === undefined) return undefined;
      const { body } = found;
      async function* paced(): AsyncGenerator<Uint8Array> {
        for await (const chunk of body) {
          freeAt = Math.max(freeAt, clock.monotonic()) + (chunk.byteLength / bytesPerSecond) * 1000;
          await clock.sleep(freeAt - clock.monotonic(), options.signal);
          yield chunk;
        }
      }
      return { ...found, body: paced() };
    },
  };
}

async function historyOf(store: Store): Promise<readonly BuildRecord[]> {
  const [name] = await store.listSnapshots('main');
  const manifest = name && (await store.readSnapshot(name));
  if (manifest === undefined) throw new Error('nothing was saved');
  return (await readSnapshotDocument(store, manifest, { config: decodeManifest(manifest).config, signal })).history;
}

describe('what builds record', () => {
  it('a cold build, a restored one and a warm mount, each for what it is', async () => {
    const store = createMemoryStore();
    const cold = await buildOn({ store });
    expect(cold.report.restore).toMatchObject({ state: 'nothing-stored', decision: { share: 'none', by: 'default' } });
    const warm = await buildOn({ store });
    expect(warm.report.restore).toMatchObject({ state: 'restored', decision: { share: 'all', by: 'default' } });
    expect(warm.found).toHaveLength(17);
    expect(warm.report.restore).not.toHaveProperty('onRecord');
    const again = await buildOn({ store, mounts: warm.mounts });
    expect(again.report.restore).toMatchObject({
      state: 'already-warm',
      onRecord: { coldSeconds: 600, warmSeconds: 2 },
    });
    expect((await buildOn({ store })).report.restore).toMatchObject({
      state: 'restored',
      onRecord: { warmSeconds: 2 },
    });
    const [, third, second, first] = await historyOf(store);
    expect(first).toMatchObject({ isCold: true, restored: 'none', restoredBytes: 0 });
    expect(first).not.toHaveProperty('downloadSeconds');
    expect(second).toMatchObject({ isCold: false, restored: 'all', buildSeconds: 2 });
    expect(second?.restoredBytes).toBe(warm.report.restore.bytesMoved);
    expect(second?.injectedBytes).toBe(warm.report.restore.bytesMoved);
    expect(second?.downloadSeconds).toBeGreaterThan(0);
    expect(second?.injectSeconds).toBeGreaterThan(0);
    expect(third).toMatchObject({ isCold: false, restored: 'all', restoredBytes: 0 });
    expect(third).not.toHaveProperty('injectedBytes');
  });

  it('a warm mount that knows no store is no cold build', async () => {
    const { mounts } = await buildOn({ store: createMemoryStore() });
    const before = new Date(Date.now() - 600_000);
    const cache = path.join(mounts, 'mounts', 'go');
    for (const name of await namesIn(cache)) await utimes(path.join(cache, name), before, before);
    const store = createMemoryStore();
    await buildOn({ store, mounts });
    expect(await historyOf(store)).toEqual([expect.objectContaining({ isCold: false, restored: 'part' })]);
  });
});

describe('--trust=modules', () => {
  it('restores modules and no compiled package, and saves what it compiled itself', async () => {
    const store = createMemoryStore();
    await buildOn({ store });
    const { report, found } = await buildOn({ store, options: { believes: 'modules' } });
    expect(found).toEqual([]);
    expect(report.restore).toMatchObject({
      state: 'restored',
      decision: { share: 'modules', by: 'trust', reason: 'only modules are believed' },
      packsMoved: 1,
    });
    expect(report.save.state).toBe('saved');
    expect((await historyOf(store))[0]).toMatchObject({ isCold: false, restored: 'modules', buildSeconds: 600 });
    // Measured by builds that found as much, and by no others.
    expect(report.restore).not.toHaveProperty('onRecord');
    const next = await buildOn({ store, options: { believes: 'modules', isGuarded: false } });
    expect(next.report.restore).toMatchObject({ onRecord: { coldSeconds: 600, warmSeconds: 600 } });
  });

  it('restores nothing where no modules are stored', async () => {
    const store = createMemoryStore();
    await buildOn({ store });
    await withoutModules();
    const { report, found } = await buildOn({ store, options: { believes: 'modules' } });
    expect(found).toEqual([]);
    expect(report.restore).toMatchObject({ state: 'skipped', decision: { share: 'none', by: 'trust' } });
    expect(messages.join('\n')).toContain('restore is skipped: only modules are believed, and none are stored');
  });
});

describe("the builder's disk", () => {
  /** Every disk has so much free from now on, as the helpers see it. */
  async function leaveFree(mib: number): Promise<void> {
    const bin = path.join(directory, 'bin');
    await mkdir(bin, { recursive: true });
    const lines = ['#!/bin/sh', 'echo head', `echo "disk 9999999 0 ${mib * 1024} 1% /"`, ''];
    await writeFile(path.join(bin, 'df'), lines.join('\n'));
    await chmod(path.join(bin, 'df'), 0o755);
    vi.stubEnv('PATH', `${bin}:${process.env['PATH']}`);
  }

  // The cache is 4 MB, the modules are some hundred bytes; a build is left 512 MiB.
  it('has room for modules alone: they are restored, one line says why', async () => {
    const store = createMemoryStore();
    await buildOn({ store });
    await leaveFree(514);
    const { report, found } = await buildOn({ store });
    expect(found).toEqual([]);
    const reason = 'the builder has 539 MB free, too little for the 4.0 MB of the cache and the build';
    expect(report.restore).toMatchObject({ state: 'restored', decision: { share: 'modules', by: 'disk', reason } });
    expect(report.restore.entriesRestored).toBe(moduleFiles().length);
    expect(messages).toEqual([`only modules are restored: ${reason}`]);
    expect((await historyOf(store))[0]).toMatchObject({ restored: 'modules', isCold: false });
  });

  it('has room for nothing: nothing is unpacked, the build is cold', async () => {
    const store = createMemoryStore();
    await buildOn({ store });
    await leaveFree(511);
    const { report, found } = await buildOn({ store });
    expect(found).toEqual([]);
    expect(report.restore).toMatchObject({ state: 'failed', reason: expect.stringContaining('536 MB free') });
    expect(Object.keys(report.restore.phases)).not.toContain('inject');
    expect(report.buildExitCode).toBe(0);
  });

  it('is a fault under --strict-cache', async () => {
    const store = createMemoryStore();
    await buildOn({ store });
    await leaveFree(514);
    await expect(buildOn({ store, options: { isStrict: true } })).rejects.toMatchObject({ code: 'DISK_FULL' });
  });

  it('matters no more where the mounts hold everything', async () => {
    const store = createMemoryStore();
    const { mounts } = await buildOn({ store });
    await leaveFree(1);
    const { report } = await buildOn({ store, mounts });
    expect(report.restore.state).toBe('already-warm');
  });
});

describe('the guard on a slow store', () => {
  it('ends the download, unpacks what came, remembers, and does not try again', async () => {
    await withoutModules();
    const store = createMemoryStore();
    await buildOn({ store, coldSeconds: 60 });
    const slow = slowly(store, 60_000);
    const first = await buildOn({ store: slow, coldSeconds: 60 });
    const { restore } = first.report;
    expect(restore.state).toBe('stopped');
    expect(restore.reason).toMatch(/^at \d+(\.\d)? kB a second the other \d\.\d MB would take .* and save 42\.0 s$/);
    expect(restore.seconds).toBeLessThan(42);
    expect(messages.join('\n')).toContain('the restore is stopped: at ');
    expect(first.report.buildExitCode).toBe(0);
    expect(first.report.save.state).toBe('saved');
    expect((await historyOf(store))[0]).toMatchObject({ restored: 'part', isCold: false });
    const second = await buildOn({ store: slow, coldSeconds: 60 });
    expect(second.report.restore).toMatchObject({
      state: 'skipped',
      decision: {
        share: 'none',
        by: 'guard',
        reason: expect.stringMatching(/^restoring 4\.\d MB is expected to take .* and to save 42\.0 s$/),
      },
    });
    expect(Object.keys(second.report.restore.phases)).toEqual(['read']);
    expect(second.found).toEqual([]);
    expect((await historyOf(store))[0]).toMatchObject({ restored: 'none', isCold: true });
  });

  it('takes its time where nobody guards it', async () => {
    const store = createMemoryStore();
    await buildOn({ store, coldSeconds: 3 });
    const { report, found } = await buildOn({ store: slowly(store, 400_000), options: { isGuarded: false } });
    expect(report.restore.state).toBe('restored');
    expect(found).toHaveLength(17);
  });

  it('ends unpacking too when that takes longer than it saves; the build starts, and the next one may use the rest', async () => {
    const store = createMemoryStore();
    await buildOn({ store, coldSeconds: 6 });
    const home = path.join(directory, 'hanging');
    await mkdir(home);
    const hanging = scriptEngine({
      directory: home,
      onHelper: async (script) => {
        if (script === 'inject.sh') await new Promise((resolve) => setTimeout(resolve, 3000));
      },
    });
    const context = contextOf({ engine: hanging, store, home, options: { isReadOnly: true, isStrict: true } });
    const { report } = await build(context, await planBuild(userBuild(), {}), { withSave: true });
    expect(report.restore).toMatchObject({
      state: 'stopped',
      reason: 'it took longer than the 4.2 s that it was to save',
    });
    expect(report.buildExitCode).toBe(0);
  });
});
