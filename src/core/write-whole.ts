import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

export type FileContent = string | Uint8Array | AsyncIterable<Uint8Array>;

/**
 * Puts a file in its place whole or not at all: written beside it and renamed, so that its name always means a whole file. Its
 * directory has to be there; `mode` is what the umask leaves of it.
 */
export async function replaceFile(path: string, content: FileContent, mode: number = 0o666): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeFile(temporary, content, { flag: 'wx', mode });
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** The same with its directory; of slipway's own files, readable by their owner alone. */
export async function writeWhole(path: string, content: FileContent, mode: number = 0o600): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await replaceFile(path, content, mode);
}
