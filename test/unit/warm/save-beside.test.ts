import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Engine, RunOptions } from '../../../src/buildkit/types.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { createMemoryStore } from '../../../src/store/backends/memory/memory-store.ts';
import type { Store } from '../../../src/store/port.ts';
import { build } from '../../../src/warm/build.ts';
import { planBuild } from '../../../src/warm/plan-build.ts';
import type { BuildReport, WarmContext, WarmOptions } from '../../../src/warm/types.ts';
import { scriptEngine } from '../../helpers/script-engine.ts';
import { PLAIN_BUILD } from '../buildkit/plain-build.ts';
import { outputFile } from '../pack/pack-fixtures.ts';
import { warmContext } from '../../helpers/warm-context.ts';

// Real shells and archives, on machines that have other things to do.
vi.setConfig({ testTimeout: 60_000 });

const COMPILE = 'RUN --mount=type=cache,id=go,target=/go-cache go build .';

let directory: string;
let store: Store;
let messages: string[];
let extracting: PromiseWithResolvers<void>;
/** What happened, in its order. */
let story: string[];

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-beside-'));
  store = createMemoryStore();
  messages = [];
  story = [];
  extracting = Promise.withResolvers();
  await writeFile(path.join(directory, 'Dockerfile'), `FROM golang:1.26\nENV GOCACHE=/go-cache\n${COMPILE}\n`);
});
afterEach(() => rm(directory, { recursive: true, force: true }));

interface World {
  /** What follows in the build once the compile is over. */
  readonly end: (run: RunOptions) => Promise<number>;
  readonly extract?: () => Promise<void>;
  readonly engine?: Partial<Engine>;
  readonly options?: Partial<WarmOptions>;
  readonly signal?: AbortSignal;
  readonly platforms?: readonly string[];
  readonly withSave?: boolean;
  /** Directory of the builder; each has its own mounts. */
  readonly builder?: string;
  /** The compile comes from the layer cache. */
  readonly isCached?: boolean;
}

async function buildIn({ builder = 'engine', isCached = false, ...world }: World): Promise<BuildReport> {
  const scripts = scriptEngine({
    directory: path.join(directory, builder),
    onHelper: async (script) => {
      if (script !== 'extract.sh') return;
      story.push('extract');
      extracting.resolve();
      await world.extract?.();
    },
    build: async (mount, _, run) => {
      if (!isCached) await compileInto(mount('go'));
      const state = isCached ? 'cached' : 'done';
      run.onEvent({ type: 'vertex', phase: 'build', id: 'a', name: `[stage-0 2/2] ${COMPILE}`, state });
      const exitCode = await world.end(run);
      story.push('end');
      return { seconds: 2, exitCode };
    },
  });
  const context: WarmContext = warmContext({
    engine: { ...scripts, ...world.engine },
    store,
    clock: systemClock,
    onEvent: (event) => {
      if (event.type === 'message') messages.push(event.text);
    },
    signal: world.signal ?? new AbortController().signal,
    workDirectory: path.join(directory, 'work'),
    options: { isGuarded: true, isStrict: false, ...world.options },
  });
  await mkdir(path.join(directory, builder), { recursive: true });
  const planned = await planBuild({ ...PLAIN_BUILD, context: directory, platforms: world.platforms ?? [] }, {});
  const { report } = await build(context, planned, { withSave: world.withSave ?? true });
  return report;
}

async function compileInto(mount: string): Promise<void> {
  const file = outputFile(randomBytes(2000));
  await mkdir(path.dirname(path.join(mount, file.path)), { recursive: true });
  await writeFile(path.join(mount, file.path), file.bytes);
}

/** Until the save has begun beside the build, which goes on then. */
const untilExtracting = async (): Promise<number> => {
  await extracting.promise;
  return 0;
};

const leftBehind = async (): Promise<readonly string[]> =>
  (await readdir(path.join(directory, 'work'))).filter((name) => name.startsWith('run-'));

const snapshots = async (): Promise<number> => (await store.listSnapshots('main')).length;

describe('a save beside the end of the build', () => {
  it('begins when the compile is over, and writes to the store when the build is', async () => {
    const report = await buildIn({
      end: async () => {
        await untilExtracting();
        expect(await snapshots()).toBe(0);
        return 0;
      },
    });
    expect(story).toEqual(['extract', 'end']);
    expect(report.save).toMatchObject({ state: 'saved', entriesNew: 1 });
    expect(report.save.besideSeconds).toBeGreaterThan(0);
    expect(report.save.phases).toHaveProperty('extract');
    expect(await snapshots()).toBe(1);
    expect(await leftBehind()).toEqual([]);
  });

  it('leaves nothing of a build that fails after its compile', async () => {
    const report = await buildIn({ end: async () => (await untilExtracting()) + 1 });
    expect(story).toEqual(['extract', 'end']);
    expect(report.save).toMatchObject({ state: 'skipped', reason: 'the build failed' });
    expect(report.save).not.toHaveProperty('besideSeconds');
    expect(await snapshots()).toBe(0);
    expect(await leftBehind()).toEqual([]);
  });

  it('is stopped with a build that fails while it runs', async () => {
    const report = await buildIn({
      extract: () => systemClock.sleep(100),
      end: async () => (await untilExtracting()) + 1,
    });
    expect(report.save.state).toBe('skipped');
    expect(await leftBehind()).toEqual([]);
    expect(messages).toEqual([]);
  });

  it('is made anew after the build, where the builder could not do both at once', async () => {
    let times = 0;
    const extract = async (): Promise<void> => {
      times += 1;
      if (times === 1) throw new Error('the builder takes one build at a time');
    };
    const report = await buildIn({ extract, end: untilExtracting });
    expect(story).toEqual(['extract', 'end', 'extract']);
    expect(report.save).toMatchObject({ state: 'saved', entriesNew: 1 });
    expect(messages).toEqual([]);
    expect(await leftBehind()).toEqual([]);
  });

  it('ends with an abort, and leaves nothing', async () => {
    const stopper = new AbortController();
    const end = async (): Promise<number> => {
      await extracting.promise;
      stopper.abort(new Error('enough'));
      throw new Error('enough');
    };
    await expect(buildIn({ end, signal: stopper.signal })).rejects.toThrow('enough');
    expect(await snapshots()).toBe(0);
    expect(await leftBehind()).toEqual([]);
  });

  it.each<[string, Omit<World, 'end'>]>([
    ['a store that is only read', { options: { isReadOnly: true } }],
    ['`--no-save`', { withSave: false }],
  ])('does not begin with %s', async (_, world) => {
    await buildIn({ ...world, end: async () => 0 });
    expect(story).toEqual(['end']);
  });

  it('waits for the end of the build on a builder that may have several nodes', async () => {
    const report = await buildIn({
      platforms: ['linux/amd64', 'linux/arm64'],
      engine: { kind: 'buildx' },
      end: async (run) => {
        run.onEvent({ type: 'vertex', phase: 'build', id: 'b', name: 'exporting to image', state: 'running' });
        return 0;
      },
    });
    expect(story).toEqual(['end', 'extract']);
    expect(report.save.state).toBe('saved');
    expect(report.save).not.toHaveProperty('besideSeconds');
  });

  describe('of a build from the layer cache', () => {
    const rebuild = (builder: string) => buildIn({ builder, isCached: true, end: async () => 0 });

    beforeEach(async () => {
      await buildIn({ end: untilExtracting });
      story = [];
    });

    it('does not look into mounts that hold only what was restored into empty ones', async () => {
      const report = await rebuild('fresh');
      expect(report.restore.state).toBe('restored');
      expect(story).toEqual(['end']);
      expect(report.save).toMatchObject({ state: 'nothing-new', entriesNew: 0 });
    });

    it('saves what an earlier build left there, which nobody has saved', async () => {
      await compileInto(path.join(directory, 'lived-in', 'mounts', 'go'));
      const report = await rebuild('lived-in');
      expect(report.restore.state).toBe('restored');
      expect(story).toContain('extract');
      expect(report.save).toMatchObject({ state: 'saved', entriesNew: 1 });
    });

    it('looks into mounts that were warm, as it can not know what else is there', async () => {
      const report = await rebuild('engine');
      expect(report.restore.state).toBe('already-warm');
      expect(story).toContain('extract');
    });
  });
});
