import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { EMPTY_BUILD } from '../../src/buildkit/empty-build.ts';
import { systemClock } from '../../src/core/clock.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { openStores } from '../../src/store/open-store.ts';
import type { StoreSpec } from '../../src/store/store-spec.ts';
import { build } from '../../src/warm/build.ts';
import { planBuild } from '../../src/warm/plan-build.ts';
import type { SaveReport, WarmContext, WarmOptions } from '../../src/warm/types.ts';
import { startRegistry, type TestRegistry } from '../helpers/registry.ts';
import { scriptEngine } from '../helpers/script-engine.ts';
import { outputFile } from '../unit/pack/pack-fixtures.ts';
import { warmContext } from '../helpers/warm-context.ts';

// Real shells and archives, on machines that have other things to do.
vi.setConfig({ testTimeout: 60_000 });

let registry: TestRegistry;
let directory: string;
let messages: { level: string; text: string; hint?: string | undefined }[];
let repositories = 0;

beforeAll(async () => {
  registry = await startRegistry({ program: 'registry' });
});
afterAll(() => registry.stop());
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-private-'));
  messages = [];
});
afterEach(() => rm(directory, { recursive: true, force: true }));

interface Case {
  readonly options?: Partial<WarmOptions>;
  /** Of the stage. */
  readonly env?: string;
  /** Named before the registry. */
  readonly near?: string;
}

/** A build of `example.com/team/app` that leaves one new entry, saved to a registry that anybody can read. */
async function saveOf({ options = {}, env = '', near }: Case) {
  const context = path.join(directory, 'app');
  await mkdir(context, { recursive: true });
  const run = 'RUN --mount=type=cache,id=go,target=/go-cache go build .';
  await writeFile(path.join(context, 'Dockerfile'), `FROM golang:1.26\nENV GOCACHE=/go-cache ${env}\n${run}\n`);
  await writeFile(path.join(context, 'go.mod'), 'module example.com/team/app\n');
  const repository = `app${(repositories += 1)}`;
  const specs: StoreSpec[] = [{ type: 'registry', host: registry.host, repository }];
  if (near !== undefined) specs.unshift({ type: 'local', dest: near });
  const { store } = openStores(specs, {
    env: {},
    homeDirectory: directory,
    clock: systemClock,
    logger: silentLogger,
    countsAsPublic: async () => true,
  });
  const machine = await mkdtemp(path.join(directory, 'machine-'));
  const engine = scriptEngine({
    directory: machine,
    build: async (mount) => {
      const file = outputFile(randomBytes(2000));
      await mkdir(path.dirname(path.join(mount('go'), file.path)), { recursive: true });
      await writeFile(path.join(mount('go'), file.path), file.bytes);
      return { seconds: 1 };
    },
  });
  const warm: WarmContext = warmContext({
    engine,
    store,
    clock: systemClock,
    onEvent: (event) => void (event.type === 'message' && messages.push(event)),
    workDirectory: path.join(machine, 'work'),
    options: { isStrict: false, ...options },
  });
  const planned = await planBuild({ ...EMPTY_BUILD, context }, {});
  const { report } = await build(warm, planned, { withSave: true });
  return { save: report.save, files: await filesOf(repository), place: `${registry.host}/${repository}` };
}

/** All that the registry keeps of a repository: links to blobs, manifests and tags, uploads. */
async function filesOf(repository: string): Promise<number> {
  const place = path.join(registry.dataDirectory, 'docker/registry/v2/repositories', repository);
  const entries = await readdir(place, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
  return entries.filter((entry) => entry.isFile()).length;
}

const PRIVATE = { privacy: { goPrivate: 'example.com/team' } };
const state = ({ save, files }: { save: SaveReport; files: number }): unknown => [save.state, files > 0];

it('pushes nothing of private code to a store that anybody can read, and says why and what to do', async () => {
  const refused = await saveOf({ options: PRIVATE });
  expect([refused.save.state, refused.files]).toEqual(['skipped', 0]);
  const reason = `anybody can read ${refused.place} without a login, and the code is private: GOPRIVATE names the module example.com/team/app`;
  expect(refused.save).toMatchObject({ reason, hint: expect.stringContaining('`--allow-public`'), entriesNew: 1 });
  expect(messages.filter(({ level }) => level === 'warning')).toMatchObject([
    { text: `nothing is saved: ${reason}`, hint: refused.save.hint },
  ]);
});

it('pushes it with `--allow-public`, and what is not private', async () => {
  expect(state(await saveOf({ options: {} }))).toEqual(['saved', true]);
  expect(state(await saveOf({ options: { privacy: { goPrivate: 'example.org' } } }))).toEqual(['saved', true]);
  expect(messages.filter(({ level }) => level === 'warning')).toEqual([]);
});

it('believes the CI and the Dockerfile as much as the environment', async () => {
  const repository = 'GitHub says that the repository is private';
  const byCi = await saveOf({ options: { privacy: { goPrivate: '', repository } } });
  expect([byCi.save.state, byCi.files]).toEqual(['skipped', 0]);
  expect(byCi.save.reason).toContain(repository);
  const byStage = await saveOf({ options: { privacy: { goPrivate: '' } }, env: 'GOPRIVATE=*.example.org,example.com' });
  expect([byStage.save.state, byStage.files]).toEqual(['skipped', 0]);
});

it('keeps all stores of a run empty when one of them is open', async () => {
  const near = path.join(directory, 'near');
  const refused = await saveOf({ options: PRIVATE, near });
  expect([refused.save.state, refused.files]).toEqual(['skipped', 0]);
  expect(refused.save.reason).toContain(`anybody can read ${refused.place} without`);
  await expect(readdir(near)).rejects.toMatchObject({ code: 'ENOENT' });
});

it('under `--strict-cache` it is an error with exit code 3', async () => {
  await expect(saveOf({ options: { ...PRIVATE, isStrict: true } })).rejects.toMatchObject({
    code: 'STORE_PUBLIC',
    exitCode: 3,
  });
});
