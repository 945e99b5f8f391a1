import { randomBytes } from 'node:crypto';
import { lstat, mkdir, readdir, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type HostCache, plainDirectories } from './list-entries.ts';

/** The directory of slipway's own in a cache, which Go never looks into. */
const OWN = '.slipway';
const STAGE = /^stage-[0-9a-f]{16}$/;
/** No restore takes that long: what a killed one left behind. */
const STALE_MS = 24 * 3600 * 1000;

/** A directory on the disk of the cache for files that are not whole yet; gone at the end, as is all that is older than a day. */
export async function openStage(cache: HostCache): Promise<AsyncDisposable & { readonly directory: string }> {
  const own = await makeOwn(cache);
  for (const name of await readdir(own)) {
    const left = path.join(own, name);
    if (STAGE.test(name) && (await stat(left)).mtimeMs < Date.now() - STALE_MS) await rm(left, { recursive: true });
  }
  const directory = path.join(own, `stage-${randomBytes(8).toString('hex')}`);
  await mkdir(directory);
  return {
    directory,
    [Symbol.asyncDispose]: async () => {
      await rm(directory, { recursive: true, force: true });
      await rmdir(own).catch(passNotEmpty);
    },
  };
}

/** Marks a build cache for as long as it lives: what it holds is not to be signed. */
export async function markUnsigned(cache: HostCache): Promise<void> {
  await writeFile(path.join(await makeOwn(cache), 'unsigned'), '');
}

export async function isMarkedUnsigned({ directory }: HostCache): Promise<boolean> {
  try {
    await lstat(path.join(directory, OWN, 'unsigned'));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

async function makeOwn(cache: HostCache): Promise<string> {
  const own = path.join(cache.directory, OWN);
  if (!(await plainDirectories(cache)(OWN))) await mkdir(own, { recursive: true });
  return own;
}

/** It holds the mark, or the stage of another run. */
function passNotEmpty(error: unknown): void {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(code)) throw error;
}
