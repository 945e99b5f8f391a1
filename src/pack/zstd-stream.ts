import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib';
import { type CompressedWriter, createCompressedWriter } from './compressed-writer.ts';
import type { ExpandOptions } from './compression.ts';
import { packError } from './pack-error.ts';
import { createFrameWalker, MAX_WINDOW_LOG } from './zstd-frame.ts';

/** Pieces fed at a time, and the most that is handed on at once: smaller ones cost twice the computing. */
const PIECE_BYTES = 256 * 1024;
const EXPANDED_BYTES = 1024 * 1024;
const PACKED_BYTES = 64 * 1024;

/** Expands a zstd file of exactly one frame. Holds its window, 8 MiB at most, and no more. */
export async function expandZstd(body: AsyncIterable<Uint8Array>, options: ExpandOptions): Promise<void> {
  const decoder = createZstdDecompress({
    chunkSize: EXPANDED_BYTES,
    params: { [constants.ZSTD_d_windowLogMax]: MAX_WINDOW_LOG },
  });
  const frame = createFrameWalker();
  let bytesIn = 0;
  let fail: ((error: unknown) => void) | undefined;
  decoder.on('data', (chunk: Uint8Array) => {
    if (decoder.destroyed) return;
    try {
      options.onBytes(chunk);
    } catch (error) {
      fail?.(error);
      // A few bytes may stand for a gigabyte: nobody waits for the rest of it.
      decoder.destroy();
    }
  });
  const damaged = (error: unknown) =>
    packError(`the zstd data is damaged (${String(error)})`, { packedOffset: bytesIn });
  decoder.on('error', (error) => fail?.(damaged(error)));
  const expand = (feed: (done: (error?: Error | null) => void) => void): Promise<void> =>
    new Promise((resolve, reject) => {
      fail = reject;
      feed((error) => (error ? reject(damaged(error)) : resolve()));
    });
  try {
    for await (const chunk of body) {
      options.signal?.throwIfAborted();
      options.onCompressed?.(chunk);
      for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
        const piece = chunk.subarray(at, at + PIECE_BYTES);
        frame.push(piece);
        bytesIn += piece.length;
        await expand((done) => decoder.write(piece, done));
        await options.onPause?.();
        options.signal?.throwIfAborted();
      }
    }
    frame.end();
    await expand((done) => decoder.once('end', () => done()).end());
    await options.onPause?.();
  } finally {
    decoder.destroy();
  }
}

/** One zstd frame with a checksum; the same bytes in give the same bytes out. `level` as of zstd, negative ones too. */
export function createZstdWriter(write: (chunk: Uint8Array) => Promise<void>, level: number): CompressedWriter {
  const encoder = createZstdCompress({
    chunkSize: PACKED_BYTES,
    params: {
      [constants.ZSTD_c_compressionLevel]: level,
      [constants.ZSTD_c_windowLog]: WRITTEN_WINDOW_LOG,
      [constants.ZSTD_c_checksumFlag]: 1,
    },
  });
  return createCompressedWriter(encoder, write);
}

/** 2 MiB: a reader holds as much for each pack that it reads. */
const WRITTEN_WINDOW_LOG = 21;
