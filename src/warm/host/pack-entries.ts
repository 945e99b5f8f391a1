import { mkdir, open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { type PackMember, writePack } from '../../pack/write-pack.ts';
import { forEachLimited } from '../../store/each-limited.ts';
import type { EntryFile, HostCache } from './list-entries.ts';
import { countPacks } from './plan-save.ts';

/** What one edit adds is small: there the better compression costs nothing that is felt. */
const FEW_ENTRIES = 200;
const FEW_BYTES = 8 * 1024 ** 2;
const PACKS_AT_ONCE = 2;
const PIECE_BYTES = 1 << 18;

/** Packs entries of a cache into files of `directory`, and answers those files. What is in them is not verified. */
export async function packEntries(
  cache: HostCache,
  files: readonly EntryFile[],
  { directory, signal }: { readonly directory: string; readonly signal: AbortSignal },
): Promise<readonly string[]> {
  await mkdir(directory, { recursive: true });
  const count = countPacks(cache.kind, files.length);
  const isSmall = files.length <= FEW_ENTRIES && files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) < FEW_BYTES;
  const parts = Array.from({ length: count }, (_, part) => ({
    file: path.join(directory, `new-${part}.tar.gz`),
    entries: files.filter((_file, index) => index % count === part).toSorted((a, b) => (a.path < b.path ? -1 : 1)),
  }));
  await forEachLimited(parts, { concurrency: PACKS_AT_ONCE, signal }, async ({ file, entries }, inner) => {
    const handle = await open(file, 'wx');
    try {
      await writePack(members(cache, entries), {
        kind: cache.kind,
        signal: inner,
        level: isSmall ? 9 : 3,
        write: async (chunk) => {
          await handle.writeFile(chunk);
        },
      });
    } finally {
      await handle.close();
    }
  });
  return parts.map(({ file }) => file);
}

async function* members({ directory }: HostCache, entries: readonly EntryFile[]): AsyncGenerator<PackMember> {
  for (const entry of entries) {
    const handle = await openOrNot(path.join(directory, entry.path));
    if (handle === undefined) continue;
    try {
      const { size } = await handle.stat();
      yield { path: entry.path, sizeBytes: size, body: piecesOf(handle, size) };
    } finally {
      await handle.close();
    }
  }
}

/** Another go command may have trimmed it meanwhile. */
async function openOrNot(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Exactly so many bytes. Where another go command shortens the file meanwhile, zeros, as tar does: no check lets that pass. */
async function* piecesOf(handle: FileHandle, sizeBytes: number): AsyncGenerator<Uint8Array> {
  for (let left = sizeBytes; left > 0; ) {
    const piece = Buffer.alloc(Math.min(left, PIECE_BYTES));
    const { bytesRead } = await handle.read(piece, 0, piece.length);
    const part = bytesRead === 0 ? piece : piece.subarray(0, bytesRead);
    left -= part.length;
    yield part;
  }
}
