import { randomBytes } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  futimesSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import type { PackToInject } from '../../buildkit/inject-packs.ts';
import { SlipwayError } from '../../core/errors.ts';
import { type ContentCheck, createContentCheck } from '../../pack/content-check.ts';
import { readPackContent } from '../../pack/read-pack.ts';
import type { Entry } from '../../pack/types.ts';
import { directoriesOf, type HostCache, plainDirectories } from './list-entries.ts';

export interface PlaceOptions {
  readonly cache: HostCache;
  /** Where files are written before they are whole: inside of the cache, on the same disk. */
  readonly stage: string;
  /** Entries that are there already stay as they are. */
  readonly present: ReadonlySet<string>;
  /** Of every file that is written. */
  readonly modifiedAtSeconds: number;
  readonly signal: AbortSignal;
  /** Told each file, relative to the cache, when it has its name. */
  readonly onPlaced: (name: string) => void;
}

/**
 * Writes those entries of a pack that are missing into a cache of this machine, each under its own name only once it is whole and
 * its content was checked. No file that is there is replaced, and none is written through a link.
 */
export async function placePack(pack: PackToInject, options: PlaceOptions): Promise<void> {
  const { cache, stage, present, signal, onPlaced } = options;
  const wanted = new Set(pack.names.filter((name) => !present.has(name)));
  if (wanted.size === 0) return;
  await makeDirectories(cache, directoriesOf(wanted));
  const place = (staged: string, name: string): boolean => {
    if (!giveName(staged, path.join(cache.directory, name))) return false;
    onPlaced(name);
    return true;
  };
  const staged = new Map<string, string>();
  using open = openFiles();
  const check = (entry: Entry): ContentCheck => createContentCheck(cache.kind, entry);
  await readPackContent(createReadStream(pack.file, { highWaterMark: 1 << 18 }), {
    kind: cache.kind,
    signal,
    createCheck: (entry) => {
      if (!wanted.has(entry.path)) return check(entry);
      const file = path.join(stage, randomBytes(8).toString('hex'));
      staged.set(entry.path, file);
      return writing(open.create(file), check(entry), options);
    },
    onMember: ({ path: name }: Entry, damaged) => {
      const file = staged.get(name);
      if (file === undefined) return;
      if (damaged !== undefined) throw new SlipwayError('INJECT_FAILED', `\`${name}\` of a pack is not what it was`);
      const sum = pack.zipSums.get(name);
      // Never beside a zip that somebody else has put there: Go believes a sum unseen.
      if (place(file, name) && sum !== undefined) {
        const sumFile = `${file}-sum`;
        writeFileSync(sumFile, sum, { flag: 'wx' });
        place(sumFile, `${name}hash`);
      }
      staged.delete(name);
    },
  });
}

interface OpenFile {
  readonly handle: number;
  close(): void;
}

/** Files that are being written: a pack that can't be read to its end leaves none of them open. */
function openFiles(): Disposable & { create(file: string): OpenFile } {
  const handles = new Set<number>();
  const close = (handle: number): void => {
    handles.delete(handle);
    closeSync(handle);
  };
  return {
    create: (file) => {
      const handle = openSync(file, 'wx');
      handles.add(handle);
      return { handle, close: () => close(handle) };
    },
    [Symbol.dispose]: () => handles.forEach(close),
  };
}

/** Writes what a check sees, at once: so no more of a pack than one piece is ever in memory. */
function writing({ handle, close }: OpenFile, check: ContentCheck, { modifiedAtSeconds }: PlaceOptions): ContentCheck {
  return {
    update: (chunk) => {
      for (let done = 0; done < chunk.length; ) done += writeSync(handle, chunk, done);
      check.update(chunk);
    },
    finish: () => {
      futimesSync(handle, modifiedAtSeconds, modifiedAtSeconds);
      close();
      return check.finish();
    },
  };
}

/** A link is never made over a file. True when the file has its name now; false when there was one. */
function giveName(staged: string, file: string): boolean {
  try {
    linkSync(staged, file);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST' && !NO_LINKS.has(code)) throw error;
    if (code === 'EEXIST' || isThere(file)) return false;
    renameSync(staged, file);
    return true;
  } finally {
    rmSync(staged, { force: true });
  }
  return true;
}

/** What file systems without hard links answer. */
const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EACCES']);

function isThere(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
}

async function makeDirectories(cache: HostCache, directories: readonly string[]): Promise<void> {
  const isPlain = plainDirectories(cache);
  for (const directory of directories) {
    // Walks down, and throws at a link before anything is made behind it.
    if (!(await isPlain(directory))) mkdirSync(path.join(cache.directory, directory), { recursive: true });
  }
}
