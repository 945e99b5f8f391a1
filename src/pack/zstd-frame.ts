import { packError } from './pack-error.ts';

/** The least that every decoder has to support, and the most that a pack may ask for. RFC 8878, section 3.1.1.1.2 */
export const MAX_WINDOW_LOG = 23;
export const ZSTD_MAGIC: Uint8Array = Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd]);

/** Does a file begin as a zstd frame does? */
export function isZstd(head: Uint8Array): boolean {
  return ZSTD_MAGIC.every((byte, index) => head[index] === byte);
}

const BLOCK_HEADER_BYTES = 3;
const CHECKSUM_BYTES = 4;

export interface FrameWalker {
  /** Throws PACK_INVALID where the bytes so far can't be one frame without a dictionary, or where something follows it. */
  push(chunk: Uint8Array): void;
  /** Throws when the frame isn't over. */
  end(): void;
}

/**
 * Follows the blocks of a zstd file, which must be exactly one frame: decoders join several, and skip frames that hold
 * anything at all, so that a pack could mean one thing here and another there. RFC 8878, section 3.1.1
 */
export function createFrameWalker(): FrameWalker {
  let state: 'header' | 'block' | 'last' | 'over' = 'header';
  let head = Buffer.alloc(0);
  let skip = 0;
  let hasChecksum = false;
  let offset = 0;

  const readHead = (): number | undefined => {
    if (state === 'header') {
      const header = parseHeader(head, offset);
      if (header === undefined) return undefined;
      hasChecksum = header.hasChecksum;
      state = 'block';
      return header.bytes;
    }
    if (head.length < BLOCK_HEADER_BYTES) return undefined;
    const block = head.readUIntLE(0, BLOCK_HEADER_BYTES);
    const type = (block >> 1) & 3;
    if (type === 3) throw packError('the zstd data is damaged', { packedOffset: offset });
    skip = type === 1 ? 1 : block >> 3;
    if ((block & 1) === 1) {
      skip += hasChecksum ? CHECKSUM_BYTES : 0;
      state = 'last';
    }
    return BLOCK_HEADER_BYTES;
  };

  const finishIfOver = (): void => {
    if (state === 'last' && skip === 0) state = 'over';
  };

  return {
    push: (chunk) => {
      let at = 0;
      while (at < chunk.length) {
        if (state === 'over') throw packError('data after the end of the zstd frame', { packedOffset: offset });
        if (skip > 0) {
          const step = Math.min(skip, chunk.length - at);
          skip -= step;
          at += step;
          offset += step;
          finishIfOver();
          continue;
        }
        const known = head.length;
        head = Buffer.concat([head, chunk.subarray(at, at + MAX_HEADER_BYTES - known)]);
        const taken = readHead();
        if (taken === undefined) {
          if (head.length === MAX_HEADER_BYTES) throw packError('the zstd header is damaged', { packedOffset: offset });
          return;
        }
        at += taken - known;
        offset += taken;
        head = Buffer.alloc(0);
        finishIfOver();
      }
    },
    end: () => {
      if (state !== 'over') throw packError('the zstd file is cut short', { packedOffset: offset });
    },
  };
}

/** Magic, descriptor, window, content size. */
const MAX_HEADER_BYTES = 4 + 1 + 1 + 8;

function parseHeader(head: Buffer, offset: number): { bytes: number; hasChecksum: boolean } | undefined {
  if (head.length < ZSTD_MAGIC.length + 1) return undefined;
  const bad = (problem: string) => packError(problem, { packedOffset: offset });
  if (!isZstd(head)) throw bad('this is not a zstd file');
  const descriptor = head[4] as number;
  if ((descriptor & 0x08) !== 0) throw bad('the zstd header has a reserved bit');
  if ((descriptor & 0x03) !== 0) throw bad('the zstd frame needs a dictionary');
  const isSingle = (descriptor & 0x20) !== 0;
  const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6] as number;
  const bytes = 5 + (isSingle ? 0 : 1) + sizeBytes;
  if (head.length < bytes) return undefined;
  const windowBytes = isSingle ? contentSize(head.subarray(5, bytes)) : windowSize(head[5] as number);
  if (windowBytes > 2 ** MAX_WINDOW_LOG) throw bad(`the zstd frame needs a window of ${windowBytes} bytes`);
  return { bytes, hasChecksum: (descriptor & 0x04) !== 0 };
}

function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

function contentSize(field: Buffer): number {
  if (field.length === 8) return Number(field.readBigUInt64LE());
  return field.readUIntLE(0, field.length) + (field.length === 2 ? 256 : 0);
}
