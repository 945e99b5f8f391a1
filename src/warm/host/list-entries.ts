import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { SlipwayError } from '../../core/errors.ts';
import type { MountKind } from '../../core/mount-kind.ts';
import { isEntryParent, isEntryPath } from '../../pack/grammar.ts';

/** A cache directory of the Go on this machine. */
export interface HostCache {
  readonly kind: MountKind;
  /** Absolute, and no link itself: where Go's files really are. */
  readonly directory: string;
}

export interface EntryFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
}

/** The directories below a GOCACHE that entries lie in. */
export async function gocacheDirectories({ directory }: HostCache): Promise<readonly string[]> {
  return (await readdir(directory)).filter((name) => name !== '' && isEntryParent('gocache', name)).sort();
}

/** The directories, relative to their cache, that entries of these names lie in. */
export function directoriesOf(names: Iterable<string>): readonly string[] {
  return [...new Set([...names].map((name) => path.posix.dirname(name)))].sort();
}

/** Paths of the entries that lie in these directories. Throws MOUNT_HOSTILE where Go would go through a link. */
export async function listEntries(cache: HostCache, directories: readonly string[]): Promise<readonly string[]> {
  const isPlain = plainDirectories(cache);
  const found: string[] = [];
  for (const directory of directories) {
    if (!(await isPlain(directory))) continue;
    for (const entry of await readdir(path.join(cache.directory, directory), { withFileTypes: true })) {
      const name = `${directory}/${entry.name}`;
      // An executable that `go run` keeps is a directory with the name of an output: it stays where it is.
      if (!isEntryPath(cache.kind, name) || entry.isDirectory()) continue;
      if (!entry.isFile()) throw hostile(cache, name);
      found.push(name);
    }
  }
  return found;
}

/** The same with their sizes and times; one that Go removes meanwhile is none. */
export async function listFiles(cache: HostCache, directories: readonly string[]): Promise<readonly EntryFile[]> {
  const files: EntryFile[] = [];
  for (const directory of directories) {
    const names = await listEntries(cache, [directory]);
    files.push(...(await Promise.all(names.map((name) => fileOf(cache, name)))).flat());
  }
  return files;
}

async function fileOf(cache: HostCache, name: string): Promise<readonly EntryFile[]> {
  const found = await statOrNot(path.join(cache.directory, name));
  return found?.isFile() === true ? [{ path: name, sizeBytes: found.size, modifiedAtMs: found.mtimeMs }] : [];
}

/** Answers whether a directory below the cache is there, with nothing but directories on the way to it. */
export function plainDirectories(cache: HostCache): (directory: string) => Promise<boolean> {
  const known = new Map<string, boolean>();
  const isPlain = async (directory: string): Promise<boolean> => {
    if (directory === '.') return true;
    const before = known.get(directory);
    if (before !== undefined) return before;
    if (!(await isPlain(path.posix.dirname(directory)))) return false;
    const found = await statOrNot(path.join(cache.directory, directory));
    if (found !== undefined && !found.isDirectory()) throw hostile(cache, directory);
    // What isn't there may be made later.
    if (found !== undefined) known.set(directory, true);
    return found !== undefined;
  };
  return isPlain;
}

async function statOrNot(file: string) {
  try {
    return await lstat(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function hostile({ kind, directory }: HostCache, name: string): SlipwayError {
  return new SlipwayError(
    'MOUNT_HOSTILE',
    `the ${kind} holds \`${path.join(directory, name)}\`, which is a link or no plain file`,
    { hint: 'Go never makes one there: find out who did, and remove it' },
  );
}
