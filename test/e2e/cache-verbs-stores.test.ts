import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foundEntries, madeBy, writeMadeCache } from '../helpers/made-cache.ts';
import { startRegistry, type TestRegistry } from '../helpers/registry.ts';
import { buildWarm, makeCacheHome, runSlipway } from '../helpers/run-slipway.ts';
import { startWorker, type Worker } from '../helpers/worker.ts';
import { seededSample, SLICE_SEED } from '../helpers/seeded-slice.ts';

let directory: string;
let home: string;
let worker: Worker;
let registry: TestRegistry;
let app: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-verbs-'));
  home = await makeCacheHome();
  worker = await startWorker();
  registry = await startRegistry({ program: 'registry' });
  app = await writeMadeCache(path.join(directory, 'app'));
});

afterAll(async () => {
  await worker?.stop();
  await registry?.stop();
  await rm(directory, { recursive: true, force: true });
  await rm(home, { recursive: true, force: true });
});

interface Kept {
  readonly spec: () => string;
  /** The file that holds a blob. */
  readonly blobFile: (digest: string) => string;
}

const stores: Readonly<Record<string, Kept>> = {
  directory: {
    spec: () => `type=local,dest=${path.join(directory, 'store')}`,
    blobFile: (digest) => path.join(directory, 'store/blobs/sha256', digest.slice(7, 9), digest.slice(7)),
  },
  registry: {
    spec: () => `type=registry,ref=${registry.host}/courier/cache`,
    blobFile: (digest) =>
      path.join(registry.dataDirectory, 'docker/registry/v2/blobs/sha256', digest.slice(7, 9), digest.slice(7), 'data'),
  },
};

/** The clock of a slipway process, a day and an hour ahead of the store's. */
const TOMORROW = {
  NODE_OPTIONS: '--import=data:text/javascript,const%20now=Date.now;Date.now=()=>now()+25*3600*1000',
};

const NO_GRACE = ['--grace', '0'];

interface Listed {
  readonly scope: string;
  readonly snapshot: string;
  readonly entries: number;
  readonly bytes: number;
  readonly isMerged: boolean;
}

interface Planned {
  readonly snapshots: readonly object[];
  readonly blobs?: readonly { readonly digest: string }[];
}

describe.each(seededSample(Object.keys(stores), 1))(`a %s store (seed ${SLICE_SEED})`, (name) => {
  const kept = stores[name]!;
  const flags = (): string[] => ['--store', kept.spec()];
  const env = (): Record<string, string> => ({ ...worker.env, XDG_CACHE_HOME: home });

  const cache = async <T>(verb: string, more: { flags?: string[]; env?: object } = {}) => {
    const args = ['cache', verb, ...flags(), '--format', 'json', ...(more.flags ?? [])];
    const run = await runSlipway(args, { env: { ...env(), ...more.env } });
    const { stores = [] } = JSON.parse(run.stdout || '{}') as { stores?: T[] };
    return { run, json: stores[0] as T };
  };
  const list = async (): Promise<readonly Listed[]> => (await cache<{ snapshots: Listed[] }>('ls')).json.snapshots;
  const build = (scope: string, machine: string, entry: string, ...more: string[]) =>
    buildWarm([...flags(), '--scope', scope, ...more, ...madeBy(`${name}-${machine}`, entry), app], { env: env() });
  const found = async (machine: string): Promise<readonly string[]> =>
    foundEntries((await build('main', machine, `${machine}-looks`, '--no-save')).run.stderr);

  it('lists, sums and checks several snapshots, merged ones among them', async () => {
    expect(await list()).toEqual([]);
    for (const entry of ['one', 'two', 'three']) {
      expect((await build('main', `at-${entry}`, entry)).report.save.state).toBe('saved');
    }
    expect((await build('feature/x', 'at-branch', 'four')).report.save.state).toBe('saved');
    const rows = await list();
    expect(rows.map(({ scope, isMerged, entries }) => ({ scope, isMerged, entries }))).toEqual([
      { scope: 'feature/x', isMerged: false, entries: 1 },
      { scope: 'main', isMerged: false, entries: 3 },
      { scope: 'main', isMerged: true, entries: 2 },
      { scope: 'main', isMerged: true, entries: 1 },
    ]);
    const text = await runSlipway(['cache', 'ls', ...flags()], { env: env() });
    expect(text.stdout).toMatch(/^SCOPE +SNAPSHOT/);
    expect(text.stdout.match(/ merged$/gm)).toHaveLength(2);

    const { json: usage } = await cache<{ bytes: number; scopes: { scope: string; bytes: number }[] }>('du');
    expect(usage.scopes.map(({ scope }) => scope)).toEqual(['feature/x', 'main']);
    // Packs that several snapshots name count once.
    expect(usage.bytes).toBeLessThan(rows.reduce((sum, row) => sum + row.bytes, 0));
    const { run, json } = await cache<{ faults: unknown[]; snapshots: number }>('check');
    expect(run.exitCode, run.stderr).toBe(0);
    expect(json).toMatchObject({ snapshots: 4, faults: [] });
  });

  it('collects nothing that is young, nothing by a clock that is wrong, and then what is merged or unreferenced', async () => {
    const stray = Buffer.from('nobody names this');
    const digest = `sha256:${createHash('sha256').update(stray).digest('hex')}`;
    if (name === 'directory') {
      await mkdir(path.dirname(kept.blobFile(digest)), { recursive: true });
      await writeFile(kept.blobFile(digest), stray);
    }
    const before = await list();
    const young = await cache<Planned>('gc');
    expect(young.run.exitCode, young.run.stderr).toBe(0);
    expect(young.json).toMatchObject({ isDryRun: false, snapshots: [] });
    expect(await list()).toEqual(before);

    const skewed = await cache<Planned>('gc', { env: TOMORROW });
    expect(skewed.run.exitCode).toBe(3);
    expect(skewed.run.stderr).toContain("behind this machine's");
    // A registry's clock is told to the second.
    await sleep(1100);
    const planned = await cache<Planned>('gc', { flags: ['--dry-run', ...NO_GRACE] });
    expect(planned.json.snapshots).toHaveLength(2);
    expect(await list()).toEqual(before);
    const done = await cache<Planned>('gc', { flags: NO_GRACE });
    expect(done.run.exitCode, done.run.stderr).toBe(0);
    expect(done.json.snapshots).toEqual(planned.json.snapshots);
    if (name === 'directory') {
      expect(done.json.blobs?.map((blob) => blob.digest)).toContain(digest);
      await expect(readFile(kept.blobFile(digest))).rejects.toMatchObject({ code: 'ENOENT' });
    }
    expect((await list()).map(({ scope, isMerged }) => ({ scope, isMerged }))).toEqual([
      { scope: 'feature/x', isMerged: false },
      { scope: 'main', isMerged: false },
    ]);
    expect((await cache('check')).run.exitCode).toBe(0);
    expect(await found('after-gc')).toEqual(['one', 'three', 'two']);
  });

  it('--read-only and --no-save read and write nothing; --dry-run does nothing at all', async () => {
    const before = await list();
    const readOnly = await build('main', 'reader', 'never-saved', '--read-only');
    expect(readOnly.report.save).toMatchObject({
      state: 'skipped',
      reason: expect.stringContaining('--read-only') as string,
    });
    expect(foundEntries(readOnly.run.stderr)).toEqual(['one', 'three', 'two']);
    const noSave = await build('main', 'careful', 'never-saved-either', '--no-save');
    expect(noSave.report.save).toMatchObject({
      state: 'skipped',
      reason: expect.stringContaining('--no-save') as string,
    });
    for (const verb of ['build', 'restore', 'save']) {
      const args = [verb, '--dry-run', ...flags(), '--scope', 'main', ...madeBy(`${name}-dry-${verb}`, 'dry'), app];
      const run = await runSlipway(args, { env: env() });
      expect(run.exitCode, run.stderr).toBe(0);
      expect(run.stdout).toMatch(/^engine +buildctl at .*\nstore .*\nscope +writes main, reads main/);
      expect(run.stdout).toContain('gocache at /go-cache, line 5');
      if (verb !== 'save') expect(run.stdout).toMatch(/restore +up to .* in 3 packs, 3 entries/);
      expect(run.stderr).not.toMatch(/#\d/);
    }
    expect(await list()).toEqual(before);
  });

  it('check names a damaged pack and a missing one, and ends with 1', async () => {
    const documents = await blobsOf(kept);
    const [first, second] = documents.packs;
    const original = await readFile(kept.blobFile(first!));
    const damaged = Buffer.from(original);
    damaged[damaged.length >> 1]! ^= 0xff;
    await writeFile(kept.blobFile(first!), damaged);
    await rm(kept.blobFile(second!));
    const { run, json } = await cache<{ faults: { subject: string; problem: string }[] }>('check');
    expect(run.exitCode).toBe(1);
    expect(json.faults.map(({ subject }) => subject).sort()).toEqual([first, second].sort());
    const text = await runSlipway(['cache', 'check', ...flags()], { env: env() });
    expect(text.exitCode).toBe(1);
    expect(text.stdout).toContain(first!.slice(0, 19));
    await utimes(kept.blobFile(first!), new Date(), new Date());
  });

  /** Packs of the newest snapshot of main. */
  async function blobsOf({ spec, blobFile }: Kept): Promise<{ packs: readonly string[] }> {
    const manifest = await readManifest(spec());
    const config = JSON.parse(await readFile(blobFile(manifest.config.digest), 'utf8')) as {
      'dev.slipway.snapshot': { packs: { layer: number }[] };
    };
    return { packs: config['dev.slipway.snapshot'].packs.map(({ layer }) => manifest.layers[layer]!.digest) };
  }
});

interface Manifest {
  readonly config: { readonly digest: string };
  readonly layers: readonly { readonly digest: string }[];
}

async function readManifest(spec: string): Promise<Manifest> {
  if (spec.startsWith('type=registry')) {
    const answer = await fetch(`http://${registry.host}/v2/courier/cache/manifests/main`, {
      headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
    });
    return (await answer.json()) as Manifest;
  }
  const scope = path.join(directory, 'store/snapshots/main');
  const [newest] = (await readdir(scope)).sort((a, b) => Number.parseInt(b) - Number.parseInt(a));
  return JSON.parse(await readFile(path.join(scope, newest!), 'utf8')) as Manifest;
}

it.each([
  [['cache'], 'what shall `slipway cache` do?'],
  [['cache', 'lst'], 'Did you mean `slipway cache ls`?'],
  [['cache', 'ls', 'more'], 'means nothing'],
  [['cache', 'du', '--dry-run'], 'has no `--dry-run`'],
  [['cache', 'pin'], 'takes one snapshot'],
])('%j is refused', async (words, said) => {
  const run = await runSlipway(words, { env: { XDG_CACHE_HOME: home } });
  expect(run.exitCode).toBe(2);
  expect(run.stderr).toContain(said);
});
