import { crc32, createInflateRaw, inflateRawSync } from 'node:zlib';
import { findContent, type ZipEntry, type ZipSource } from './zip-entries.ts';

/** Larger files of a zip are better inflated in pieces. */
export const WHOLE_BYTES: number = 1024 ** 2;
const PIECE_BYTES = 256 * 1024;

/**
 * The content of one entry of a zip; undefined when it isn't what the directory says, or has more than `maxBytes`. The whole of it is
 * in memory. `start` is for who looked for the content before.
 */
export function readZipContent(
  zip: ZipSource,
  entry: ZipEntry,
  maxBytes: number,
  start: number | string = findContent(zip, entry),
): Buffer | undefined {
  if (typeof start === 'string' || entry.sizeBytes > maxBytes || entry.compressedBytes > maxBytes) return undefined;
  const stored = zip.read(start, entry.compressedBytes);
  const content = entry.isDeflated ? inflateWhole(stored, entry.sizeBytes) : stored;
  const isRight = content !== undefined && content.length === entry.sizeBytes && crc32(content) === entry.crc;
  return isRight ? content : undefined;
}

type Take = (chunk: Uint8Array) => void | Promise<void>;

/** The same piece by piece; false when the content wasn't what the directory says, which is known at its end. */
export async function streamZipContent(
  zip: ZipSource,
  entry: ZipEntry,
  take: Take,
  start: number | string = findContent(zip, entry),
): Promise<boolean> {
  if (typeof start === 'string') return false;
  let sizeBytes = 0;
  let crc = 0;
  const measure = (chunk: Uint8Array): void | Promise<void> => {
    crc = crc32(chunk, crc);
    sizeBytes += chunk.length;
    return take(chunk);
  };
  const end = start + entry.compressedBytes;
  if (entry.isDeflated) {
    if (!(await inflateInPieces(zip, { start, end, maxBytes: entry.sizeBytes, take: measure }))) return false;
  } else {
    for (const piece of piecesOf(zip, start, end)) await measure(piece);
  }
  return sizeBytes === entry.sizeBytes && crc === entry.crc;
}

function inflateWhole(deflated: Buffer, sizeBytes: number): Buffer | undefined {
  try {
    const { buffer, engine } = inflateRawSync(deflated, {
      maxOutputLength: Math.max(1, sizeBytes),
      chunkSize: Math.min(1024 ** 2, Math.max(64, sizeBytes + 1)),
      info: true,
    }) as unknown as { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } };
    // What follows the deflated data would mean nothing to Go; an honest writer leaves nothing there.
    return engine.bytesWritten === deflated.length ? buffer : undefined;
  } catch (error) {
    if (isDataError(error)) return undefined;
    throw error;
  }
}

/** zlib's word for damaged or cut data, or for more of it than was allowed. */
function isDataError(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return code.startsWith('Z_') || code === 'ERR_BUFFER_TOO_LARGE';
}

interface Inflating {
  readonly start: number;
  readonly end: number;
  readonly maxBytes: number;
  readonly take: Take;
}

/** False when the data is damaged, goes on past `maxBytes`, or ends before its place does. */
async function inflateInPieces(zip: ZipSource, { start, end, maxBytes, take }: Inflating): Promise<boolean> {
  const inflater = createInflateRaw({ chunkSize: PIECE_BYTES });
  const feed = async (): Promise<void> => {
    for (const piece of piecesOf(zip, start, end)) {
      // Called when the piece is inflated; never, when the data ended inside of it.
      await new Promise<void>((resolve) => void inflater.write(piece, () => resolve()));
      if (inflater.destroyed) return;
    }
    inflater.end();
  };
  feed().catch((error: Error) => inflater.destroy(error));
  let left = maxBytes;
  try {
    for await (const chunk of inflater as AsyncIterable<Buffer>) {
      left -= chunk.length;
      if (left < 0) return false;
      await take(chunk);
    }
    return inflater.bytesWritten === end - start;
  } catch (error) {
    if (isDataError(error)) return false;
    throw error;
  } finally {
    inflater.destroy();
  }
}

function* piecesOf(zip: ZipSource, start: number, end: number): Generator<Buffer> {
  for (let at = start; at < end; at += PIECE_BYTES) yield zip.read(at, Math.min(PIECE_BYTES, end - at));
}
