import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { RunOptions, UserBuild } from '../../../src/buildkit/types.ts';
import { systemClock, type Clock } from '../../../src/core/clock.ts';
import type { ProgressEvent, VertexEvent } from '../../../src/core/events.ts';
import { createMemoryStore } from '../../../src/store/backends/memory/memory-store.ts';
import type { Store } from '../../../src/store/port.ts';
import { build } from '../../../src/warm/build.ts';
import { usesLayerCache } from '../../../src/warm/layers-first.ts';
import { planBuild } from '../../../src/warm/plan-build.ts';
import { readStoredState } from '../../../src/warm/stored-state.ts';
import type { TrustSettings } from '../../../src/warm/types.ts';
import { scriptEngine } from '../../helpers/script-engine.ts';
import { warmContext } from '../../helpers/warm-context.ts';
import { PLAIN_BUILD } from '../buildkit/plain-build.ts';
import { outputFile } from '../pack/pack-fixtures.ts';
import { DAY_MS, FACTS, MAIN, trusted } from '../trust/trust-fixtures.ts';

// Real shells and archives, on machines that have other things to do.
vi.setConfig({ testTimeout: 60_000 });

const COMPILE = 'RUN --mount=type=cache,id=go,target=/go-cache go build .';
const STEP = `[stage-0 2/3] ${COMPILE}`;
const KEY = '0123456789abcdef';
const FROM = { cacheFrom: ['type=local,src=layers'] };
const TO = { cacheTo: ['type=local,dest=layers'] };

let directory: string;
let store: Store;
let events: ProgressEvent[];
/** Each user build: what BuildKit said of the step. */
let told: string[];

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-layers-'));
  store = createMemoryStore();
  events = [];
  told = [];
  await writeFile(
    path.join(directory, 'Dockerfile'),
    `FROM golang:1.26\nENV GOCACHE=/go-cache\n${COMPILE}\nRUN true\n`,
  );
});
afterEach(() => rm(directory, { recursive: true, force: true }));

interface World {
  readonly name: string;
  readonly userBuild?: Partial<UserBuild>;
  readonly stepsKey?: string | undefined;
  readonly triesLayers?: boolean;
  readonly hasLayers?: boolean;
  readonly exitCode?: number;
  readonly signal?: AbortSignal;
  readonly onStep?: () => void;
  readonly storedState?: 'none' | 'failing';
  /** Signs what it saves. */
  readonly trust?: TrustSettings;
  readonly clock?: Clock;
}

/** A build on a builder of its own. */
async function buildIn(world: World) {
  const { name, triesLayers = true, hasLayers = false, exitCode = 0 } = world;
  const stepsKey = 'stepsKey' in world ? world.stepsKey : KEY;
  const root = path.join(directory, name);
  await mkdir(root, { recursive: true });
  const engine = scriptEngine({
    directory: root,
    build: async (mount, _, run) => {
      world.onStep?.();
      await runSteps(mount('go'), run, hasLayers);
      return { seconds: 2, exitCode };
    },
  });
  const signal = world.signal ?? new AbortController().signal;
  const context = warmContext({
    engine,
    store,
    clock: world.clock ?? systemClock,
    signal,
    onEvent: (event) => events.push(event),
    workDirectory: path.join(root, 'work'),
    options: { isGuarded: false, isStrict: false, ...(world.trust && { trust: world.trust, facts: FACTS }) },
  });
  const planned = await planBuild({ ...PLAIN_BUILD, context: directory, ...FROM, ...TO, ...world.userBuild }, {});
  const failing = Promise.reject(new Error('the store is down'));
  failing.catch(() => {});
  const stored = { none: undefined, failing, read: readStoredState(context, ['main']) }[world.storedState ?? 'read'];
  const options = { withSave: true, stored, stepsKey: Promise.resolve(stepsKey), triesLayers };
  const { report } = await build(context, planned, options);
  return { report, helpers: engine.ran };
}

async function runSteps(mount: string, run: RunOptions, hasLayers: boolean): Promise<void> {
  const tell = (state: VertexEvent['state'], name = STEP): void => {
    run.onEvent({ type: 'vertex', phase: 'build', id: name, name, state });
  };
  tell('running', '[stage-0 1/3] FROM golang:1.26');
  tell('done', '[stage-0 1/3] FROM golang:1.26');
  told.push(hasLayers ? 'cached' : 'running');
  if (hasLayers) return tell('cached');
  tell('running');
  // As a client does that is told to stop.
  if (run.signal.aborted) tell('canceled');
  run.signal.throwIfAborted();
  const file = outputFile(randomBytes(2000));
  await mkdir(path.dirname(path.join(mount, file.path)), { recursive: true });
  await writeFile(path.join(mount, file.path), file.bytes);
  tell('done');
}

const seed = (more: Partial<World> = {}) => buildIn({ name: 'seed', ...more });
const messages = (): readonly string[] => events.flatMap((event) => (event.type === 'message' ? [event.text] : []));

it('restores nothing where the layer cache has the steps of a build on record', async () => {
  await seed();
  const { report, helpers } = await buildIn({ name: 'fresh', hasLayers: true });
  expect(report.restore).toMatchObject({ state: 'not-needed', bytesMoved: 0, packsMoved: 0 });
  expect(report.save.state).toBe('nothing-new');
  expect(report).toMatchObject({ buildExitCode: 0, buildSeconds: 2 });
  expect(helpers).toEqual([]);
});

it('stops a step that starts after all, restores, and builds anew', async () => {
  await seed();
  told = [];
  events = [];
  const { report, helpers } = await buildIn({ name: 'fresh' });
  expect(told).toEqual(['running', 'running']);
  expect(helpers).toEqual(expect.arrayContaining(['inject.sh', 'extract.sh']));
  expect(report.restore.state).toBe('restored');
  expect(report.save.state).toBe('saved');
  expect(messages()).toEqual([expect.stringContaining('the build begins anew')]);
  // Of the step that was stopped nobody was told: it runs once for who looks on.
  const seen = events.flatMap((event) => (event.type === 'vertex' && event.name === STEP ? [event.state] : []));
  expect(seen).toEqual(['running', 'done']);
});

it('a build that fails from the layer cache has failed', async () => {
  await seed();
  const { report } = await buildIn({ name: 'fresh', hasLayers: true, exitCode: 7 });
  expect(report.buildExitCode).toBe(7);
  expect(report.restore.state).toBe('not-needed');
  expect(report.save).toMatchObject({ state: 'skipped', reason: 'the build failed' });
});

it.each<[string, Partial<World>, Partial<World>]>([
  ['its steps are others', {}, { stepsKey: 'f'.repeat(16) }],
  ['its steps are not known', {}, { stepsKey: undefined }],
  ['it reads no layer cache', {}, { userBuild: { cacheFrom: [] } }],
  ['it has several platforms', {}, { userBuild: { platforms: ['linux/amd64', 'linux/arm64'] } }],
  ['steps are to be run anew', {}, { userBuild: { passthrough: ['--no-cache-filter=build'] } }],
  ['it is switched off', {}, { triesLayers: false }],
  ['the build on record stored no layers', { userBuild: { cacheTo: [] } }, {}],
])('restores first where %s', async (_, before, now) => {
  await seed(before);
  const { report, helpers } = await buildIn({ name: 'fresh', hasLayers: true, ...now });
  expect(helpers).toContain('inject.sh');
  expect(report.restore.state).toBe('restored');
});

it('has nothing to try without a look into the store, or where that fails', async () => {
  await seed();
  expect((await buildIn({ name: 'none', hasLayers: true, storedState: 'none' })).report.restore.state).toBe('restored');
  const failing = await buildIn({ name: 'failing', hasLayers: true, storedState: 'failing' });
  expect(failing.report.restore.state).toBe('failed');
  expect(messages()).toEqual([expect.stringContaining('the store is down')]);
});

it('an inline cache counts as stored layers', async () => {
  await seed({ userBuild: { cacheTo: [], buildArgs: ['BUILDKIT_INLINE_CACHE=1'] } });
  expect((await buildIn({ name: 'fresh', hasLayers: true })).report.restore.state).toBe('not-needed');
});

it('looks into the mounts where a signature is due to be renewed', async () => {
  const policy = { keys: [trusted(MAIN)], repository: FACTS.repository, maxAgeMs: 30 * DAY_MS };
  const trust: TrustSettings = { policy, isRequired: true, signingKeys: [MAIN], areModulesProven: false };
  await seed({ trust });
  const fresh = { hasLayers: true, trust };
  expect((await buildIn({ name: 'soon', ...fresh })).report.restore.state).toBe('not-needed');
  const clock = { ...systemClock, now: () => systemClock.now() + 20 * DAY_MS };
  const later = await buildIn({ name: 'later', ...fresh, clock });
  expect(later.report.restore.state).toBe('restored');
  expect(later.report.save.state).toBe('saved');
});

it('an interrupt is one, and no second build', async () => {
  await seed();
  told = [];
  const stopper = new AbortController();
  const onStep = (): void => stopper.abort(new Error('interrupted'));
  await expect(buildIn({ name: 'fresh', signal: stopper.signal, onStep })).rejects.toThrow('interrupted');
  expect(told).toEqual(['running']);
});

it('nobody needs the key of a build that neither reads nor stores layers', async () => {
  const planned = (more: Partial<UserBuild>) => planBuild({ ...PLAIN_BUILD, context: directory, ...more }, {});
  expect(usesLayerCache(await planned({}))).toBe(false);
  expect(usesLayerCache(await planned(FROM))).toBe(true);
  expect(usesLayerCache(await planned(TO))).toBe(true);
});
