import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InjectRequest, PackToInject } from '../../../../src/buildkit/inject-packs.ts';
import type { MountKind } from '../../../../src/core/mount-kind.ts';
import { fillHost, probeHost } from '../../../../src/warm/host/fill-host.ts';
import type { HostCache } from '../../../../src/warm/host/list-entries.ts';
import { type File, moduleFiles, outputFile, packOf, smallCache, sortFiles } from '../../pack/pack-fixtures.ts';

const { signal } = new AbortController();
let directory: string;
let cache: HostCache;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-fill-'));
  cache = { kind: 'gocache', directory: path.join(directory, 'cache') };
  await mkdir(cache.directory);
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function pack(kind: MountKind, files: readonly File[], zipSums = new Map<string, string>()) {
  const { facts, bytes } = await packOf(kind, sortFiles(files));
  const file = path.join(directory, facts.digest.slice(7));
  await writeFile(file, bytes);
  return {
    kind,
    names: files.map((one) => one.path),
    digest: facts.digest,
    file,
    zipSums,
    isTrees: false,
  } satisfies PackToInject;
}

function fill(packs: readonly PackToInject[], more: Partial<InjectRequest> = {}, into: HostCache = cache) {
  const none = { present: [], earlier: [], neededBytes: { gocache: 0, gomodcache: 0 }, isUnsigned: false };
  return fillHost(into, { packs, ...none, marker: 'x', ...more }, { signal, written: [] });
}

async function filesIn(place: string): Promise<readonly string[]> {
  const found = await readdir(place, { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(place, path.join(entry.parentPath, entry.name)))
    .sort();
}

async function write(name: string, text: string | Uint8Array): Promise<void> {
  await mkdir(path.dirname(path.join(cache.directory, name)), { recursive: true });
  await writeFile(path.join(cache.directory, name), text);
}

describe('a build cache of this machine', () => {
  it('gets what it lacks, dated a day back, and nothing else', async () => {
    const files = smallCache();
    expect(await fill([await pack('gocache', files)])).toEqual({ presentEntries: 6, wantedEntries: 6 });
    expect(await filesIn(cache.directory)).toEqual(files.map((file) => file.path));
    for (const file of files) {
      const place = path.join(cache.directory, file.path);
      expect(await readFile(place)).toEqual(Buffer.from(file.bytes));
      const { mtimeMs, mode, nlink } = await stat(place);
      expect(Date.now() - mtimeMs).toBeGreaterThan(23.9 * 3600 * 1000);
      expect(Date.now() - mtimeMs).toBeLessThan(25 * 3600 * 1000);
      expect([mode & 0o600, nlink]).toEqual([0o600, 1]);
    }
    expect(await readdir(cache.directory)).not.toContain('.slipway');
  });

  it('keeps what it has, whatever is in it, and its time', async () => {
    const [first, ...others] = smallCache();
    const name = first?.path ?? '';
    await write(name, 'mine');
    const before = (await stat(path.join(cache.directory, name))).mtimeMs;
    const all = await pack('gocache', smallCache());
    expect(await probeHost(cache, [all])).toMatchObject({ presentEntries: 1, missingEntries: 5, missingPacks: [0] });
    expect(await fill([all])).toEqual({ presentEntries: 6, wantedEntries: 6 });
    expect(await readFile(path.join(cache.directory, name), 'utf8')).toBe('mine');
    expect((await stat(path.join(cache.directory, name))).mtimeMs).toBe(before);
    expect(await filesIn(cache.directory)).toHaveLength(others.length + 1);
  });

  it('takes an entry that two packs have once, and packs of its own kind only', async () => {
    const one = await pack('gocache', smallCache());
    const two = await pack('gocache', [...smallCache(), outputFile('more')]);
    expect(await fill([one, two, await pack('gomodcache', moduleFiles())])).toEqual({
      presentEntries: 7,
      wantedEntries: 7,
    });
  });

  it('is marked where what came was not signed', async () => {
    await fill([await pack('gocache', smallCache())], { isUnsigned: true });
    expect(await filesIn(path.join(cache.directory, '.slipway'))).toEqual(['unsigned']);
  });

  it('gets nothing of an entry whose bytes changed since the pack was checked', async () => {
    const good = outputFile('good');
    const bad = { path: outputFile('honest').path, bytes: Buffer.from('evil') };
    await expect(fill([await pack('gocache', [good, bad])])).rejects.toMatchObject({ code: 'INJECT_FAILED' });
    expect(await filesIn(cache.directory)).not.toContain(bad.path);
    expect((await filesIn(cache.directory)).filter((name) => name.includes('stage'))).toEqual([]);
  });

  it('loses what a killed restore left a day ago, not what runs beside this one', async () => {
    const own = path.join(cache.directory, '.slipway');
    const [old, young] = ['1', '2'].map((digit) => path.join(own, `stage-${digit.repeat(16)}`)) as [string, string];
    await mkdir(old, { recursive: true });
    await mkdir(young);
    await utimes(old, 0, Date.now() / 1000 - 25 * 3600);
    await fill([await pack('gocache', smallCache())]);
    expect(await readdir(own)).toEqual([path.basename(young)]);
  });

  it.each([['a directory of entries'], ['the directory of slipway']])('is refused where %s is a link', async (what) => {
    const [first] = smallCache();
    const outside = path.join(directory, 'outside');
    await mkdir(outside);
    const name = what === 'a directory of entries' ? (first?.path.slice(0, 2) ?? '') : '.slipway';
    await symlink(outside, path.join(cache.directory, name));
    await expect(fill([await pack('gocache', smallCache())])).rejects.toMatchObject({ code: 'MOUNT_HOSTILE' });
    expect(await readdir(outside)).toEqual([]);
  });

  it('is refused where an entry is a link', async () => {
    const [first] = smallCache();
    const target = path.join(directory, 'target');
    await writeFile(target, 'untouched');
    await mkdir(path.join(cache.directory, first?.path.slice(0, 2) ?? ''));
    await symlink(target, path.join(cache.directory, first?.path ?? ''));
    await expect(fill([await pack('gocache', smallCache())])).rejects.toMatchObject({ code: 'MOUNT_HOSTILE' });
    expect(await readFile(target, 'utf8')).toBe('untouched');
  });
});

describe('a module cache of this machine', () => {
  const files = moduleFiles();
  const zip = files.find((file) => file.path.endsWith('.zip'))?.path ?? '';
  const sums = new Map([[zip, 'h1:sum']]);

  beforeEach(() => {
    cache = { ...cache, kind: 'gomodcache' };
  });

  it('gets the sum that was checked beside the zip', async () => {
    await fill([await pack('gomodcache', files, sums)]);
    expect(await filesIn(cache.directory)).toEqual([...files.map((file) => file.path), `${zip}hash`].sort());
    expect(await readFile(path.join(cache.directory, `${zip}hash`), 'utf8')).toBe('h1:sum');
  });

  it('gets no sum beside a zip that was there', async () => {
    await write(zip, 'another zip');
    await fill([await pack('gomodcache', files, sums)]);
    expect(await filesIn(cache.directory)).not.toContain(`${zip}hash`);
    expect(await readFile(path.join(cache.directory, zip), 'utf8')).toBe('another zip');
  });

  it('is refused where a link is on the way', async () => {
    const outside = path.join(directory, 'outside');
    await mkdir(outside);
    await mkdir(path.join(cache.directory, 'cache'));
    await symlink(outside, path.join(cache.directory, 'cache/download'));
    await expect(fill([await pack('gomodcache', files)])).rejects.toMatchObject({ code: 'MOUNT_HOSTILE' });
    expect(await readdir(outside)).toEqual([]);
  });
});
