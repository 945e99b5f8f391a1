import { createReadStream } from 'node:fs';
import { chmod, lstat, readdir, readlink, rm } from 'node:fs/promises';
import path from 'node:path';
import { newSha256 } from '../../core/digest.ts';
import { SlipwayError } from '../../core/errors.ts';
import type { Tree, TreeEntry } from './compare-trees.ts';

/**
 * Reads what a local export left in a directory: type, mode and content of each path. Links are not followed. Throws
 * AUDIT_IMPOSSIBLE for a file that can't be read.
 */
export async function readTree(root: string, signal: AbortSignal): Promise<Tree> {
  const tree = new Map<string, TreeEntry>();
  try {
    await readInto(tree, { root, signal }, '');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
    throw new SlipwayError('AUDIT_IMPOSSIBLE', "the build's result holds a file that this user may not read", {
      hint: 'run the audit as root, or audit a target without such files',
      cause: error,
    });
  }
  return tree;
}

/** Takes an exported tree away, also one with directories that nobody but root may write, such as a module cache's. */
export async function removeTree(root: string): Promise<void> {
  await makeWritable(root);
  await rm(root, { recursive: true, force: true });
}

async function readInto(
  tree: Map<string, TreeEntry>,
  place: { readonly root: string; readonly signal: AbortSignal },
  directory: string,
): Promise<void> {
  for (const name of await readdir(path.join(place.root, directory))) {
    place.signal.throwIfAborted();
    const relative = directory === '' ? name : `${directory}/${name}`;
    const entry = await readEntry(path.join(place.root, relative));
    tree.set(relative, entry);
    if (entry.type === 'directory') await readInto(tree, place, relative);
  }
}

async function readEntry(file: string): Promise<TreeEntry> {
  const facts = await lstat(file);
  const mode = facts.mode & 0o7777;
  // The mode of a link is the system's.
  if (facts.isSymbolicLink()) return { type: 'link', mode: 0o777, content: await readlink(file) };
  if (facts.isDirectory()) return { type: 'directory', mode, content: '' };
  if (!facts.isFile()) return { type: 'other', mode, content: '' };
  const hash = newSha256();
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return { type: 'file', mode, content: `sha256:${hash.digest('hex')}` };
}

async function makeWritable(directory: string): Promise<void> {
  await chmod(directory, 0o700);
  for (const entry of await readdir(directory, { withFileTypes: true }))
    if (entry.isDirectory()) await makeWritable(path.join(directory, entry.name));
}
