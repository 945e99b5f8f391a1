import { execFile } from 'node:child_process';
import { watch } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cacheSchema } from '../../scripts/cache-schema.ts';
import { runCli } from '../../src/cli/run-cli.ts';
import { wire } from '../../src/session/wire.ts';
import { hexOf } from '../../src/core/digest.ts';
import { SlipwayError } from '../../src/core/errors.ts';
import { parseStoreSpec } from '../../src/store/store-spec.ts';
import { startGcs, type TestGcs } from '../helpers/gcs-server.ts';
import { makePack, saveSnapshot, type MadePack, type World } from '../helpers/kept-world.ts';
import { startRegistry, type TestRegistry } from '../helpers/registry.ts';
import { startS3, type TestS3 } from '../helpers/s3-server.ts';
import { openTestStore } from '../helpers/store-contract-open.ts';

const execute = promisify(execFile);

let directory: string;
let s3: TestS3;
let gcs: TestGcs;
const registries: TestRegistry[] = [];

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-cache-verbs-'));
  for (const program of ['registry', 'docker-registry'] as const) registries.push(await startRegistry({ program }));
  [s3, gcs] = await Promise.all([startS3('versitygw'), startGcs()]);
});

afterAll(async () => {
  for (const server of [...registries, s3, gcs]) await server?.stop();
  await rm(directory, { recursive: true, force: true });
});

interface Ran<T> {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly stores: readonly T[];
}

/** Runs the command line with all its real parts; what it prints as JSON is held against the schema. */
async function slipway<T = Record<string, unknown>>(
  words: readonly string[],
  isText = false,
  signal: AbortSignal = new AbortController().signal,
): Promise<Ran<T>> {
  let [stdout, stderr] = ['', ''];
  const exitCode = await runCli([...words, ...(isText ? [] : ['--format', 'json'])], {
    env: environment(),
    cwd: directory,
    stdin: Readable.from([]),
    stdout: { write: (text) => ((stdout += text), true) },
    stderr: { write: (text) => ((stderr += text), true) },
    signal,
    loadParts: async () => wire(),
  });
  if (isText || stdout === '') return { exitCode, stdout, stderr, stores: [] };
  const document = JSON.parse(stdout) as { stores: readonly T[] };
  expect(cacheSchema.safeParse(document).error).toBeUndefined();
  return { exitCode, stdout, stderr, stores: document.stores };
}

/** What the servers' clients read. */
function environment(): Record<string, string> {
  return { HOME: directory, USER: 'ann', ...s3.env, STORAGE_EMULATOR_HOST: gcs.endpoint };
}

let count = 0;

interface Kept {
  readonly spec: string;
  /** The file of a blob, to damage it; undefined where a server keeps it to itself. */
  readonly blobFile?: (digest: `sha256:${string}`) => string;
}

const KINDS: Readonly<Record<string, () => Kept>> = {
  directory: () => inDirectory(),
  'registry 3': () => inRegistry(registries[0]!),
  'registry 2': () => inRegistry(registries[1]!),
  S3: () => ({
    spec: `type=s3,bucket=${s3.bucket},endpoint_url=${s3.endpoint},use_path_style=true,region=us-east-1,prefix=verbs-${count}`,
  }),
  GCS: () => ({ spec: `type=gcs,bucket=${gcs.bucket},prefix=verbs-${count}` }),
};

function inDirectory(): Required<Kept> {
  const store = path.join(directory, `store-${count}`);
  const blobFile = (digest: `sha256:${string}`): string =>
    path.join(store, 'blobs/sha256', hexOf(digest).slice(0, 2), hexOf(digest));
  return { spec: `type=local,dest=${store}`, blobFile };
}

function inRegistry(registry: TestRegistry): Kept {
  return {
    spec: `type=registry,ref=${registry.host}/verbs/cache-${count}`,
    blobFile: (digest) =>
      path.join(
        registry.dataDirectory,
        'docker/registry/v2/blobs/sha256',
        hexOf(digest).slice(0, 2),
        hexOf(digest),
        'data',
      ),
  };
}

interface Listed {
  readonly snapshots: readonly { readonly scope: string; readonly snapshot: string; readonly isPinned: boolean }[];
  readonly orphanedPins: readonly string[];
}

describe.each(Object.keys(KINDS))('a %s store', (kind) => {
  let kept: Kept;
  let world: World;
  let packs: readonly MadePack[];
  beforeEach(async () => {
    count += 1;
    kept = KINDS[kind]!();
    world = { store: openTestStore(parseStoreSpec(kept.spec), environment()), nowMs: Date.now() };
    packs = await Promise.all(
      ['one', 'two', 'three'].map((text) => makePack(`${text} of ${kind} ${count}`.repeat(50))),
    );
    const [one, two, three] = packs as [MadePack, MadePack, MadePack];
    const facts = { platform: 'linux/amd64', goVersion: 'go1.26.8', workflow: 'acme/app/.github/workflows/ci.yml' };
    const first = await saveSnapshot(world, { scope: 'main', sequence: 1, packs: [one, two], nonce: 'aaaaaaaa' });
    await saveSnapshot(world, { scope: 'main', sequence: 2, packs: [one], merged: [first], nonce: 'bbbbbbbb', facts });
    await saveSnapshot(world, { scope: 'feature/x', sequence: 1, packs: [one, three], nonce: 'cccccccc' });
  });

  const cache = <T = Record<string, unknown>>(...words: readonly string[]) =>
    slipway<T>(['cache', ...words, '--store', kept.spec]);
  const list = async (): Promise<readonly string[]> =>
    (await cache<Listed>('ls')).stores[0]!.snapshots.map(({ scope, snapshot }) => `${scope}@${snapshot}`);
  const ALL = ['feature/x@1-cccccccc', 'main@2-bbbbbbbb', 'main@1-aaaaaaaa'];

  it('ls and du tell what is there, and who wrote it', async () => {
    expect(await list()).toEqual(ALL);
    const text = await slipway(['cache', 'ls', '--scope', 'main', '--store', kept.spec], true);
    expect(text.stdout).toMatch(/^SCOPE +SNAPSHOT +AGE +SIZE +ENTRIES +PACKS +PLATFORM +GO +WRITER +STATE\n/);
    expect(text.stdout).toMatch(
      /^main +2-bbbbbbbb .* linux\/amd64 +go1\.26\.8 +acme\/app\/\.github\/workflows\/ci\.yml$/m,
    );
    expect(text.stdout).toMatch(/^main +1-aaaaaaaa .* merged$/m);
    expect(text.stdout).not.toContain('feature');
    const { stores } = await cache<{ scopes: { scope: string; ownBytes: number; bytes: number }[] }>('du');
    expect(stores[0]!.scopes.map(({ scope }) => scope)).toEqual(['feature/x', 'main']);
    expect(stores[0]!.scopes.every(({ ownBytes, bytes }) => ownBytes > 0 && ownBytes < bytes)).toBe(true);
  });

  it('gc leaves what is young, takes what is merged, and keeps what is pinned', async () => {
    expect((await cache('gc')).stores[0]).toMatchObject({ snapshots: [], done: { snapshots: 0, blobs: 0 } });
    expect((await cache('pin', 'main@1-aaaaaaaa')).stores).toEqual([
      { store: world.store.description, snapshot: 'main@1-aaaaaaaa', outcome: 'pinned' },
    ]);
    expect((await cache('pin', 'main@1-aaaaaaaa')).stores[0]).toMatchObject({ outcome: 'was-pinned' });
    const pinned = (await cache<Listed>('ls')).stores[0]!.snapshots.filter(({ isPinned }) => isPinned);
    expect(pinned.map(({ snapshot }) => snapshot)).toEqual(['1-aaaaaaaa']);
    // A registry's clock is told to the second.
    const grace = ['--grace', '0'];
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect((await cache('gc', ...grace)).stores[0]).toMatchObject({ snapshots: [], pinned: 1 });
    expect((await cache('unpin', 'main@1-aaaaaaaa')).stores[0]).toMatchObject({ outcome: 'unpinned' });
    expect((await cache('unpin', 'main@1-aaaaaaaa')).stores[0]).toMatchObject({ outcome: 'was-not-pinned' });
    expect(await list()).toEqual(ALL);
    const planned = await cache('gc', ...grace, '--dry-run');
    expect(planned.stores[0]).toMatchObject({ snapshots: [{ snapshot: 'main@1-aaaaaaaa', reason: 'merged' }] });
    expect(await list()).toEqual(ALL);
    const done = await cache('gc', ...grace);
    expect(done.exitCode).toBe(0);
    expect(done.stores[0]).toMatchObject({ done: { snapshots: 1, left: 0 } });
    expect(await list()).toEqual(ALL.slice(0, 2));
    expect((await cache('check')).exitCode).toBe(0);
    if (!kind.startsWith('registry')) expect(await world.store.hasBlob(packs[1]!.facts.digest)).toBe(false);
  });

  it('check finds damage, and --repair mends it without losing the rest', async () => {
    expect((await cache('check')).exitCode).toBe(0);
    const [one] = packs;
    const file = kept.blobFile?.(one!.facts.digest);
    if (file === undefined) await world.store.deleteBlob(one!.facts.digest);
    else {
      const bytes = await readFile(file);
      bytes[bytes.length >> 1]! ^= 0xff;
      await writeFile(file, bytes);
    }
    const found = await cache('check');
    expect(found.exitCode).toBe(1);
    expect(found.stores[0]).toMatchObject({
      faults: [{ subject: one!.facts.digest, ...(file === undefined ? {} : { corrupt: one!.facts.digest }) }],
    });
    const planned = await cache('check', '--repair', '--dry-run');
    expect(planned.exitCode).toBe(1);
    expect(await list()).toEqual(ALL);
    const mended = await cache<{ repair: { written: string[] } }>('check', '--repair');
    expect(mended.exitCode).toBe(0);
    expect(mended.stores[0]!.repair.written).toHaveLength(2);
    const after = await cache<{ faults: { isMerged?: boolean }[] }>('check');
    expect(after.exitCode).toBe(0);
    expect(after.stores[0]!.faults.every(({ isMerged }) => isMerged === true)).toBe(true);
    // What was broken can be stored again. A registry keeps the bytes behind its link, and takes no others for them.
    await saveSnapshot(world, { scope: 'again', sequence: 1, packs: [one!], nonce: 'dddddddd' });
    expect((await cache('check')).exitCode).toBe(kind.startsWith('registry') ? 1 : 0);
  });

  it('gc writes a snapshot without what the last build did not use, for a scope over --max-size', async () => {
    const big = await makePack(...Array.from({ length: 50 }, (_, index) => `${kind} ${count} ${index}`));
    await saveSnapshot(world, { scope: 'big', sequence: 1, packs: [packs[0]!, big], ages: [0, 7], nonce: 'eeeeeeee' });
    const done = await cache<{ trims: unknown[]; done: { written: string[] } }>(
      'gc',
      '--max-size',
      '100B',
      '--scope',
      'big',
    );
    expect(done.exitCode, done.stderr).toBe(0);
    expect(done.stores[0]).toMatchObject({ trims: [{ scope: 'big', drop: [big.facts.digest] }] });
    expect(done.stores[0]!.done.written).toEqual([expect.stringMatching(/^big@2-/)]);
    expect((await cache('check')).exitCode).toBe(0);
  });

  it('export copies a scope to another store, once', async () => {
    const target = `type=local,dest=${path.join(directory, `export-${count}`)}`;
    const planned = await cache('export', '--to', target, '--scope', 'feature/x', '--dry-run');
    expect(planned.stores[0]).toMatchObject({ isDryRun: true, snapshots: ['feature/x@1-cccccccc'] });
    expect((await cache('export', '--to', target, '--scope', 'feature/x')).stores[0]).toMatchObject({ blobs: 5 });
    const [there] = (await slipway<Listed>(['cache', 'ls', '--store', target])).stores;
    expect(there?.snapshots.map(({ snapshot }) => snapshot)).toEqual(['1-cccccccc']);
    expect((await slipway(['cache', 'check', '--store', target])).exitCode).toBe(0);
    expect((await cache('export', '--to', target, '--scope', 'feature/x')).stores[0]).toMatchObject({ blobs: 0 });
    expect((await cache('export', '--to', target)).stores[0]).toMatchObject({
      snapshots: expect.anything() as unknown,
    });
    expect((await slipway<Listed>(['cache', 'ls', '--store', target])).stores[0]!.snapshots).toHaveLength(2);
  });

  it('export makes an OCI image layout that skopeo reads, several snapshots as one image', async () => {
    await saveSnapshot(world, { scope: 'main', sequence: 2, packs: [packs[2]!], nonce: 'eeeeeeee' });
    const [tar, layout] = [path.join(directory, `image-${count}.tar`), path.join(directory, `image-${count}`)];
    expect((await cache('export', '--to', `type=oci,dest=${tar}`)).exitCode).toBe(0);
    expect((await cache('export', '--to', `type=oci,dest=${layout},tar=false`, '--scope', 'main')).exitCode).toBe(0);
    expect((await cache('export', '--to', `type=oci,dest=${layout},tar=false`, '--scope', 'feature/x')).exitCode).toBe(
      0,
    );
    for (const source of [`oci-archive:${tar}`, `oci:${layout}`]) {
      for (const [tag, layers] of [['main', 4] as const, ['feature_2fx', 4] as const]) {
        const { stdout } = await execute('skopeo', ['inspect', `${source}:${tag}`]);
        expect((JSON.parse(stdout) as { Layers: unknown[] }).Layers).toHaveLength(layers);
        const copy = path.join(directory, `copy-${count}-${tag}-${source.length}`);
        // Reads every blob and checks its digest.
        await execute('skopeo', ['--insecure-policy', 'copy', '--quiet', `${source}:${tag}`, `dir:${copy}`]);
      }
    }
    expect((await readdir(directory)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('export stops at what is damaged, and leaves no half archive', async () => {
    const file = kept.blobFile?.(packs[2]!.facts.digest);
    await (file === undefined ? world.store.deleteBlob(packs[2]!.facts.digest) : rm(file));
    const tar = path.join(directory, `broken-${count}.tar`);
    const run = await cache('export', '--to', `type=oci,dest=${tar}`, '--scope', 'feature/x');
    expect(run.exitCode).toBe(3);
    expect(run.stderr).toContain('the export is not complete');
    expect((await readdir(directory)).filter((name) => name.startsWith(`broken-${count}`))).toEqual([]);
  });
});

describe('several stores', () => {
  it('are looked after each by itself; one that fails does not keep the verb from the others', async () => {
    count += 1;
    const [a, b] = [KINDS['directory']!(), KINDS['registry 3']!()];
    const world = { store: openTestStore(parseStoreSpec(a.spec)), nowMs: Date.now() };
    await saveSnapshot(world, { scope: 'main', sequence: 1, packs: [await makePack('a')] });
    const both = await slipway<Listed>(['cache', 'ls', '--store', a.spec, '--store', b.spec]);
    expect(both.stores.map(({ snapshots }) => snapshots.length)).toEqual([1, 0]);
    const dead = 'type=registry,ref=localhost:1/dead,timeout=2s';
    const half = await slipway<Listed>(['cache', 'ls', '--store', dead, '--store', a.spec]);
    expect(half.exitCode).toBe(3);
    expect(half.stores[1]!.snapshots).toHaveLength(1);
    expect(half.stderr).toContain('slipway: warning: localhost:1/dead');
    expect((await slipway(['cache', 'ls', '--store', dead])).exitCode).toBe(3);
  });

  it('that are only read are not changed', async () => {
    count += 1;
    const { spec } = KINDS['directory']!();
    for (const words of [
      ['gc', '--store', `${spec},read-only=true`],
      ['gc', '--read-only', '--store', spec],
    ]) {
      const run = await slipway(['cache', ...words]);
      expect(run.exitCode).toBe(3);
      expect(run.stderr).toContain('only read');
      expect((await slipway(['cache', ...words, '--dry-run'])).exitCode).toBe(0);
    }
    // A dry run doesn't even make the directory.
    expect(await readdir(directory)).not.toContain(`store-${count}`);
  });
});

describe('what can’t be done', () => {
  it('is said of a store that neither lists nor deletes, and keeps the verb from no other', async () => {
    count += 1;
    for (const verb of [['ls'], ['du'], ['check'], ['gc'], ['pin', 'main'], ['export', '--to', 'type=local,dest=x']]) {
      const run = await slipway(['cache', ...verb, '--store', 'type=gha']);
      expect(run.exitCode).toBe(2);
      expect(run.stderr).toContain("the GitHub Actions cache can't be looked after: it neither lists nor deletes");
      expect(run.stderr).toContain('gh cache list');
    }
    const { spec } = inDirectory();
    const both = await slipway<Listed & { problem?: string }>(['cache', 'ls', '--store', spec, '--store', 'type=gha']);
    expect(both.exitCode).toBe(0);
    expect(both.stores.map(({ problem }) => problem === undefined)).toEqual([true, false]);
  });

  it('an interrupted export leaves no half archive, nothing in a temporary directory, and no snapshot', async () => {
    count += 1;
    const { spec } = inDirectory();
    const world = { store: openTestStore(parseStoreSpec(spec)), nowMs: Date.now() };
    const packs = await Promise.all(Array.from({ length: 30 }, (_, index) => makePack(`pack ${index}`.repeat(20_000))));
    await saveSnapshot(world, { scope: 'main', sequence: 1, packs });
    const left = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('slipway-export-'));
    const before = await left();
    let interrupted = 0;
    const [tar, other] = [path.join(directory, `half-${count}.tar`), path.join(directory, `half-${count}`)];
    for (const [delayMs, to] of [1, 5, 20, 40].flatMap((ms) => [
      [ms, `type=oci,dest=${tar}`] as const,
      [ms, `type=local,dest=${other}`] as const,
    ])) {
      const abort = new AbortController();
      setTimeout(() => abort.abort(new SlipwayError('INTERRUPTED', 'interrupted by SIGINT')), delayMs);
      const startedAt = performance.now();
      const run = await slipway(['cache', 'export', '--store', spec, '--to', to], true, abort.signal);
      expect([0, 130]).toContain(run.exitCode);
      expect(performance.now() - startedAt).toBeLessThan(5_000);
      if (run.exitCode === 0) continue;
      interrupted += 1;
      expect((await readdir(directory)).filter((name) => name.startsWith(`half-${count}.tar.`))).toEqual([]);
      expect(await left()).toEqual(before);
      const check = await slipway(['cache', 'check', '--store', `type=local,dest=${other}`]);
      expect(check.exitCode).toBe(0);
    }
    expect(interrupted).toBeGreaterThan(0);
  });
});

/** As soon as the archive's file is begun, which is before anything is read for it. */
it('an export that is interrupted while it is planned leaves no file', async () => {
  count += 1;
  const { spec } = inDirectory();
  const world = { store: openTestStore(parseStoreSpec(spec)), nowMs: Date.now() };
  await saveSnapshot(world, { scope: 'main', sequence: 1, packs: [await makePack('pack')] });
  const place = path.join(directory, `begun-${count}`);
  await mkdir(place);
  const abort = new AbortController();
  const watcher = watch(place, () => abort.abort(new SlipwayError('INTERRUPTED', 'interrupted by SIGINT')));
  try {
    const to = `type=oci,dest=${path.join(place, 'cache.tar')}`;
    const run = await slipway(['cache', 'export', '--store', spec, '--to', to], true, abort.signal);
    expect(run.exitCode).toBe(130);
    expect(await readdir(place)).toEqual([]);
  } finally {
    watcher.close();
  }
});

describe('clocks', () => {
  it('gc refuses a store whose blobs come from the future', async () => {
    count += 1;
    const { spec, blobFile } = inDirectory();
    const world = { store: openTestStore(parseStoreSpec(spec)), nowMs: Date.now() };
    const pack = await makePack('of the future');
    await saveSnapshot(world, { scope: 'main', sequence: 1, packs: [pack] });
    const later = new Date(Date.now() + 3_600_000);
    await utimes(blobFile(pack.facts.digest), later, later);
    const run = await slipway(['cache', 'gc', '--store', spec]);
    expect(run.exitCode).toBe(3);
    expect(run.stderr).toContain('written in the future');
  });
});

describe('words', () => {
  it.each([
    [['cache'], 'what shall `slipway cache` do?'],
    [['cache', 'lst'], 'Did you mean `slipway cache ls`?'],
    [['cache', 'ls', 'more'], 'means nothing'],
    [['cache', 'du', '--dry-run'], 'has no `--dry-run`'],
    [['cache', 'check', '--dry-run'], 'has no `--dry-run` without `--repair`'],
    [['cache', 'ls', '--keep', '3'], '`slipway cache ls` has no `--keep`'],
    [['cache', 'gc', '--max-size', 'much'], "`--max-size` can't be `much`"],
    [['cache', 'gc', '--grace', '24'], "`--grace` can't be `24`"],
    [['cache', 'gc', '--keep-days', 'x'], "`--keep-days` can't be"],
    [['cache', 'gc', '--keep', '-1'], "`--keep` can't be"],
    [['cache', 'pin'], 'takes one snapshot'],
    [['cache', 'pin', 'nothing-here'], 'has no scope `nothing-here`'],
    [['cache', 'pin', 'main@1-aaaaaaaa'], 'has no snapshot `main@1-aaaaaaaa`'],
    [['cache', 'export'], 'needs to know where'],
    [['cache', 'export', '--to', 'type=oci'], 'does not say where'],
    [['cache', 'export', '--to', 'type=oci,dest=x,src=y'], 'unknown key `src`'],
    [['cache', 'export', '--to', 'type=local,dest=x'], 'has nothing to export'],
  ])('%j is refused', async (words, said) => {
    const run = await slipway(words);
    expect(run.stderr).toContain(said);
    expect(run.exitCode).toBe(2);
  });

  it('export leaves a directory alone that is no image layout', async () => {
    count += 1;
    const { spec } = KINDS['directory']!();
    const world = { store: openTestStore(parseStoreSpec(spec)), nowMs: Date.now() };
    await saveSnapshot(world, { scope: 'main', sequence: 1, packs: [await makePack('a')] });
    const dest = path.join(directory, 'mine');
    await mkdir(dest);
    await writeFile(path.join(dest, 'notes.txt'), 'mine');
    const run = await slipway(['cache', 'export', '--store', spec, '--to', `type=oci,dest=${dest},tar=false`]);
    expect(run.exitCode).toBe(2);
    expect(await readdir(dest)).toEqual(['notes.txt']);
  });

  it('each verb has help with examples', async () => {
    for (const verb of ['ls', 'du', 'check', 'gc', 'export', 'pin', 'unpin']) {
      const { stdout, exitCode } = await slipway(['cache', verb, '--help'], true);
      expect(exitCode).toBe(0);
      expect(stdout).toContain(`Usage: slipway cache ${verb}`);
      expect(stdout).toMatch(/Examples:\n {2}slipway cache/);
    }
  });
});
