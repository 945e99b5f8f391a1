import type { Digest } from '../core/digest.ts';
import { errorMessage } from '../core/errors.ts';
import type { PackRecord } from '../pack/types.ts';
import { forEachLimited } from '../store/each-limited.ts';
import { type BlobLocation, isBlobLocator } from '../store/port.ts';
import type { GoCaches } from './caches.ts';
import { packDirectory } from './fetch-packs.ts';
import { isDownloaded } from './guard/measure-packs.ts';
import type { StoreContext } from './types.ts';

export type Locations = ReadonlyMap<Digest, BlobLocation>;

export interface LocateQuestion {
  readonly caches: Pick<GoCaches, 'canFetch'>;
  readonly packs: readonly PackRecord[];
}

export interface Locating extends AsyncDisposable {
  /** Rejects when it is stopped. */
  readonly locations: Promise<Locations>;
  stop(reason: unknown): void;
}

/** Begins to ask where packs lie: the index of module trees, which is read beside, may take as long. Disposing ends it. */
export function startLocating(context: StoreContext, question: LocateQuestion): Locating {
  const stopper = new AbortController();
  const signal = AbortSignal.any([context.signal, stopper.signal]);
  const locations = locatePacks(context, question, signal);
  // Awaited before the probe; until then a failure must not count as unhandled.
  locations.catch(() => {});
  return {
    locations,
    stop: (reason) => stopper.abort(reason),
    [Symbol.asyncDispose]: async () => {
      stopper.abort(new Error('the addresses are not needed any more'));
      await Promise.allSettled([locations]);
    },
  };
}

/** With less to move, the questions that it takes cost more than they save. */
const LEAST_BYTES = 1024 ** 2;
const QUESTIONS_AT_ONCE = 8;

/**
 * Where packs of the build cache lie that aren't on this machine, as far as the store says it without a password being handed on. Modules
 * are checked against go.sum, which is this machine's to do.
 */
async function locatePacks(
  context: StoreContext,
  { caches, packs }: LocateQuestion,
  signal: AbortSignal,
): Promise<Locations> {
  const { store, options, logger } = context;
  const locations = new Map<Digest, BlobLocation>();
  if (options.fetch === 'client' || caches.canFetch !== true || !isBlobLocator(store)) return locations;
  const wanted: PackRecord[] = [];
  for (const pack of packs) {
    if (pack.kind === 'gocache' && !(await isDownloaded(packDirectory(context), pack))) wanted.push(pack);
  }
  if (wanted.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) < LEAST_BYTES) return locations;
  try {
    await forEachLimited(wanted, { concurrency: QUESTIONS_AT_ONCE, signal }, async ({ digest }, inner) => {
      const found = await store.locateBlob(digest, { signal: inner });
      if (found !== undefined) locations.set(digest, found);
    });
  } catch (error) {
    signal.throwIfAborted();
    // Whether the store fails, the downloads of this machine tell.
    logger.debug(`the store did not say where packs lie: ${errorMessage(error)}`);
  }
  return locations;
}
