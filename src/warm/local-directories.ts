import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { UserBuild } from '../buildkit/types.ts';

/** Directories that Go leaves out of a module's packages, or that hold no checkout of ours. */
const CLOSED = new Set(['.git', '.hg', '.svn', 'node_modules', 'testdata', 'vendor']);

/** The context, and what `--build-context name=directory` adds; what is no directory here comes from elsewhere. */
export async function localDirectories(build: UserBuild): Promise<readonly string[]> {
  const named = build.buildContexts.map((context) => context.slice(context.indexOf('=') + 1));
  const found: string[] = [];
  for (const place of new Set([build.context, ...named])) if (await isDirectory(place)) found.push(path.resolve(place));
  // One that lies inside of another is read with it.
  return found.filter((place) => !found.some((other) => other !== place && place.startsWith(`${other}${path.sep}`)));
}

/** Each directory below `root` that a checkout's code may lie in, with the names of its files. */
export async function* walkCheckout(
  root: string,
  signal: AbortSignal,
): AsyncGenerator<{ readonly directory: string; readonly files: readonly string[] }> {
  for (const open = [root]; ; ) {
    const directory = open.pop();
    if (directory === undefined) return;
    signal.throwIfAborted();
    const entries = await listDirectory(directory);
    yield { directory, files: entries.filter((entry) => entry.isFile()).map(({ name }) => name) };
    for (const entry of entries) {
      if (entry.isDirectory() && !CLOSED.has(entry.name)) open.push(path.join(directory, entry.name));
    }
  }
}

async function isDirectory(place: string): Promise<boolean> {
  try {
    return (await stat(place)).isDirectory();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? ''))
      return false;
    throw error;
  }
}

async function listDirectory(directory: string): Promise<Dirent[]> {
  try {
    return await readdir(directory, { withFileTypes: true });
  } catch (error) {
    // What may not be read, or went away meanwhile, isn't sent to BuildKit either.
    if (['EACCES', 'ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}
