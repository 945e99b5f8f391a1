import { rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import type { InjectRequest, InjectResult, PackToInject } from '../../buildkit/inject-packs.ts';
import type { PackNames } from '../../buildkit/name-lists.ts';
import type { MountProbe } from '../../buildkit/probe-mounts.ts';
import { SlipwayError } from '../../core/errors.ts';
import { formatBytes } from '../../core/size.ts';
import { forEachLimited } from '../../store/each-limited.ts';
import { directoriesOf, type HostCache, listEntries } from './list-entries.ts';
import { markUnsigned, openStage } from './own-directory.ts';
import { placePack } from './place-pack.ts';

/**
 * Restored files are dated a day back: old enough that Go refreshes the time of every one it uses, which is how the used set
 * is known, and too young for its trimming at five days. The first of several go commands would else remove what the next ones
 * need, since the machine's own trim.txt stays as it is.
 */
const RESTORED_AGE_SECONDS = 24 * 3600;

/** One is inflated while another is written. */
const PACKS_AT_ONCE = 2;

/** What of these packs a cache of this machine lacks. */
export async function probeHost(cache: HostCache, packs: readonly PackNames[]): Promise<MountProbe> {
  const mine = packs.filter(({ kind }) => kind === cache.kind);
  const present = await presentOf(cache, mine);
  const isMissing = (name: string): boolean => !present.has(name);
  return {
    kind: cache.kind,
    presentEntries: present.size,
    missingEntries: new Set(mine.flatMap(({ names }) => names).filter(isMissing)).size,
    freeBytes: await freeBytes(cache),
    // Its own reader unpacks.
    hasProgram: true,
    canFetch: false,
    missingPacks: packs.flatMap(({ kind, names }, index) =>
      kind === cache.kind && names.some(isMissing) ? [index] : [],
    ),
  };
}

/** Writes what is missing of the packs. On a disk that gets full, what was written is taken away again. */
export async function fillHost(
  cache: HostCache,
  request: InjectRequest,
  { signal, written }: { readonly signal: AbortSignal; readonly written: string[] },
): Promise<InjectResult> {
  const isMine = ({ kind }: PackNames): boolean => kind === cache.kind;
  const packs = request.packs.filter(isMine);
  const neededBytes = request.neededBytes[cache.kind];
  const free = await freeBytes(cache);
  if (neededBytes > free) throw noSpaceOnHost({ neededBytes, freeBytes: free });
  try {
    if (cache.kind === 'gocache' && request.isUnsigned) await markUnsigned(cache);
    await placeAll(cache, packs, { signal, written });
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    for (const name of written) await rm(path.join(cache.directory, name), { force: true });
    throw noSpaceOnHost({ neededBytes, freeBytes: await freeBytes(cache) });
  }
  const wanted = [...packs, ...request.earlier.filter(isMine), ...request.present.filter(isMine)];
  const after = await presentOf(cache, wanted);
  return { presentEntries: after.size, wantedEntries: new Set(wanted.flatMap(({ names }) => names)).size };
}

async function placeAll(
  cache: HostCache,
  packs: readonly PackToInject[],
  { signal, written }: { readonly signal: AbortSignal; readonly written: string[] },
): Promise<void> {
  const present = await presentOf(cache, packs);
  await using stage = await openStage(cache);
  const modifiedAtSeconds = Math.floor(Date.now() / 1000) - RESTORED_AGE_SECONDS;
  const onPlaced = (name: string): void => {
    written.push(name);
    present.add(name);
  };
  await forEachLimited(packs, { concurrency: PACKS_AT_ONCE, signal }, (pack, inner) =>
    placePack(pack, { cache, stage: stage.directory, present, modifiedAtSeconds, signal: inner, onPlaced }),
  );
}

export function noSpaceOnHost(bytes: { readonly neededBytes: number; readonly freeBytes: number }): SlipwayError {
  const [free, needed] = [formatBytes(bytes.freeBytes), formatBytes(bytes.neededBytes)];
  return new SlipwayError('DISK_FULL', `this machine has ${free} free, too little for the ${needed} of the cache`, {
    hint: 'free some, or name directories on a larger disk by GOCACHE and GOMODCACHE',
  });
}

/** Which of these names the cache holds. */
async function presentOf(cache: HostCache, packs: readonly PackNames[]): Promise<Set<string>> {
  const names = new Set(packs.flatMap((pack) => pack.names));
  const there = await listEntries(cache, directoriesOf(names));
  return new Set(there.filter((name) => names.has(name)));
}

async function freeBytes({ directory }: HostCache): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

function isDiskFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '');
}
