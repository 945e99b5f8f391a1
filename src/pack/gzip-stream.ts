import { constants, crc32, createDeflateRaw, createInflateRaw, inflateRawSync } from 'node:zlib';
import { type CompressedWriter, createCompressedWriter } from './compressed-writer.ts';
import type { ExpandOptions } from './compression.ts';
import { packError } from './pack-error.ts';

const HEADER_BYTES = 10;
const TRAILER_BYTES = 8;
/** Pieces fed at a time: what one of them can inflate to (x 1032) is all that is ever in memory. */
const PIECE_BYTES = 32 * 1024;

/**
 * Inflates a gzip file of exactly one member without any optional header field, and checks its length and CRC.
 * Node's own gunzip joins several members and ignores what follows them; other readers do otherwise, and a pack must
 * mean the same to all. RFC 1952, section 2.3.
 */
export async function gunzipMember(body: AsyncIterable<Uint8Array>, options: ExpandOptions): Promise<void> {
  const inflater = createInflateRaw({ chunkSize: 64 * 1024 });
  let failure: unknown;
  let crc = 0;
  let bytesOut = 0;
  inflater.on('data', (chunk: Uint8Array) => {
    if (failure !== undefined) return;
    crc = crc32(chunk, crc);
    bytesOut += chunk.length;
    try {
      options.onBytes(chunk);
    } catch (error) {
      failure = error;
    }
  });
  let settle: ((isOver: boolean) => void) | undefined;
  let fail: ((error: unknown) => void) | undefined;
  inflater.on('end', () => settle?.(true));
  inflater.on('error', (error) => fail?.(error));
  /** True when the deflate stream ended inside this piece. */
  const inflate = (piece: Uint8Array): Promise<boolean> =>
    new Promise((resolve, reject) => {
      settle = resolve;
      fail = (error) => reject(packError(`the gzip data is damaged (${String(error)})`, { packedOffset: bytesIn }));
      inflater.write(piece, (error) => (error ? fail?.(error) : resolve(false)));
    });

  let bytesIn = 0;
  let header: Uint8Array = new Uint8Array(0);
  let deflated = 0;
  let tail: Uint8Array | undefined;
  try {
    for await (const chunk of body) {
      options.signal?.throwIfAborted();
      options.onCompressed?.(chunk);
      let rest = chunk;
      if (header.length < HEADER_BYTES) {
        header = Buffer.concat([header, rest.subarray(0, HEADER_BYTES - header.length)]);
        rest = rest.subarray(header.length - bytesIn);
        if (header.length === HEADER_BYTES) checkGzipHeader(header);
      }
      bytesIn += chunk.length;
      while (rest.length > 0) {
        if (tail !== undefined) {
          if (tail.length + rest.length > TRAILER_BYTES)
            throw packError('data after the end of the gzip file', { packedOffset: bytesIn });
          tail = Buffer.concat([tail, rest]);
          break;
        }
        const piece = rest.subarray(0, PIECE_BYTES);
        rest = rest.subarray(piece.length);
        deflated += piece.length;
        const isOver = await inflate(piece);
        if (failure !== undefined) throw failure;
        await options.onPause?.();
        options.signal?.throwIfAborted();
        if (isOver) {
          const unread = deflated - inflater.bytesWritten;
          rest = Buffer.concat([piece.subarray(piece.length - unread), rest]);
          tail = new Uint8Array(0);
        }
      }
    }
  } finally {
    inflater.destroy();
  }
  if (tail === undefined || tail.length !== TRAILER_BYTES)
    throw packError('the gzip file is cut short', { packedOffset: bytesIn });
  checkTrailer(tail, crc, bytesOut);
}

/** The same for bytes that are all here, with a bound on what comes out. */
export function gunzipMemberSync(bytes: Uint8Array, maxBytes: number): Uint8Array {
  if (bytes.length < HEADER_BYTES + TRAILER_BYTES)
    throw packError('the gzip file is cut short', { packedOffset: bytes.length });
  checkGzipHeader(bytes);
  let out: Inflated;
  try {
    out = inflateRawSync(bytes.subarray(HEADER_BYTES), {
      maxOutputLength: maxBytes,
      info: true,
    }) as unknown as Inflated;
  } catch (error) {
    throw packError(`the gzip data is damaged or unpacks to more than ${maxBytes} bytes (${String(error)})`, {
      packedOffset: 0,
    });
  }
  const end = HEADER_BYTES + out.engine.bytesWritten;
  if (bytes.length !== end + TRAILER_BYTES)
    throw packError('data after the end of the gzip file, or none', { packedOffset: end });
  checkTrailer(bytes.subarray(end), crc32(out.buffer), out.buffer.length);
  return out.buffer;
}

/** A gzip file with a fixed header (no time, no name, no system), so that the same bytes in give the same bytes out. */
export function createGzipWriter(
  write: (chunk: Uint8Array) => Promise<void>,
  options: GzipOptions = {},
): CompressedWriter {
  const deflater = createDeflateRaw({ level: options.level ?? 1, chunkSize: 64 * 1024, strategy: strategyOf(options) });
  let crc = 0;
  let size = 0;
  const trailer = (): Uint8Array => {
    const bytes = Buffer.alloc(TRAILER_BYTES);
    bytes.writeUInt32LE(crc, 0);
    bytes.writeUInt32LE(size % 2 ** 32, 4);
    return bytes;
  };
  const writer = createCompressedWriter(deflater, write, { header: GZIP_HEADER, trailer });
  return {
    ...writer,
    write: (chunk) => {
      crc = crc32(chunk, crc);
      size += chunk.length;
      return writer.write(chunk);
    },
  };
}

export interface GzipOptions {
  readonly level?: number;
  /** Codes bytes by their frequency only: best, and fastest, for text made of random digits. */
  readonly isHuffmanOnly?: boolean;
}

export const GZIP_HEADER: Uint8Array = Uint8Array.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);

export function strategyOf(options: GzipOptions): number {
  return options.isHuffmanOnly ? constants.Z_HUFFMAN_ONLY : constants.Z_DEFAULT_STRATEGY;
}

interface Inflated {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

function checkGzipHeader(header: Uint8Array): void {
  if (header[0] !== 0x1f || header[1] !== 0x8b || header[2] !== 8)
    throw packError('this is not a gzip file', { packedOffset: 0 });
  if (header[3] !== 0) throw packError('the gzip header has optional fields', { packedOffset: 3 });
}

function checkTrailer(trailer: Uint8Array, crc: number, bytesOut: number): void {
  const view = new DataView(trailer.buffer, trailer.byteOffset, trailer.length);
  if (view.getUint32(0, true) !== crc || view.getUint32(4, true) !== bytesOut % 2 ** 32) {
    throw packError('the checksum at the end of the gzip file does not match', { packedOffset: 0 });
  }
}
