import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ExtractRequest, MountExtract } from '../../../../src/buildkit/extract-entries.ts';
import { readPack } from '../../../../src/pack/read-pack.ts';
import type { HostCache } from '../../../../src/warm/host/list-entries.ts';
import { readHost } from '../../../../src/warm/host/read-host.ts';
import { actionFile, type File, moduleFiles, outputFile, smallCache } from '../../pack/pack-fixtures.ts';

const { signal } = new AbortController();
let directory: string;
let caches: Record<HostCache['kind'], HostCache>;
let runs = 0;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-read-'));
  const [gocache, gomodcache] = [path.join(directory, 'build'), path.join(directory, 'mod')];
  await mkdir(gocache);
  await mkdir(gomodcache);
  caches = {
    gocache: { kind: 'gocache', directory: gocache },
    gomodcache: { kind: 'gomodcache', directory: gomodcache },
  };
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function write({ directory: below }: HostCache, files: readonly File[], ageSeconds = 0): Promise<void> {
  const time = Date.now() / 1000 - ageSeconds;
  for (const file of files) {
    const place = path.join(below, file.path);
    await mkdir(path.dirname(place), { recursive: true });
    await writeFile(place, file.bytes);
    await utimes(place, time, time);
  }
}

/** What a save finds after a command that began ten seconds ago, and the entries that its packs hold. */
async function read(
  cache: HostCache,
  more: Partial<ExtractRequest> = {},
): Promise<MountExtract & { packed: string[] }> {
  runs += 1;
  const request: ExtractRequest = {
    known: { gocache: [], gomodcache: [] },
    isSignedOnly: false,
    allowedModules: [],
    buildAgeSeconds: 10,
    exportTo: directory,
    ...more,
  };
  const sinceMs = Date.now() - 10_000;
  const out = path.join(directory, `out-${runs}`);
  const about = { request, sinceMs, directory: out, goVersion: 'go1.26.8', marker: undefined, signal };
  const extract = await readHost(cache, about);
  const packed: string[] = [];
  for (const file of extract.packFiles) {
    const { entries, damaged } = await readPack(createReadStream(file), { kind: cache.kind, signal });
    expect(damaged).toEqual([]);
    packed.push(...entries.map((entry) => entry.path));
  }
  return { ...extract, packed: packed.sort() };
}

const paths = (files: readonly File[]): readonly string[] => files.map((file) => file.path).sort();

describe('what is new in a build cache', () => {
  it('is what the command wrote; what was there before stays out of the store', async () => {
    const [mine, foreign] = [smallCache('mine'), smallCache('foreign')];
    await write(caches.gocache, mine);
    await write(caches.gocache, foreign, 600);
    const found = await read(caches.gocache);
    expect(found.packed).toEqual(paths(mine));
    expect(found).toMatchObject({ presentEntries: 12, youngEntries: 6, owner: undefined, goVersion: 'go1.26.8' });
    expect([...found.usedNames].sort()).toEqual(paths([...mine, ...foreign]));
  });

  it('lacks what the store has', async () => {
    const files = smallCache();
    await write(caches.gocache, files);
    const known = { gocache: paths(files).slice(1), gomodcache: [] };
    expect((await read(caches.gocache, { known })).packed).toEqual(paths(files).slice(0, 1));
  });

  it('has the old output of a new action', async () => {
    const output = outputFile('made last week by another action');
    const action = actionFile('new', output);
    await write(caches.gocache, [output], 7 * 24 * 3600);
    await write(caches.gocache, [action]);
    expect((await read(caches.gocache)).packed).toEqual(paths([output, action]));
  });

  it('is nothing where the cache was filled unsigned and only what is signed counts', async () => {
    await write(caches.gocache, smallCache());
    await write(caches.gocache, [{ path: '.slipway/unsigned', bytes: Buffer.alloc(0) }]);
    expect(await read(caches.gocache, { isSignedOnly: true })).toMatchObject({ isUnsigned: true, packed: [] });
    expect((await read(caches.gocache)).packed).toHaveLength(6);
  });

  it('is no executable that go keeps as a directory, and no file of another name', async () => {
    const [first] = smallCache();
    await mkdir(path.join(caches.gocache.directory, first?.path ?? ''), { recursive: true });
    await write(caches.gocache, [{ path: '00/notes.txt', bytes: Buffer.from('x') }]);
    expect((await read(caches.gocache)).packed).toEqual([]);
  });

  it('is not looked for behind links', async () => {
    await symlink(directory, path.join(caches.gocache.directory, 'ab'));
    await expect(read(caches.gocache)).rejects.toMatchObject({ code: 'MOUNT_HOSTILE' });
  });

  it('comes in several packs where there is much of it', async () => {
    const files = smallCache('many', 260);
    await write(caches.gocache, files);
    const found = await read(caches.gocache);
    expect(found.packFiles).toHaveLength(2);
    expect(found.packed).toEqual(paths(files));
  });
});

describe('what is new in a module cache', () => {
  it('is what a go.sum lists, however old; a zip counts as used where it was extracted', async () => {
    const files = moduleFiles();
    await write(caches.gomodcache, files, 30 * 24 * 3600);
    await write(caches.gomodcache, moduleFiles('example.com/other'));
    const allowedModules = paths(files);
    const found = await read(caches.gomodcache, { allowedModules });
    expect(found.packed).toEqual(allowedModules);
    expect(found.usedNames.filter((name) => name.endsWith('.zip'))).toEqual([]);
    await mkdir(path.join(caches.gomodcache.directory, 'example.com/!big/mod@v1.2.3'), { recursive: true });
    expect([...(await read(caches.gomodcache, { allowedModules })).usedNames].sort()).toEqual(allowedModules);
  });
});
