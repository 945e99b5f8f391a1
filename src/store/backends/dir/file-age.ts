import { randomBytes } from 'node:crypto';
import { link, open, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TEMPORARY_PREFIX } from './atomic-file.ts';
import { isMissing, storageError } from './storage-error.ts';

const YOUNG_MS = 3600 * 1000;

/**
 * What time it is for the disk, which may be another machine's: the time of a file that is made for it. Undefined for a
 * directory that isn't there.
 */
export async function readDiskClock(directory: string): Promise<number | undefined> {
  const probe = temporaryIn(directory);
  try {
    const file = await open(probe, 'wx');
    try {
      return (await file.stat()).mtimeMs;
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw storageError(error, probe);
  } finally {
    await rm(probe, { force: true });
  }
}

/** Makes a file as young as one that is made now; nothing where there is none. */
export async function touch(path: string): Promise<void> {
  try {
    await stat(path);
    const nowMs = await readDiskClock(dirname(path));
    if (nowMs !== undefined) await utimes(path, nowMs / 1000, nowMs / 1000);
  } catch (error) {
    if (!isMissing(error)) throw storageError(error, path);
  }
}

/** Leaves alone what is less than an hour old. A clock of ours that is far off makes every file look old or from the future. */
export async function touchUnlessYoung(path: string, nowMs: number): Promise<void> {
  try {
    if (Math.abs(nowMs - (await stat(path)).mtimeMs) < YOUNG_MS) return;
  } catch (error) {
    if (!isMissing(error)) throw storageError(error, path);
    return;
  }
  await touch(path);
}

/**
 * Removes a file unless it was made or touched since. It is looked at under a name that nobody else knows, so a touch
 * that comes in between isn't lost: then it gets its own name back.
 */
export async function removeWrittenBefore(path: string, writtenBeforeMs: number | undefined): Promise<void> {
  try {
    if (writtenBeforeMs === undefined) return await rm(path, { force: true });
    if ((await stat(path)).mtimeMs >= writtenBeforeMs) return;
    const aside = temporaryIn(dirname(path));
    await rename(path, aside);
    try {
      if ((await stat(aside)).mtimeMs >= writtenBeforeMs) await linkBack(aside, path);
    } finally {
      await rm(aside, { force: true });
    }
  } catch (error) {
    if (!isMissing(error)) throw storageError(error, path);
  }
}

async function linkBack(aside: string, path: string): Promise<void> {
  try {
    await link(aside, path);
  } catch (error) {
    // Whoever missed it has written it anew.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function temporaryIn(directory: string): string {
  return join(directory, TEMPORARY_PREFIX + randomBytes(8).toString('hex'));
}
