import { newSha256 } from '../core/digest.ts';
import { SlipwayError } from '../core/errors.ts';
import type { BlobDescriptor, BlobSource } from './port.ts';

/** Ends with the signal's reason as soon as it is aborted, even while the source is silent. */
export async function* abortable(source: AsyncIterable<Uint8Array>, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  if (!signal) return yield* source;
  signal.throwIfAborted();
  const iterator = source[Symbol.asyncIterator]();
  const aborted = Promise.withResolvers<never>();
  aborted.promise.catch(() => undefined);
  const onAbort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  let isOver = false;
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), aborted.promise]);
      if (next.done) {
        isOver = true;
        return;
      }
      yield next.value;
      signal.throwIfAborted();
    }
  } catch (error) {
    isOver = !signal.aborted;
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
    // Not awaited: a source that hangs would hang its own return as well.
    if (!isOver) void Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

/**
 * What is about to be written, held against its descriptor: a source of another size or digest is BLOB_CORRUPT. The last
 * chunk is held back until the whole is known to be right, so that no server ever has all of a wrong body.
 */
export async function* checkedSource(blob: BlobDescriptor, source: BlobSource): AsyncGenerator<Uint8Array> {
  const hash = newSha256();
  let size = 0;
  let held: Uint8Array | undefined;
  for await (const chunk of source()) {
    size += chunk.byteLength;
    if (size > blob.sizeBytes) throw wrongSource(blob, `more than ${blob.sizeBytes} bytes`);
    hash.update(chunk);
    if (held) yield held;
    held = chunk;
  }
  if (size !== blob.sizeBytes) throw wrongSource(blob, `${size} bytes instead of ${blob.sizeBytes}`);
  const digest = `sha256:${hash.digest('hex')}`;
  if (digest !== blob.digest) throw wrongSource(blob, `the digest ${digest}`);
  if (held) yield held;
}

function wrongSource(blob: BlobDescriptor, what: string): SlipwayError {
  return new SlipwayError('BLOB_CORRUPT', `what is to be stored as \`${blob.digest}\` has ${what}`);
}
