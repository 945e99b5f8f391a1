import { execFile, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { type Digest, digestOf } from '../../../src/core/digest.ts';
import { isEntryPath } from '../../../src/pack/grammar.ts';
import type { Split } from './results.ts';
import { type CacheFile, splitEntries } from './split-entries.ts';

const run = promisify(execFile);

/** A pack on this disk. */
export interface MadePack {
  readonly digest: Digest;
  readonly file: string;
  readonly sizeBytes: number;
  readonly entries: readonly CacheFile[];
}

/** Builds the project with an empty GOCACHE `directory`, and answers what it holds then. */
export async function buildCache(
  project: string,
  directory: string,
  signal: AbortSignal,
): Promise<readonly CacheFile[]> {
  await mkdir(directory, { recursive: true });
  const env = { ...process.env, GOCACHE: directory, GOTOOLCHAIN: 'local', CGO_ENABLED: '0' };
  await run('go', ['build', '-o', join(directory, '..', 'program'), '.'], { cwd: project, env, signal });
  const names = (await readdir(directory, { recursive: true })).filter((name) => isEntryPath('gocache', name));
  return Promise.all(names.map(async (path) => ({ path, sizeBytes: (await stat(join(directory, path))).size })));
}

/** Packs as the extract step makes them, by `tar` and the helper program at the level of a first save. */
export async function makePacks(
  cache: { readonly directory: string; readonly files: readonly CacheFile[] },
  { packs, manner }: Split,
  { program, to, signal }: { readonly program: string; readonly to: string; readonly signal: AbortSignal },
): Promise<readonly MadePack[]> {
  const tree = join(to, 'tree');
  await mkdir(tree, { recursive: true });
  await symlink(cache.directory, join(tree, 'gocache'));
  const made: MadePack[] = [];
  for (const [index, entries] of splitEntries(cache.files, packs, manner).entries()) {
    const [list, file] = [join(to, `${index}.txt`), join(to, `${index}.pack`)];
    await writeFile(list, entries.map(({ path }) => `gocache/${path}\n`).join(''));
    const tar = spawn('tar', ['-c', '-f', '-', '--numeric-owner', '--no-recursion', '-T', list], { cwd: tree, signal });
    const pack = spawn(program, ['pack', '3'], { signal, stdio: ['pipe', 'pipe', 'inherit'] });
    await Promise.all([pipeline(tar.stdout, pack.stdin), pipeline(pack.stdout, createWriteStream(file))]);
    const bytes = await readFile(file);
    made.push({ digest: digestOf(bytes), file, sizeBytes: bytes.length, entries });
  }
  return made;
}
