import { readFile, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { ExtractRequest, MountExtract } from '../../buildkit/extract-entries.ts';
import { parseActionRecord } from '../../pack/action-record.ts';
import { directoriesOf, type EntryFile, gocacheDirectories, type HostCache, listFiles } from './list-entries.ts';
import { isMarkedUnsigned } from './own-directory.ts';
import { packEntries } from './pack-entries.ts';
import { countYoung, planBuildCache, planNewNames, type Listing } from './plan-save.ts';

interface Reading {
  readonly request: ExtractRequest;
  readonly sinceMs: number;
  /** Receives the packs. */
  readonly directory: string;
  readonly goVersion: string | undefined;
  /** What the restore of this run left. */
  readonly marker: string | undefined;
  readonly signal: AbortSignal;
}

/** What is new in a cache of this machine, packed but not verified, and what the command used. */
export async function readHost(cache: HostCache, reading: Reading): Promise<MountExtract> {
  const { request, sinceMs, goVersion, marker } = reading;
  const allowed = new Set(request.allowedModules);
  const isBuildCache = cache.kind === 'gocache';
  const directories = isBuildCache ? await gocacheDirectories(cache) : directoriesOf(allowed);
  const listed = await listFiles(cache, directories);
  const files = isBuildCache ? listed : listed.filter((file) => allowed.has(file.path));
  const isUnsigned = isBuildCache && (await isMarkedUnsigned(cache));
  const known = new Set(request.known[cache.kind]);
  const found = isBuildCache
    ? await readBuildCache(cache, { files, sinceMs }, known)
    : await readModules(cache, files, known);
  const newNames = new Set(isUnsigned && request.isSignedOnly ? [] : found.newNames);
  const fresh = files.filter((file) => newNames.has(file.path));
  return {
    kind: cache.kind,
    packFiles: await packEntries(cache, fresh, reading),
    newNames: [...newNames],
    usedNames: found.usedNames,
    presentEntries: files.length,
    youngEntries: countYoung({ files, sinceMs }),
    // Who runs this command says nothing of the user of an image's build.
    owner: undefined,
    machine: process.platform === 'linux' ? os.machine() : undefined,
    goVersion,
    isUnsigned,
    marker,
  };
}

type Found = Pick<MountExtract, 'newNames' | 'usedNames'>;

async function readBuildCache(cache: HostCache, listing: Listing, known: ReadonlySet<string>): Promise<Found> {
  const { usedNames, touched } = planBuildCache(listing);
  const outputs: string[] = [];
  for (const name of touched) {
    if (!name.endsWith('-a') || known.has(name)) continue;
    const action = await readAction(cache, name);
    if (action !== undefined) outputs.push(action);
  }
  return { usedNames, newNames: planNewNames(listing, { touched, outputs, known }) };
}

/** The hash of the output that an action names; undefined for one that Go removed or is writing right now. */
async function readAction({ directory }: HostCache, name: string): Promise<string | undefined> {
  try {
    const record = parseActionRecord(name, await readFile(path.join(directory, name)));
    return typeof record === 'string' ? undefined : record.outputHex;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Go doesn't touch module files. A zip that was used has its extracted directory beside it; the small files always count. */
async function readModules(cache: HostCache, files: readonly EntryFile[], known: ReadonlySet<string>): Promise<Found> {
  const usedNames: string[] = [];
  for (const { path: name } of files) {
    const zip = /^cache\/download\/(.+)\/@v\/([^/]+)\.zip$/.exec(name);
    if (zip === null || (await isThere(path.join(cache.directory, `${zip[1]}@${zip[2]}`)))) usedNames.push(name);
  }
  return { usedNames, newNames: files.map((file) => file.path).filter((name) => !known.has(name)) };
}

async function isThere(place: string): Promise<boolean> {
  try {
    return (await stat(place)).isDirectory();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
