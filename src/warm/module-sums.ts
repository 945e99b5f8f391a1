import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { UserBuild } from '../buildkit/types.ts';
import { joinModuleSums, type ModuleSums } from '../trust/module-sums.ts';

/** Directories that Go leaves out of a module's packages, or that hold no checkout of ours. */
const CLOSED = new Set(['.git', '.hg', '.svn', 'node_modules', 'testdata', 'vendor']);
/** A larger one is none: the sums of 100,000 modules fit. */
const MOST_SUM_BYTES = 32 * 1024 ** 2;

/**
 * Reads every go.sum and go.work.sum below these directories; what is no directory here comes from elsewhere.
 * `.dockerignore` doesn't count, since a file that BuildKit isn't sent only allows modules that Go then doesn't ask for.
 */
export async function readModuleSums(directories: readonly string[], signal: AbortSignal): Promise<ModuleSums> {
  const texts: string[] = [];
  for (const root of await rootsOf(directories)) {
    for await (const file of sumFiles(root, signal)) {
      if ((await stat(file)).size <= MOST_SUM_BYTES) texts.push(await readFile(file, 'utf8'));
    }
  }
  return joinModuleSums(texts);
}

/** The build's context, and what `--build-context name=directory` adds. */
export function contextDirectories({ context, buildContexts }: UserBuild): readonly string[] {
  return [context, ...buildContexts.map((named) => named.slice(named.indexOf('=') + 1))];
}

async function rootsOf(directories: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const place of new Set(directories)) if (await isDirectory(place)) found.push(path.resolve(place));
  // One that lies inside of another is read with it.
  return found.filter((place) => !found.some((other) => other !== place && place.startsWith(`${other}${path.sep}`)));
}

async function isDirectory(place: string): Promise<boolean> {
  try {
    return (await stat(place)).isDirectory();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? ''))
      return false;
    throw error;
  }
}

/** `go.sum`, `go.work.sum`, and `other.sum` beside an `other.mod`, as `-modfile=other.mod` has it. */
async function* sumFiles(root: string, signal: AbortSignal): AsyncGenerator<string> {
  for (const open = [root]; ; ) {
    const directory = open.pop();
    if (directory === undefined) return;
    signal.throwIfAborted();
    const entries = await listDirectory(directory);
    const names = new Set(entries.filter((entry) => entry.isFile()).map(({ name }) => name));
    for (const name of names) {
      const stem = name.endsWith('.sum') ? name.slice(0, -'.sum'.length) : undefined;
      if (stem !== undefined && (stem === 'go.work' || names.has(`${stem}.mod`))) yield path.join(directory, name);
    }
    for (const entry of entries) {
      if (entry.isDirectory() && !CLOSED.has(entry.name)) open.push(path.join(directory, entry.name));
    }
  }
}

async function listDirectory(directory: string) {
  try {
    return await readdir(directory, { withFileTypes: true });
  } catch (error) {
    // What may not be read, or went away meanwhile, isn't sent to BuildKit either.
    if (['EACCES', 'ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}
