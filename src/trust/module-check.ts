import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import path from 'node:path';
import { type ContentCheck, type ContentVerdict, createContentCheck } from '../pack/content-check.ts';
import type { Entry } from '../pack/types.ts';
import { hashGoMod, hashZip, type ZipWatcher } from './hash-zip.ts';
import type { ModuleSums } from './module-sums.ts';
import type { ZipSource } from './zip-entries.ts';

/** Checks the entries of module packs against go.sum while they are read; disposed of when the reading is over. */
export interface ModuleChecker extends Disposable {
  readonly createCheck: (entry: Entry) => ContentCheck;
  /** By path, the h1 of each zip that has the one which go.sum lists. */
  readonly zipSums: ReadonlyMap<string, string>;
}

export interface ModuleCheckOptions {
  /** Where a large zip lies while it is hashed, without a name. */
  readonly scratchDirectory: string;
  readonly signal?: AbortSignal;
  /** Who looks on while the zip of this entry path is hashed. */
  readonly watchZip?: ((path: string) => ZipWatcher | undefined) | undefined;
}

/** Larger zips go to the disk: packs are read two at a time, and what a zip leaves behind is collected late. */
const IN_MEMORY_BYTES = 1024 ** 2;
/** `MaxZipFile` and `MaxGoMod` of golang.org/x/mod/zip. */
const MAX_ZIP_BYTES = 500 * 1024 ** 2;
const MAX_MOD_BYTES = 16 * 1024 ** 2;

export function createModuleChecker(sums: ModuleSums, options: ModuleCheckOptions): ModuleChecker {
  const zipSums = new Map<string, string>();
  const opened = new Set<Holder>();
  const closeHolder = (holder: Holder): void => {
    opened.delete(holder);
    holder.close();
  };

  const checkZip = (entry: Entry): ContentCheck => {
    if (entry.sizeBytes > MAX_ZIP_BYTES) return always({ damaged: 'larger than Go reads' });
    const holder = entry.sizeBytes > IN_MEMORY_BYTES ? holdOnDisk(options.scratchDirectory) : holdInMemory(entry);
    opened.add(holder);
    return {
      update: holder.add,
      finish: async () => {
        try {
          const hashed = await hashZip(holder.source(), options.signal, options.watchZip?.(entry.path));
          if ('damaged' in hashed) return hashed;
          const verdict = compare(hashed.sum, sums.sumsOf(entry.path));
          if (verdict.damaged === undefined) zipSums.set(entry.path, hashed.sum);
          return verdict;
        } finally {
          closeHolder(holder);
        }
      },
    };
  };

  const checkMod = (entry: Entry): ContentCheck => {
    if (entry.sizeBytes > MAX_MOD_BYTES) return always({ damaged: 'larger than Go reads' });
    const chunks: Uint8Array[] = [];
    const shape = createContentCheck('gomodcache', entry);
    return {
      update: (chunk) => {
        shape.update(chunk);
        chunks.push(chunk);
      },
      finish: async () => {
        const verdict = await shape.finish();
        if (verdict.damaged !== undefined) return verdict;
        return compare(hashGoMod(Buffer.concat(chunks)), sums.sumsOf(entry.path));
      },
    };
  };

  return {
    zipSums,
    createCheck: (entry) => {
      if (!sums.isListed(entry.path)) return always({ damaged: 'is not listed in any go.sum of the build context' });
      if (entry.path.endsWith('.zip')) return checkZip(entry);
      return entry.path.endsWith('.mod') ? checkMod(entry) : createContentCheck('gomodcache', entry);
    },
    [Symbol.dispose]: () => {
      for (const holder of opened) closeHolder(holder);
    },
  };
}

function compare(sum: string, wanted: ReadonlySet<string>): ContentVerdict {
  if (wanted.size > 1) return { damaged: 'has several sums: the go.sum files of the build context disagree' };
  return wanted.has(sum) ? {} : { damaged: `does not match go.sum (${sum} instead of ${[...wanted].join()})` };
}

function always(verdict: ContentVerdict): ContentCheck {
  return { update: () => {}, finish: () => verdict };
}

/** The bytes of one zip, put together. */
interface Holder {
  add(chunk: Uint8Array): void;
  source(): ZipSource;
  close(): void;
}

function holdInMemory({ sizeBytes }: Entry): Holder {
  const bytes = Buffer.allocUnsafe(sizeBytes);
  let filled = 0;
  return {
    add: (chunk) => {
      bytes.set(chunk, filled);
      filled += chunk.length;
    },
    source: () => ({ sizeBytes, read: (offset, length) => bytes.subarray(offset, offset + length) }),
    close: () => {},
  };
}

/** The file loses its name at once, so that it goes away with this process at the latest. */
function holdOnDisk(directory: string): Holder {
  const file = path.join(directory, `zip-${randomBytes(6).toString('hex')}`);
  const descriptor = openSync(file, 'wx+', 0o600);
  unlinkSync(file);
  let sizeBytes = 0;
  return {
    add: (chunk) => {
      for (let at = 0; at < chunk.length; ) at += writeSync(descriptor, chunk, at);
      sizeBytes += chunk.length;
    },
    source: () => ({
      sizeBytes,
      read: (offset, length) => {
        const bytes = Buffer.allocUnsafe(length);
        let filled = 0;
        while (filled < length) {
          const count = readSync(descriptor, bytes, filled, length - filled, offset + filled);
          if (count === 0) throw new Error(`\`${file}\` ends before byte ${offset + length}`);
          filled += count;
        }
        return bytes;
      },
    }),
    close: () => closeSync(descriptor),
  };
}
