import { readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Engine } from '../../../src/buildkit/types.ts';
import type { Digest } from '../../../src/core/digest.ts';
import type { PackRecord } from '../../../src/pack/types.ts';
import type { BlobLocator, Store } from '../../../src/store/port.ts';
import type { GoCaches } from '../../../src/warm/caches.ts';
import { mountCaches } from '../../../src/warm/mount-caches.ts';
import { restore } from '../../../src/warm/restore.ts';
import type { RestoreOutcome } from '../../../src/warm/restore-outcome.ts';
import { readStoredState } from '../../../src/warm/stored-state.ts';
import { save } from '../../../src/warm/save.ts';
import type { WarmContext } from '../../../src/warm/types.ts';
import { outputFile } from '../pack/pack-fixtures.ts';
import { type LocatedWorld, OLDER, openLocatedWorld, STEP } from './located-world.ts';

// Real shells, the real program and a real server, on machines that have other things to do.
vi.setConfig({ testTimeout: 60_000 });

let world: LocatedWorld;
beforeEach(async () => {
  world = await openLocatedWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const packsOf = ({ state }: RestoreOutcome): readonly Digest[] =>
  (state?.packs ?? []).map(({ digest }) => digest).sort();
const texts = (): readonly string[] => world.events.flatMap((event) => (event.type === 'message' ? [event.text] : []));

describe('the builder fetches packs of the build cache', () => {
  it('by itself, from where the store says, in the step of its look', async () => {
    await world.fillStore();
    const fresh = await world.machine('fresh', world.located());
    const outcome = await restore(fresh.context, await world.plan());
    const packs = packsOf(outcome);
    expect(packs).toHaveLength(2);
    expect(outcome.report).toMatchObject({ state: 'restored', packsMoved: 2, entriesRestored: 4, warnings: [] });
    const bytes = await Promise.all(packs.map(async (digest) => (await world.blob(digest))?.length ?? 0));
    expect(outcome.report.bytesMoved).toBe(bytes.reduce((sum, size) => sum + size, 0));
    expect(outcome.report.bytesByKind).toEqual({ gocache: outcome.report.bytesMoved });
    expect([...world.served].sort()).toEqual(packs);
    expect(world.readHere.filter((digest) => packs.includes(digest))).toEqual([]);
    expect(fresh.engine.ran).toEqual(['probe.sh']);
    await world.expectAllIn(fresh);
    const last = world.events.findLast((event) => event.type === 'transfer');
    expect(last).toMatchObject({
      direction: 'down',
      bytesDone: outcome.report.bytesMoved,
      packsDone: 2,
      packsTotal: 2,
    });
    const again = await restore(fresh.context, await world.plan());
    expect(again.report).toMatchObject({ state: 'already-warm', packsMoved: 0 });
    expect(world.served).toHaveLength(2);
  });

  it('and its seconds count as a download, by which later builds judge the way to the store', async () => {
    await world.fillStore();
    world.alter = async () => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      return false;
    };
    const { report } = await restore((await world.machine('fresh', world.located())).context, await world.plan());
    expect(report.bytesByBuilder).toBe(report.bytesMoved);
    expect(report.phases['download']).toBeGreaterThan(0.3);
  });

  it('and the next save finds what the build added, and nothing else', async () => {
    await world.fillStore();
    const fresh = await world.machine('fresh', world.located());
    const restored = await restore(fresh.context, await world.plan());
    await world.fill(fresh.engine, [outputFile(Buffer.from('new'))]);
    const saved = await save(fresh.context, await world.plan(), { restored });
    expect(saved).toMatchObject({ state: 'saved', entriesNew: 1, warnings: [] });
  });

  it('not where it is told to leave it to this machine', async () => {
    await world.fillStore();
    const fresh = await world.machine('fresh', world.located(), { fetch: 'client' });
    const outcome = await restore(fresh.context, await world.plan());
    expect(outcome.report).toMatchObject({ state: 'restored', packsMoved: 2 });
    expect(world.served).toEqual([]);
    await world.expectAllIn(fresh);
  });

  it('not what lies on this machine already', async () => {
    await world.fillStore();
    const here = await world.machine('fresh', world.located(), { fetch: 'client' });
    await restore(here.context, await world.plan());
    await rm(here.engine.mount('go'), { recursive: true });
    const again = await restore((await world.machine('fresh', world.located())).context, await world.plan());
    expect(again.report).toMatchObject({ state: 'restored', packsMoved: 0, bytesMoved: 0 });
    expect(world.served).toEqual([]);
  });

  it('not into two mounts, for which it would fetch twice', async () => {
    await world.fillStore();
    await world.writeDockerfile(STEP, STEP.replace('id=go', 'id=other'));
    const fresh = await world.machine('fresh', world.located());
    const outcome = await restore(fresh.context, await world.plan());
    expect(outcome.report).toMatchObject({ state: 'restored', packsMoved: 2 });
    expect(world.served).toEqual([]);
  });

  it('only what is missing there', async () => {
    await world.fillStore();
    const fresh = await world.machine('fresh', world.located());
    await world.fill(fresh.engine, OLDER);
    const outcome = await restore(fresh.context, await world.plan());
    expect(outcome.report).toMatchObject({ state: 'restored', packsMoved: 1, entriesRestored: 2 });
    expect(world.served).toHaveLength(1);
    expect(fresh.engine.ran).toEqual(['probe.sh', 'inject.sh']);
    expect(world.readHere.filter((digest) => packsOf(outcome).includes(digest))).toEqual([]);
  });
});

describe('this machine fetches', () => {
  it('all of it where the builder does not reach the store', async () => {
    await world.fillStore();
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const fresh = await world.machine('fresh', world.located(port));
    const outcome = await restore(fresh.context, await world.plan());
    expect(outcome.report).toMatchObject({ state: 'restored', packsMoved: 2, entriesRestored: 4, warnings: [] });
    await world.expectAllIn(fresh);
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
    await world.fillStore();
    let victim: Digest | undefined;
    let count = 0;
    world.alter = async (digest, response) => {
      // The first request only tries whether the builder gets here.
      if (count++ === 0) return false;
      victim ??= digest;
      if (digest !== victim) return false;
      await wrong(response, (await world.blob(digest)) ?? Buffer.alloc(0));
      return true;
    };
    const fresh = await world.machine('fresh', world.located());
    const outcome = await restore(fresh.context, await world.plan());
    expect(outcome.report).toMatchObject({ state: 'restored', packsMoved: 2, entriesRestored: 4, warnings: [] });
    expect(world.readHere.filter((digest) => packsOf(outcome).includes(digest))).toEqual([victim]);
    expect(texts()).toEqual([
      expect.stringMatching(/^the builder could not fetch 1 packs? by itself \(.+\), so this machine does$/),
    ]);
    expect(fresh.engine.ran).toEqual(['probe.sh', 'inject.sh']);
    await world.expectAllIn(fresh);
  });
});

it('where packs lie is asked beside what is read of modules', async () => {
  await world.fillStore();
  const { context } = await world.machine('fresh', world.store);
  const asked = Promise.withResolvers<void>();
  const from = world.located();
  const locateBlob: BlobLocator['locateBlob'] = async (digest) => {
    asked.resolve();
    return from.locateBlob(digest);
  };
  const planned = await world.plan();
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
  expect(world.served).toHaveLength(2);
});

it('what this machine downloads is checked when the look into the mounts is under way, and no earlier', async () => {
  await world.fillStore();
  const fresh = await world.machine('fresh', world.located(), { fetch: 'client' });
  const counts = (): readonly number[] => {
    const last = world.events.findLast((event) => event.type === 'transfer');
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
  const outcome = await restore({ ...fresh.context, engine }, await world.plan());
  expect(outcome.report).toMatchObject({ state: 'restored', packsMoved: 2, entriesRestored: 4 });
});

it('a look into the mounts that fails does not keep the downloads waiting', async () => {
  await world.fillStore();
  const { context, engine } = await world.machine('fresh', world.located(), { fetch: 'client' });
  const broken: Engine = {
    ...engine,
    runHelper: async () => {
      await vi.waitFor(() => expect(world.events.some((event) => event.type === 'transfer')).toBe(true), 10_000);
      throw new Error('the builder is gone');
    },
  };
  await expect(restore({ ...context, engine: broken }, await world.plan())).rejects.toThrow('the builder is gone');
});

it('what is handed to the builder is kept nowhere', async () => {
  await world.fillStore();
  const fresh = await world.machine('fresh', world.located());
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
  await restore({ ...fresh.context, engine }, await world.plan());
  expect(world.served).toHaveLength(2);
  const kept = await readdir(fresh.context.workDirectory, { recursive: true });
  expect(kept.filter((name) => name.includes('secret'))).toEqual([]);
  expect(seen.some((text) => text.includes('short-lived'))).toBe(false);
  expect(JSON.stringify(world.events)).not.toContain('short-lived');
});
