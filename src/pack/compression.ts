import { gunzipMember } from './gzip-stream.ts';
import { packError } from './pack-error.ts';
import { isZstd, ZSTD_MAGIC } from './zstd-frame.ts';
import { expandZstd } from './zstd-stream.ts';

/** How the tar of a pack is compressed. */
export type Compression = 'gzip' | 'zstd';

export interface ExpandOptions {
  /** Each compressed chunk, before it is expanded. */
  readonly onCompressed?: (chunk: Uint8Array) => void;
  /** Each expanded chunk. What it throws ends the reading. */
  readonly onBytes: (chunk: Uint8Array) => void;
  /** Awaited after each piece: where a consumer with an appetite of its own catches up. */
  readonly onPause?: (() => Promise<void> | void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Expands a pack of either compression, which its first bytes tell. */
export async function expandPack(body: AsyncIterable<Uint8Array>, options: ExpandOptions): Promise<Compression> {
  const chunks = body[Symbol.asyncIterator]();
  try {
    const first: Uint8Array[] = [];
    for (let bytes = 0; bytes < ZSTD_MAGIC.length; ) {
      const next = await chunks.next();
      if (next.done === true) break;
      first.push(next.value);
      bytes += next.value.length;
    }
    const compression = compressionOf(Buffer.concat(first.map((chunk) => chunk.subarray(0, ZSTD_MAGIC.length))));
    const whole = joined(first, chunks);
    await (compression === 'zstd' ? expandZstd(whole, options) : gunzipMember(whole, options));
    return compression;
  } finally {
    await chunks.return?.();
  }
}

async function* joined(first: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

function compressionOf(head: Uint8Array): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  if (isZstd(head)) return 'zstd';
  throw packError('this is neither a gzip nor a zstd file', { packedOffset: 0 });
}
