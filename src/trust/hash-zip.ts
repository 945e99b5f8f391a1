import { createHash, hash } from 'node:crypto';
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { readZipContent, streamZipContent, WHOLE_BYTES } from './zip-content.ts';
import { findContent, readZipEntries, type ZipEntry, type ZipSource } from './zip-entries.ts';

/** The h1 of a module zip, or why it has none that Go and we agree on. */
export type ZipHash = { readonly sum: string } | { readonly damaged: string };

/** Sees each file of a zip while it is hashed, so that nobody has to unpack the zip once more. Names are as in the zip. */
export interface ZipWatcher {
  /** The largest file of this name whose content is wanted; 0 for none. */
  wantedBytes(name: string): number;
  /** `content` is the whole of it when it was wanted; it may be there otherwise too. */
  file(name: string, hex: string, content: Buffer | undefined): void;
}

/** Content after which others get their turn: some 30 ms of work. */
const TURN_BYTES = 8 * 1024 ** 2;

/**
 * Hash1 over the files of a zip, as `go` computes it before it believes one. Holds at most 2 MiB beside the zip,
 * or what the watcher wants at once. Source: HashZip and Hash1 in https://github.com/golang/mod/blob/v0.30.0/sumdb/dirhash/hash.go
 */
export async function hashZip(zip: ZipSource, signal?: AbortSignal, watcher?: ZipWatcher): Promise<ZipHash> {
  const entries = readZipEntries(zip);
  if (typeof entries === 'string') return { damaged: entries };
  const lines: HashedFile[] = [];
  let turn = 0;
  for (const entry of entries) {
    const start = findContent(zip, entry);
    if (typeof start === 'string') return { damaged: start };
    const wholeBytes = Math.max(WHOLE_BYTES, watcher?.wantedBytes(entry.name) ?? 0);
    const isWhole = Math.max(entry.sizeBytes, entry.compressedBytes) <= wholeBytes;
    const content = isWhole ? readZipContent(zip, entry, wholeBytes, start) : undefined;
    const hex = isWhole ? content && hash('sha256', content) : await hashInPieces(zip, entry, start);
    if (hex === undefined) return { damaged: 'a zip entry that does not unpack to what the directory says' };
    lines.push({ name: entry.name, hex });
    watcher?.file(entry.name, hex, content);
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

/** The SHA-256 of an entry's content; undefined when size, checksum or end differ from what the directory says. */
async function hashInPieces(zip: ZipSource, entry: ZipEntry, start: number): Promise<string | undefined> {
  const content = createHash('sha256');
  const isRight = await streamZipContent(zip, entry, (chunk) => void content.update(chunk), start);
  return isRight ? content.digest('hex') : undefined;
}
