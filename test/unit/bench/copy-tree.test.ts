import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withChanges } from '../../../src/bench/change-tree.ts';
import { copyTree, type TreeCopy } from '../../../src/bench/copy-tree.ts';
import { photograph } from '../../helpers/bench-app.ts';

const run = promisify(execFile);

let root: string;
let from: string;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'slipway-copy-'));
  from = path.join(root, 'from');
  await mkdir(path.join(from, 'sub'), { recursive: true });
  for (const name of ['a.go', 'gone.go', 'sub/b.go', 'tool.sh']) await writeFile(path.join(from, name), name);
  await chmod(path.join(from, 'tool.sh'), 0o755);
  await symlink('a.go', path.join(from, 'link.go'));
  await writeFile(path.join(from, '.gitignore'), '*.log\n');
});

afterEach(() => rm(root, { recursive: true, force: true }));

const git = (...args: readonly string[]) =>
  run('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], { cwd: from });

function copy(of = from): Promise<TreeCopy> {
  return copyTree(of, path.join(root, 'to'), { env: process.env, signal: new AbortController().signal });
}

async function filesOf(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)))
    .toSorted();
}

describe('the copy of a tree', () => {
  it('is what git tracks and does not ignore, as it is on disk', async () => {
    await git('init', '--quiet');
    await git('add', '.');
    await git('commit', '--quiet', '-m', 'first');
    await writeFile(path.join(from, 'a.go'), 'edited');
    await writeFile(path.join(from, 'new ü.go'), 'untracked');
    await writeFile(path.join(from, 'build.log'), 'ignored');
    await rm(path.join(from, 'gone.go'));
    const before = await photograph(from);
    const copied = await copy();
    expect(await filesOf(copied.directory)).toEqual(
      ['.gitignore', 'a.go', 'link.go', 'new ü.go', 'sub/b.go', 'tool.sh'].toSorted(),
    );
    expect(await readFile(path.join(copied.directory, 'a.go'), 'utf8')).toBe('edited');
    expect(await readlink(path.join(copied.directory, 'link.go'))).toBe('a.go');
    expect((await stat(path.join(copied.directory, 'tool.sh'))).mode & 0o111).toBe(0o111);
    expect(copied.isDirty).toBe(true);
    expect(copied.revision).toBe((await git('rev-parse', 'HEAD')).stdout.trim());
    // Not even git's index is written.
    expect(await photograph(from)).toEqual(before);
  });

  it('of a directory inside of a repository is that directory', async () => {
    await git('init', '--quiet');
    await git('add', '.');
    await git('commit', '--quiet', '-m', 'first');
    await writeFile(path.join(from, 'a.go'), 'edited, but above');
    const copied = await copy(path.join(from, 'sub'));
    expect(await filesOf(copied.directory)).toEqual(['b.go']);
    expect(copied.isDirty).toBe(false);
  });

  it('before the first commit has no revision, and everything in it is new', async () => {
    await git('init', '--quiet');
    expect(await copy()).toMatchObject({ revision: undefined, isDirty: true });
  });

  it('outside of git is all of it', async () => {
    await writeFile(path.join(from, 'build.log'), 'nobody ignores it');
    const copied = await copy();
    expect(await filesOf(copied.directory)).toEqual(await filesOf(from));
    expect(copied).toMatchObject({ revision: undefined, isDirty: false });
  });
});

describe('changes of the copy', () => {
  it('are there while they are wanted, and gone after, also when what wanted them fails', async () => {
    const before = await readFile(path.join(from, 'a.go'), 'utf8');
    const change = { path: 'a.go', change: (text: string) => `${text} changed` };
    const failing = withChanges(from, [change], async () => {
      expect(await readFile(path.join(from, 'a.go'), 'utf8')).toBe('a.go changed');
      throw new Error('the build broke');
    });
    await expect(failing).rejects.toThrow('the build broke');
    expect(await readFile(path.join(from, 'a.go'), 'utf8')).toBe(before);
  });
});
