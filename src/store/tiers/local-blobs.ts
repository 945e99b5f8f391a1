import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { blobFile } from '../transfer.ts';
import type { LocalBlob } from './fill-tier.ts';

/** Blobs that earlier downloads left in these directories. */
export function localBlobsIn(directories: readonly string[]): LocalBlob {
  return async (digest) => {
    for (const directory of directories) {
      const path = blobFile(directory, digest);
      if (await isFile(path)) return () => createReadStream(path, { highWaterMark: 256 * 1024 });
    }
    return undefined;
  };
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
