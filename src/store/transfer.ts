import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { Clock } from '../core/clock.ts';
import { hexOf, newSha256, type Digest } from '../core/digest.ts';
import { isSlipwayError, SlipwayError } from '../core/errors.ts';
import { hasSecondSource, type BlobDescriptor, type ReadOptions, type Store, type WriteResult } from './port.ts';

export interface DownloadOptions extends ReadOptions {
  readonly clock: Clock;
  /** Called with the bytes of each chunk as it is on disk; what was there already isn't counted. */
  readonly onBytes?: (bytes: number) => void;
}

/** Breaks in a row without a byte of progress, and breaks in all, before a transfer is given up. */
const MAX_BREAKS_IN_A_ROW = 3;
const MAX_BREAKS = 10;
const READ_CHUNK_BYTES = 256 * 1024;

/**
 * Brings a blob into a file. The file has its name only once its digest was checked. A broken transfer goes on where it
 * stopped; what an earlier call left half done is taken up too, and rehashed with the rest.
 */
export async function downloadBlob(
  store: Store,
  blob: BlobDescriptor,
  filePath: string,
  options: DownloadOptions,
): Promise<'done' | 'missing'> {
  await mkdir(dirname(filePath), { recursive: true });
  const partial = `${filePath}.partial`;
  // Taken by renaming: of several processes only one gets it, and nobody else writes to it.
  const temporary = `${filePath}.${randomBytes(6).toString('hex')}.tmp`;
  const isResumed = await renameIfThere(partial, temporary);
  try {
    const outcome = await fetchInto(store, blob, temporary, options);
    if (outcome === 'done') await rename(temporary, filePath);
    return outcome;
  } catch (error) {
    if (isSlipwayError(error, 'BLOB_CORRUPT')) {
      await rm(temporary, { force: true });
      // The left-over may have been what was wrong, or another place may have the right one: once more, from nothing.
      const hasOther = hasSecondSource(store) && store.rejectBlob(blob.digest);
      if (isResumed || hasOther) return downloadBlob(store, blob, filePath, options);
    } else if (!isDiskFull(error) && !isStoppedByFullDisk(options.signal)) {
      // On a full disk what came so far would only be in the way of the build.
      await renameIfThere(temporary, partial);
    }
    throw diskError(error, filePath);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function fetchInto(
  store: Store,
  blob: BlobDescriptor,
  path: string,
  options: DownloadOptions,
): Promise<'done' | 'missing'> {
  let breaksInARow = 0;
  for (let breaks = 0; ; ) {
    const before = (await sizeOf(path)) ?? 0;
    if (before > blob.sizeBytes) throw wrongSize(blob, before);
    try {
      const result = await fetchRest(store, blob, path, { ...options, have: before });
      if (result === 'missing') return 'missing';
      if (result === 'unverified') await checkFile(blob, path, options.signal);
      return 'done';
    } catch (error) {
      if (!isSlipwayError(error) || !error.retryable) throw error;
      breaks += 1;
      breaksInARow = ((await sizeOf(path)) ?? 0) > before ? 1 : breaksInARow + 1;
      if (breaks >= MAX_BREAKS || breaksInARow >= MAX_BREAKS_IN_A_ROW) throw error;
      await options.clock.sleep(500 * 2 ** (breaksInARow - 1), options.signal);
    }
  }
}

async function fetchRest(
  store: Store,
  blob: BlobDescriptor,
  path: string,
  options: DownloadOptions & { readonly have: number },
): Promise<'verified' | 'unverified' | 'missing'> {
  const { have, signal } = options;
  if (have === blob.sizeBytes && have > 0) return 'unverified';
  const found = await store.readBlob(blob.digest, { offset: have, ...(signal && { signal }) });
  if (!found) return 'missing';
  const file = await open(path, found.offset === 0 ? 'w' : 'r+');
  try {
    let at = found.offset;
    for await (const chunk of found.body) {
      if (at + chunk.byteLength > blob.sizeBytes) throw wrongSize(blob, at + chunk.byteLength);
      await writeFully(file, chunk, at);
      at += chunk.byteLength;
      options.onBytes?.(chunk.byteLength);
    }
    if (at < blob.sizeBytes) throw wrongSize(blob, at);
  } finally {
    await file.close();
  }
  return found.offset === 0 && found.isVerified === true ? 'verified' : 'unverified';
}

/** A nearly full disk takes less than it is given, and says so only to the next write. */
async function writeFully(file: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < chunk.byteLength; ) {
    const { bytesWritten } = await file.write(chunk, done, chunk.byteLength - done, position + done);
    done += bytesWritten;
  }
}

async function checkFile(blob: BlobDescriptor, path: string, signal?: AbortSignal): Promise<void> {
  const { digest } = await hashFile(path, signal);
  if (digest !== blob.digest) {
    throw new SlipwayError('BLOB_CORRUPT', `the blob \`${blob.digest}\` arrived as ${digest}`);
  }
}

async function hashFile(path: string, signal?: AbortSignal): Promise<{ digest: Digest; sizeBytes: number }> {
  const hash = newSha256();
  let sizeBytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: READ_CHUNK_BYTES })) {
    signal?.throwIfAborted();
    hash.update(chunk as Buffer);
    sizeBytes += (chunk as Buffer).byteLength;
    // Hashing is synchronous: let transfers and the progress view have their turn.
    await yieldToOthers();
  }
  return { digest: `sha256:${hash.digest('hex')}`, sizeBytes };
}

export interface DirectoryDownloadOptions extends DownloadOptions {
  readonly directory: string;
}

/** `present`: it was in the directory already, with the right size and digest. */
export type DownloadOutcome = 'present' | 'done' | 'missing' | 'corrupt';

/** The file of a blob in a download directory. */
export function blobFile(directory: string, digest: Digest): string {
  return join(directory, hexOf(digest));
}

/**
 * Brings a blob into `blobFile(directory, digest)`, unless it is there. One that is missing or corrupt is an outcome; a
 * store that fails throws.
 */
export async function downloadToDirectory(
  store: Store,
  blob: BlobDescriptor,
  options: DirectoryDownloadOptions,
): Promise<DownloadOutcome> {
  const path = blobFile(options.directory, blob.digest);
  if ((await sizeOf(path)) === blob.sizeBytes) {
    const { digest } = await hashFile(path, options.signal);
    if (digest === blob.digest) return 'present';
  }
  try {
    return await downloadBlob(store, blob, path, options);
  } catch (error) {
    if (isSlipwayError(error, 'BLOB_CORRUPT')) return 'corrupt';
    throw error;
  }
}

/** Sends a file; the file must be the blob, which is checked as it is read. What is read again isn't counted again. */
export async function uploadBlob(
  store: Pick<Store, 'writeBlob'>,
  blob: BlobDescriptor,
  filePath: string,
  options: ReadOptions & { readonly onBytes?: (bytes: number) => void } = {},
): Promise<WriteResult> {
  const { onBytes, ...writeOptions } = options;
  let furthest = 0;
  async function* source(): AsyncGenerator<Uint8Array> {
    let at = 0;
    for await (const chunk of createReadStream(filePath, { highWaterMark: READ_CHUNK_BYTES })) {
      yield chunk as Buffer;
      at += (chunk as Buffer).byteLength;
      if (at <= furthest) continue;
      onBytes?.(at - furthest);
      furthest = at;
    }
  }
  return store.writeBlob(blob, source, writeOptions);
}

async function renameIfThere(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function wrongSize(blob: BlobDescriptor, bytes: number): SlipwayError {
  const told = bytes > blob.sizeBytes ? `more than its ${blob.sizeBytes}` : `${bytes} instead of its ${blob.sizeBytes}`;
  return new SlipwayError('BLOB_CORRUPT', `the blob \`${blob.digest}\` has ${told} bytes`);
}

/** Another download of the same restore met the full disk first. */
function isStoppedByFullDisk(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true && isSlipwayError(signal.reason, 'DISK_FULL');
}

function isDiskFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

function diskError(error: unknown, path: string): unknown {
  if (!isDiskFull(error)) return error;
  return new SlipwayError('DISK_FULL', `no space is left for \`${path}\``, { cause: error });
}
