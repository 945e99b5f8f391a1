import { createHash, hash } from 'node:crypto';
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { crc32, createInflateRaw, inflateRawSync } from 'node:zlib';
import { findContent, readZipEntries, type ZipEntry, type ZipSource } from './zip-entries.ts';

/** The h1 of a module zip, or why it has none that Go and we agree on. */
export type ZipHash = { readonly sum: string } | { readonly damaged: string };

/** Larger files of a zip are inflated in pieces. */
const WHOLE_BYTES = 1024 ** 2;
const PIECE_BYTES = 256 * 1024;
/** Content after which others get their turn: some 30 ms of work. */
const TURN_BYTES = 8 * 1024 ** 2;

/**
 * Hash1 over the files of a zip, as `go` computes it before it believes one. Holds at most 2 MiB beside the zip.
 * Source: HashZip and Hash1 in https://github.com/golang/mod/blob/v0.30.0/sumdb/dirhash/hash.go
 */
export async function hashZip(zip: ZipSource, signal?: AbortSignal): Promise<ZipHash> {
  const entries = readZipEntries(zip);
  if (typeof entries === 'string') return { damaged: entries };
  const lines: HashedFile[] = [];
  let turn = 0;
  for (const entry of entries) {
    const start = findContent(zip, entry);
    if (typeof start === 'string') return { damaged: start };
    const isWhole = Math.max(entry.sizeBytes, entry.compressedBytes) <= WHOLE_BYTES;
    const hex = isWhole ? hashWhole(zip, entry, start) : await hashInPieces(zip, entry, start);
    if (hex === undefined) return { damaged: 'a zip entry that does not unpack to what the directory says' };
    lines.push({ name: entry.name, hex });
    turn += entry.sizeBytes;
    if (turn > TURN_BYTES) {
      turn = 0;
      await yieldToOthers();
      signal?.throwIfAborted();
    }
  }
  return { sum: hashLines(lines) };
}

/** The h1 of a go.mod: of a tree that holds this one file. Source: goModSum in Go's modfetch/fetch.go */
export function hashGoMod(content: Uint8Array): string {
  return hashLines([{ name: 'go.mod', hex: hash('sha256', content) }]);
}

interface HashedFile {
  readonly name: string;
  readonly hex: string;
}

function hashLines(files: readonly HashedFile[]): string {
  const sorted = files.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const text = sorted.map(({ name, hex }) => `${hex}  ${name}\n`).join('');
  return `h1:${hash('sha256', Buffer.from(text, 'latin1'), 'base64')}`;
}

/**
 * The content of one entry of a zip; undefined when it isn't what the directory says, or has more than `maxBytes`. The whole of it is in memory.
 */
export function readZipContent(zip: ZipSource, entry: ZipEntry, maxBytes: number): Buffer | undefined {
  const start = findContent(zip, entry);
  if (typeof start === 'string' || entry.sizeBytes > maxBytes || entry.compressedBytes > maxBytes) return undefined;
  return readWhole(zip, entry, start);
}

/** The SHA-256 of an entry's content; undefined when size, checksum or end differ from what the directory says. */
function hashWhole(zip: ZipSource, entry: ZipEntry, start: number): string | undefined {
  const content = readWhole(zip, entry, start);
  return content === undefined ? undefined : hash('sha256', content);
}

function readWhole(zip: ZipSource, entry: ZipEntry, start: number): Buffer | undefined {
  const stored = zip.read(start, entry.compressedBytes);
  const content = entry.isDeflated ? inflateWhole(stored, entry.sizeBytes) : stored;
  const isRight = content !== undefined && content.length === entry.sizeBytes && crc32(content) === entry.crc;
  return isRight ? content : undefined;
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

async function hashInPieces(zip: ZipSource, entry: ZipEntry, start: number): Promise<string | undefined> {
  const content = createHash('sha256');
  let sizeBytes = 0;
  let crc = 0;
  const take = (chunk: Uint8Array): void => {
    content.update(chunk);
    crc = crc32(chunk, crc);
    sizeBytes += chunk.length;
  };
  const end = start + entry.compressedBytes;
  if (entry.isDeflated) {
    if (!(await inflateInPieces(zip, { start, end, maxBytes: entry.sizeBytes, take }))) return undefined;
  } else {
    for (const piece of piecesOf(zip, start, end)) take(piece);
  }
  return sizeBytes === entry.sizeBytes && crc === entry.crc ? content.digest('hex') : undefined;
}

interface Inflating {
  readonly start: number;
  readonly end: number;
  readonly maxBytes: number;
  readonly take: (chunk: Uint8Array) => void;
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
      take(chunk);
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
