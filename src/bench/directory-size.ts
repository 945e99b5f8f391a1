import { readdir, lstat } from 'node:fs/promises';
import { join } from 'node:path';

/** The files below a directory with their bytes, by path; links aren't followed. */
export async function listFiles(directory: string): Promise<ReadonlyMap<string, number>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = new Map<string, number>();
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) files.set(path, (await lstat(path)).size);
  }
  return files;
}

export async function directoryBytes(directory: string): Promise<number> {
  return sumOf(await listFiles(directory));
}

export function sumOf(sizes: ReadonlyMap<string, number>): number {
  return [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
}
