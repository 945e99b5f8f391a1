import { createReadStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { hexOf } from '../core/digest.ts';
import type { PackToInject } from '../buildkit/inject-packs.ts';
import { expandPack } from '../pack/compression.ts';
import { createGzipWriter } from '../pack/gzip-stream.ts';
import { isZstd, ZSTD_MAGIC } from '../pack/zstd-frame.ts';
import { writePackFile } from './pack-file.ts';

/**
 * The packs for a builder that nothing but its image's own `tar` can unpack: those by zstd are written anew by gzip, into
 * `directory`. The client pays for it, the store keeps what it has.
 */
export async function gzipPacks(
  packs: readonly PackToInject[],
  directory: string,
  signal: AbortSignal,
): Promise<readonly PackToInject[]> {
  await mkdir(directory, { recursive: true });
  const gzipped: PackToInject[] = [];
  for (const pack of packs) {
    if (!(await isZstdFile(pack.file))) gzipped.push(pack);
    else gzipped.push({ ...pack, file: await gzipTo(path.join(directory, hexOf(pack.digest)), pack.file, signal) });
  }
  return gzipped;
}

async function isZstdFile(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer } = await handle.read(Buffer.alloc(ZSTD_MAGIC.length), 0, ZSTD_MAGIC.length, 0);
    return isZstd(buffer);
  } finally {
    await handle.close();
  }
}

async function gzipTo(file: string, source: string, signal: AbortSignal): Promise<string> {
  await writePackFile(file, async (write) => {
    const writer = createGzipWriter(write);
    let chunks: Uint8Array[] = [];
    const drain = async (): Promise<void> => {
      const ready = chunks;
      chunks = [];
      for (const chunk of ready) await writer.write(chunk);
    };
    try {
      await expandPack(createReadStream(source, { highWaterMark: 1 << 18 }), {
        signal,
        onBytes: (chunk) => chunks.push(chunk),
        onPause: drain,
      });
      await drain();
      await writer.end();
    } finally {
      writer.destroy();
    }
  });
  return file;
}
