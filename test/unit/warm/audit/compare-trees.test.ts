import { chmod, mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compareTrees } from '../../../../src/warm/audit/compare-trees.ts';
import { readTree, removeTree } from '../../../../src/warm/audit/read-tree.ts';

const { signal } = new AbortController();
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'slipway-tree-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** The same small image each time; `change` makes one thing different. */
async function writeImage(name: string, change: (root: string) => Promise<unknown> = async () => {}): Promise<string> {
  const root = join(directory, name);
  await mkdir(join(root, 'bin'), { recursive: true });
  await mkdir(join(root, 'etc/empty'), { recursive: true });
  await writeFile(join(root, 'bin/app'), 'program');
  await chmod(join(root, 'bin/app'), 0o755);
  await writeFile(join(root, 'etc/name'), 'app');
  await symlink('app', join(root, 'bin/link'));
  await change(root);
  return root;
}

async function compare(change: (root: string) => Promise<unknown>) {
  const [warm, cold] = [await writeImage('warm', change), await writeImage('cold')];
  return compareTrees(await readTree(warm, signal), await readTree(cold, signal));
}

describe('two results', () => {
  it.each<[string, (root: string) => Promise<unknown>, unknown]>([
    [
      'another content of the same size',
      (root) => writeFile(join(root, 'etc/name'), 'bpp'),
      {
        path: 'etc/name',
        change: 'content',
        warm: expect.stringMatching(/^sha256:/),
        cold: expect.stringMatching(/^sha256:/),
      },
    ],
    [
      'another mode',
      (root) => chmod(join(root, 'bin/app'), 0o4755),
      { path: 'bin/app', change: 'mode', warm: '04755', cold: '0755' },
    ],
    [
      'another mode of a directory',
      (root) => chmod(join(root, 'etc/empty'), 0o700),
      { path: 'etc/empty', change: 'mode', warm: '0700', cold: '0755' },
    ],
    [
      'a link to elsewhere',
      async (root) => {
        await rm(join(root, 'bin/link'));
        await symlink('/evil', join(root, 'bin/link'));
      },
      { path: 'bin/link', change: 'content', warm: '/evil', cold: 'app' },
    ],
    [
      'a file in place of a link',
      async (root) => {
        await rm(join(root, 'bin/link'));
        await writeFile(join(root, 'bin/link'), 'program');
      },
      { path: 'bin/link', change: 'type', warm: 'file', cold: 'link' },
    ],
    ['a path too many', (root) => mkdir(join(root, 'more')), { path: 'more', change: 'only-warm', warm: 'directory' }],
    ['a path that lacks', (root) => rm(join(root, 'bin/link')), { path: 'bin/link', change: 'only-cold', cold: 'app' }],
  ])('differ by %s', async (_, change, difference) => {
    expect(await compare(change)).toEqual([difference]);
  });

  it('are the same whatever the times', async () => {
    expect(await compare((root) => utimes(join(root, 'bin/app'), 1, 1))).toEqual([]);
  });

  it('count every path', async () => {
    const tree = await readTree(await writeImage('one'), signal);
    expect([...tree.keys()].sort()).toEqual(['bin', 'bin/app', 'bin/link', 'etc', 'etc/empty', 'etc/name']);
  });
});

it('a result with directories that may not be written is taken away whole', async () => {
  const root = await writeImage('readonly', async (path) => {
    await chmod(join(path, 'etc/empty'), 0o000);
    await chmod(join(path, 'bin'), 0o555);
  });
  await removeTree(root);
  expect(await readdir(directory)).toEqual([]);
});
