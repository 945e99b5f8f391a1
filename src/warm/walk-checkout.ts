import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { UserBuild } from '../buildkit/types.ts';

/** Directories that Go leaves out of a module's packages, or that hold no checkout of ours. */
const CLOSED = new Set(['.git', '.hg', '.svn', 'node_modules', 'testdata', 'vendor']);

/** A directory of a checkout, absolute, with the names of its files. */
export interface CheckoutDirectory {
  readonly path: string;
  readonly files: ReadonlySet<string>;
}

/** The context of a build, and what `--build-context name=directory` adds; not each of them is a directory here. */
export function contextRoots({
  context,
  buildContexts,
}: Pick<UserBuild, 'context' | 'buildContexts'>): readonly string[] {
  return [context, ...buildContexts.map((named) => named.slice(named.indexOf('=') + 1))];
}

/** Every directory below these; what is no directory here comes from elsewhere. */
export async function* walkCheckout(roots: readonly string[], signal: AbortSignal): AsyncGenerator<CheckoutDirectory> {
  const open = [...(await localDirectories(roots))].toReversed();
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    signal.throwIfAborted();
    const entries = await listDirectory(at);
    yield { path: at, files: new Set(entries.filter((entry) => entry.isFile()).map(({ name }) => name)) };
    for (const entry of entries) {
      if (entry.isDirectory() && !CLOSED.has(entry.name)) open.push(path.join(at, entry.name));
    }
  }
}

async function localDirectories(roots: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const place of new Set(roots)) if (await isDirectory(place)) found.push(path.resolve(place));
  // One that lies inside of another is read with it.
  return found.filter((place) => !found.some((other) => other !== place && place.startsWith(`${other}${path.sep}`)));
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

async function listDirectory(directory: string) {
  try {
    return await readdir(directory, { withFileTypes: true });
  } catch (error) {
    // What may not be read, or went away meanwhile, isn't sent to BuildKit either.
    if (['EACCES', 'ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}
