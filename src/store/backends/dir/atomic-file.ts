import { randomBytes } from 'node:crypto';
import { link, mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { storageError } from './storage-error.ts';

export const TEMPORARY_PREFIX = '.tmp-';

export interface AtomicWrite {
  readonly path: string;
  /** `keep` leaves a file of that name alone and tells so; `replace` puts the new one in its place. */
  readonly ifExists: 'keep' | 'replace';
}

/**
 * Writes beside the target, syncs, and only then gives it its name, by link(2), which never replaces: a reader sees the
 * whole file or none, and of two writers one wins. The directory is synced too, so that the name survives a power cut.
 */
export async function writeAtomically(
  target: AtomicWrite,
  chunks: AsyncIterable<Uint8Array>,
): Promise<'written' | 'exists'> {
  const directory = dirname(target.path);
  const temporary = join(directory, TEMPORARY_PREFIX + randomBytes(8).toString('hex'));
  try {
    await makeDirectories(directory);
    const file = await open(temporary, 'wx');
    try {
      for await (const chunk of chunks) await writeFully(file, chunk);
      await file.sync();
    } finally {
      await file.close();
    }
    const result = await publish(temporary, target);
    if (result === 'written') await syncDirectory(directory);
    return result;
  } catch (error) {
    throw storageError(error, target.path);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Where the disk is read-only Node's recursive call says ENOENT: making the first missing one alone tells the truth. */
async function makeDirectories(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    await makeDirectories(dirname(directory));
    await mkdir(directory);
  }
}

async function publish(temporary: string, target: AtomicWrite): Promise<'written' | 'exists'> {
  if (target.ifExists === 'replace') {
    await rename(temporary, target.path);
    return 'written';
  }
  try {
    await link(temporary, target.path);
    return 'written';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return 'exists';
    throw error;
  }
}

/** A write may take less than it is given, on a nearly full disk for one. */
async function writeFully(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.byteLength; ) at += (await file.write(chunk, at)).bytesWritten;
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
