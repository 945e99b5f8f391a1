import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Engine, HelperBuild } from '../../../src/buildkit/types.ts';
import { createMemoryStore } from '../../../src/store/backends/memory/memory-store.ts';
import { planBuild } from '../../../src/warm/plan-build.ts';
import { restore } from '../../../src/warm/restore.ts';
import { save } from '../../../src/warm/save.ts';
import type { WarmContext } from '../../../src/warm/types.ts';
import { manualClock } from '../../helpers/manual-clock.ts';
import { scriptEngine, type ScriptEngine } from '../../helpers/script-engine.ts';
import { outputFile, type File } from '../pack/pack-fixtures.ts';
import { PLAIN_BUILD } from '../buildkit/plain-build.ts';
import { warmContext } from '../../helpers/warm-context.ts';

// Real shells and archives, on machines that have other things to do.
vi.setConfig({ testTimeout: 60_000 });

const PLATFORMS = ['linux/amd64', 'linux/arm64'];
const [COMMON, AMD, ARM] = ['in both', 'of amd64', 'of arm64'].map((text) => outputFile(Buffer.from(text)));

let directory: string;
let warnings: string[];
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-several-nodes-'));
  warnings = [];
  const step = 'RUN --mount=type=cache,id=go,target=/go-cache GOCACHE=/go-cache go build .';
  await writeFile(path.join(directory, 'Dockerfile'), `FROM --platform=$BUILDPLATFORM golang:1.26\n${step}\n`);
});
afterEach(() => rm(directory, { recursive: true, force: true }));

interface Builder {
  readonly engine: Engine;
  readonly nodes: ReadonlyMap<string | undefined, ScriptEngine>;
  /** Every helper build that was asked for. */
  readonly helpers: readonly HelperBuild[];
}

/** A builder of two nodes, each with directories of its own for its mounts. */
async function builder(name: string): Promise<Builder> {
  const nodes = new Map<string | undefined, ScriptEngine>();
  for (const platform of PLATFORMS) {
    const place = path.join(directory, name, platform.replace('/', '-'));
    await mkdir(place, { recursive: true });
    nodes.set(platform, scriptEngine({ directory: place }));
  }
  const helpers: HelperBuild[] = [];
  const facts = { status: 'running', version: undefined, executor: undefined, gcRules: undefined, givenPlatforms: [] };
  const engine: Engine = {
    ...nodes.get(PLATFORMS[0])!,
    kind: 'buildx',
    inspect: async () => ({
      driver: 'remote',
      name,
      nodes: PLATFORMS.map((platform) => ({ ...facts, name: platform, platforms: [platform] })),
    }),
    runHelper: async (build, run) => {
      helpers.push(build);
      await (nodes.get(build.platform) ?? nodes.get(PLATFORMS[0])!).runHelper(build, run);
    },
  };
  return { engine, nodes, helpers };
}

const store = createMemoryStore();
const { signal } = new AbortController();

function contextOf(engine: Engine, name: string): WarmContext {
  return warmContext({
    engine,
    store,
    clock: manualClock(),
    onEvent: (event) => {
      if (event.type === 'message') warnings.push(event.text);
    },
    signal,
    workDirectory: path.join(directory, name, 'work'),
  });
}

async function fill(node: ScriptEngine | undefined, files: readonly (File | undefined)[]): Promise<void> {
  for (const file of files) {
    if (node === undefined || file === undefined) continue;
    const name = path.join(node.mount('go'), file.path);
    await mkdir(path.dirname(name), { recursive: true });
    await writeFile(name, file.bytes);
  }
}

async function entriesOf(node: ScriptEngine | undefined): Promise<readonly string[]> {
  const names = node === undefined ? [] : await readdir(node.mount('go'), { recursive: true });
  return names.filter((name) => name.endsWith('-d')).sort();
}

function paths(...files: readonly (File | undefined)[]): readonly string[] {
  return files.map((file) => file?.path ?? '').sort();
}

it('what either node made is saved once, and restored on both', async () => {
  const planned = await planBuild({ ...PLAIN_BUILD, context: directory, platforms: PLATFORMS }, {});
  const old = await builder('old');
  await fill(old.nodes.get('linux/amd64'), [COMMON, AMD]);
  await fill(old.nodes.get('linux/arm64'), [COMMON, ARM]);
  const saved = await save(contextOf(old.engine, 'old'), planned, {});
  expect(saved).toMatchObject({ state: 'saved', entriesNew: 3, warnings: [] });
  // Beside each other, so in either order.
  expect(old.helpers.map(({ platform }) => platform).sort()).toEqual(PLATFORMS);
  for (const { dockerfile } of old.helpers) expect(dockerfile).toMatch(/^FROM --platform=\$BUILDPLATFORM busybox /);

  const fresh = await builder('fresh');
  const restored = await restore(contextOf(fresh.engine, 'fresh'), planned);
  expect(restored.report).toMatchObject({ state: 'restored', entriesRestored: 6, warnings: [] });
  for (const node of fresh.nodes.values()) expect(await entriesOf(node)).toEqual(paths(COMMON, AMD, ARM));
  const again = await restore(contextOf(fresh.engine, 'fresh'), planned);
  expect(again.report).toMatchObject({ state: 'already-warm' });
  expect(warnings).toEqual([]);
});

it('a build for one platform is served on its node alone', async () => {
  const both = await planBuild({ ...PLAIN_BUILD, context: directory, platforms: PLATFORMS }, {});
  const old = await builder('old');
  await fill(old.nodes.get('linux/arm64'), [ARM]);
  await save(contextOf(old.engine, 'old'), both, {});
  const arm = await planBuild({ ...PLAIN_BUILD, context: directory, platforms: ['linux/arm64'] }, {});
  const fresh = await builder('fresh');
  await restore(contextOf(fresh.engine, 'fresh'), arm);
  expect(await entriesOf(fresh.nodes.get('linux/arm64'))).toContain(ARM?.path);
  expect(fresh.helpers.every(({ platform }) => platform === 'linux/arm64')).toBe(true);
});

it('a mount whose id names the platform is one for each of them', async () => {
  const step = 'RUN --mount=type=cache,id=go-$TARGETARCH,target=/go-cache GOCACHE=/go-cache go build .';
  const dockerfile = `FROM --platform=$BUILDPLATFORM golang:1.26\nARG TARGETARCH\n${step}\n`;
  await writeFile(path.join(directory, 'Dockerfile'), dockerfile);
  const idsFor = async (platforms: readonly string[]): Promise<readonly string[]> => {
    const { facts } = await planBuild({ ...PLAIN_BUILD, context: directory, platforms }, {});
    return facts.mounts.map(({ identity }) => identity.id);
  };
  expect(await idsFor(PLATFORMS)).toEqual(['go-amd64', 'go-arm64']);
  expect(await idsFor(['linux/arm64'])).toEqual(['go-arm64']);
});
