import { fitsSecret, formatFetchPlan, type PackToFetch } from '../buildkit/builder-fetch.ts';
import type { BuilderFetches } from '../buildkit/inject-packs.ts';
import type { Digest } from '../core/digest.ts';
import { errorMessage } from '../core/errors.ts';
import type { PackRecord } from '../pack/types.ts';
import { forEachLimited } from '../store/each-limited.ts';
import { type BlobLocation, type BlobLocator, isBlobLocator } from '../store/port.ts';
import type { GoCaches } from './caches.ts';
import { packDirectory } from './fetch-packs.ts';
import { isDownloaded } from './guard/measure-packs.ts';
import type { StoredState } from './stored-state.ts';
import type { StoreContext } from './types.ts';

/** Packs that the builder may fetch by itself, if it reaches the store. */
export interface PlannedFetches {
  /** All of them. */
  readonly all: BuilderPlan;
  /** Some of them. */
  plan(records: readonly PackRecord[]): BuilderPlan;
}

/** What an inject build is told of packs that it fetches. */
export interface BuilderPlan extends Omit<BuilderFetches, 'onBytes'> {
  readonly records: readonly PackRecord[];
}

export interface FetchQuestion {
  readonly caches: GoCaches;
  readonly state: StoredState;
  readonly packs: readonly PackRecord[];
  readonly signal: AbortSignal;
}

/** With less to move, the questions that it takes cost more than they save. */
const LEAST_BYTES = 1024 ** 2;
const QUESTIONS_AT_ONCE = 8;

/**
 * Which packs the builder may fetch: those of the build cache that aren't on this machine, where the store says where they lie without a
 * password being handed on. Modules are checked against go.sum, which is this machine's to do.
 */
export async function planFetches(context: StoreContext, question: FetchQuestion): Promise<PlannedFetches | undefined> {
  const { store, options } = context;
  if (options.fetch === 'client' || question.caches.canFetch !== true || !isBlobLocator(store)) return undefined;
  const wanted: PackRecord[] = [];
  for (const pack of question.packs) {
    if (pack.kind === 'gocache' && !(await isDownloaded(packDirectory(context), pack))) wanted.push(pack);
  }
  if (wanted.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) < LEAST_BYTES) return undefined;
  const locations = await locate(context, store, { ...question, packs: wanted });
  const plan = (records: readonly PackRecord[]): BuilderPlan => {
    const packs = records.map((pack) => asPackToFetch(pack, question.state, locations));
    return { records, packs, plan: formatFetchPlan(packs, options.cacheTimeoutSeconds) };
  };
  const all = plan(wanted.filter(({ digest }) => locations.has(digest)));
  // A plan that is too long is one of hundreds of packs: then all go the way that always works.
  return all.packs.length > 0 && fitsSecret(all.plan) ? { all, plan } : undefined;
}

async function locate(
  { logger }: StoreContext,
  store: BlobLocator,
  { packs, signal }: FetchQuestion,
): Promise<ReadonlyMap<Digest, BlobLocation>> {
  const locations = new Map<Digest, BlobLocation>();
  try {
    await forEachLimited(packs, { concurrency: QUESTIONS_AT_ONCE, signal }, async ({ digest }, inner) => {
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

function asPackToFetch(
  { digest, sizeBytes }: PackRecord,
  state: StoredState,
  locations: ReadonlyMap<Digest, BlobLocation>,
): PackToFetch {
  const { url, headers } = locations.get(digest) as BlobLocation;
  return { digest, sizeBytes, url, headers, entries: state.entriesByPack.get(digest) ?? [] };
}
