import { fitsSecret, formatFetchPlan, type PackToFetch } from '../buildkit/builder-fetch.ts';
import type { BuilderFetches } from '../buildkit/inject-packs.ts';
import type { PackRecord } from '../pack/types.ts';
import type { BlobLocation } from '../store/port.ts';
import type { Locations } from './locate-packs.ts';
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

/** Which of these packs the builder may fetch; undefined: none. */
export function planFetches(
  { options }: Pick<StoreContext, 'options'>,
  { packs, state, locations }: { packs: readonly PackRecord[]; state: StoredState; locations: Locations },
): PlannedFetches | undefined {
  const plan = (records: readonly PackRecord[]): BuilderPlan => {
    const toFetch = records.map((pack) => asPackToFetch(pack, state, locations));
    return { records, packs: toFetch, plan: formatFetchPlan(toFetch, options.cacheTimeoutSeconds) };
  };
  const all = plan(packs.filter(({ digest }) => locations.has(digest)));
  // A plan that is too long is one of hundreds of packs: then all go the way that always works.
  return all.packs.length > 0 && fitsSecret(all.plan) ? { all, plan } : undefined;
}

function asPackToFetch({ digest, sizeBytes }: PackRecord, state: StoredState, locations: Locations): PackToFetch {
  const { url, headers } = locations.get(digest) as BlobLocation;
  return { digest, sizeBytes, url, headers, entries: state.entriesByPack.get(digest) ?? [] };
}
