import { hash } from 'node:crypto';
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { collectPackages, isPackageFile, type ModulePackages } from '../../golang/trees/module-packages.ts';
import { readZipContent } from '../../trust/hash-zip.ts';
import type { ModuleFiles } from '../../trust/module-files.ts';
import { readZipEntries, type ZipEntry, type ZipSource } from '../../trust/zip-entries.ts';

/** What a module zip holds. */
export interface ZipModule {
  readonly files: ModuleFiles;
  readonly packages: ModulePackages;
}

/** Larger files are rare and seldom Go: a module that has one keeps its zip. */
const MOST_FILE_BYTES = 64 * 1024 ** 2;
/** Content after which others get their turn. */
const TURN_BYTES = 8 * 1024 ** 2;

/** Reads every file of a zip, whose names all begin with `prefix`; undefined for one that can't become a tree. */
export async function readZipModule(
  zip: ZipSource,
  prefix: string,
  signal: AbortSignal,
): Promise<ZipModule | undefined> {
  const files = new Map<string, string>();
  const collector = collectPackages();
  let turn = 0;
  for (const [name, entry] of entriesByName(zip, prefix) ?? []) {
    const content = readZipContent(zip, entry, MOST_FILE_BYTES);
    if (content === undefined) return undefined;
    files.set(name, hash('sha256', content));
    if (isPackageFile(name)) collector.add({ name, text: content.toString('latin1') });
    turn += content.length;
    if (turn <= TURN_BYTES) continue;
    turn = 0;
    await yieldToOthers();
    signal.throwIfAborted();
  }
  return files.size === 0 ? undefined : { files, packages: collector.packages() };
}

/** The entries of a module zip by their names inside of the module; undefined for a zip that is none. */
export function entriesByName(zip: ZipSource, prefix: string): ReadonlyMap<string, ZipEntry> | undefined {
  const entries = readZipEntries(zip);
  if (typeof entries === 'string') return undefined;
  const isModule = entries.every(({ name }) => name.startsWith(prefix) && !name.endsWith('/'));
  return isModule ? new Map(entries.map((entry) => [entry.name.slice(prefix.length), entry])) : undefined;
}

/** One file of it. What was read once reads again: the zip lies in a directory of this run. */
export function readZipFile(zip: ZipSource, entry: ZipEntry): Buffer {
  const content = readZipContent(zip, entry, MOST_FILE_BYTES);
  if (content === undefined) throw new Error(`\`${entry.name}\` can't be read from its zip any more`);
  return content;
}
