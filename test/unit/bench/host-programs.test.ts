import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HostPrograms, hostPrograms } from '../../../src/bench/host-programs.ts';

const FILES = [
  'runc-overlayfs/snapshots/snapshots/1/fs/usr/bin/go',
  'runc-overlayfs/content/blobs/sha256/abc',
  'runc-overlayfs/metadata_v2.db',
  'runc-overlayfs/snapshots/metadata.db',
  'cache.db',
];

let root: string;
let abort: AbortController;
let programs: HostPrograms;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'slipway-state-'));
  abort = new AbortController();
  programs = hostPrograms(process.env, abort.signal);
  for (const file of FILES) {
    await mkdir(path.dirname(path.join(root, 'from', file)), { recursive: true });
    await writeFile(path.join(root, 'from', file), `was ${file}`, { mode: 0o640 });
  }
});

afterEach(() => rm(root, { recursive: true, force: true }));

const inode = async (tree: string, file: string) => (await stat(path.join(root, tree, file))).ino;

describe('the state of a builder', () => {
  it('is linked where nothing is written to, and copied everywhere else', async () => {
    await programs.linkState(path.join(root, 'from'), path.join(root, 'to'));
    const shared = await Promise.all(
      FILES.map(async (file) => (await inode('from', file)) === (await inode('to', file))),
    );
    expect(shared).toEqual([true, true, false, false, false]);
    expect(await readFile(path.join(root, 'to/cache.db'), 'utf8')).toBe('was cache.db');
    expect((await stat(path.join(root, 'to/cache.db'))).mode & 0o777).toBe(0o640);
  });

  it('is a copy that shares nothing, where it is copied', async () => {
    await programs.copyTree(path.join(root, 'from'), path.join(root, 'to'));
    for (const file of FILES) expect(await inode('from', file)).not.toBe(await inode('to', file));
  });

  it('is removed, but left to others once there is no time', async () => {
    await programs.copyTree(path.join(root, 'from'), path.join(root, 'to'));
    await programs.removeTree(path.join(root, 'from'));
    abort.abort();
    await programs.removeTree(path.join(root, 'to'));
    expect([existsSync(path.join(root, 'from')), existsSync(path.join(root, 'to'))]).toEqual([false, true]);
  });

  it('that can not be copied is an error', async () => {
    await expect(programs.copyTree(path.join(root, 'gone'), path.join(root, 'to'))).rejects.toThrow(/gone/);
  });
});
