import type { Digest } from '../../core/digest.ts';
import { isSlipwayError } from '../../core/errors.ts';
import { decodeEntryList } from '../../pack/entry-list.ts';
import { measureWaste } from '../../pack/plan-compaction.ts';
import type { Entry, PackRecord } from '../../pack/types.ts';
import { uniteSnapshots } from '../../pack/unite.ts';
import { forEachLimited } from '../../store/each-limited.ts';
import type { Store } from '../../store/port.ts';
import { collectBody } from '../read-document.ts';
import { findDigests, type StoreSurvey, type SurveyedSnapshot } from '../survey-store.ts';
import { headsOf } from './plan-garbage.ts';
import { targetOf } from './pins.ts';
import { planAges } from './snapshot-ages.ts';

/** Bytes of one scope. Blobs that several snapshots name are counted once. */
export interface ScopeUsage {
  readonly scope: string;
  readonly snapshots: number;
  readonly bytes: number;
  /** Of blobs that no other scope names: what deleting the scope would free. */
  readonly ownBytes: number;
  readonly kinds: {
    readonly gocache: number;
    readonly gomodcache: number;
    /** Entry lists and configs. */
    readonly documents: number;
  };
  /** What a restore moves: the packs of the snapshots that no other one replaces. */
  readonly restoreBytes: number;
  /** Of those: entries that no build used for so long that compaction leaves them out, and entries that are there twice. */
  readonly wasteBytes: number;
  /** Bytes that came in the last so many days, as far as they are still there. */
  readonly growth: { readonly day: number; readonly week: number; readonly month: number };
}

export interface StoreUsage {
  readonly scopes: readonly ScopeUsage[];
  /** All scopes together, blobs shared between them counted once. */
  readonly bytes: number;
  /** In the store, but named by no snapshot or pin; undefined where blobs can't be listed. */
  readonly unreferencedBytes: number | undefined;
}

type EntryLists = ReadonlyMap<Digest, readonly Entry[]>;

const DAY_MS = 24 * 3600 * 1000;
const LARGEST_LIST = 64 << 20;

/** What the store's bytes are spent on. Pure; a pack whose entry list isn't given counts as free of waste. */
export function planUsage(survey: StoreSurvey, lists: EntryLists, nowMs: number): StoreUsage {
  const byScope = Map.groupBy(survey.snapshots, (one) => one.name.scope);
  const users = new Map<Digest, Set<string>>();
  for (const { name, blobs } of survey.snapshots) {
    for (const { digest } of blobs) users.set(digest, (users.get(digest) ?? new Set()).add(name.scope));
  }
  const arrivals = planArrivals(survey, nowMs);
  const scopes = [...byScope].map(([scope, snapshots]): ScopeUsage => {
    const sizes = [...sizesOf(snapshots)];
    const heads = headsOf(snapshots, scope).flatMap(({ snapshot }) => snapshot ?? []);
    const { packs } = uniteSnapshots(heads);
    const since = (days: number): number =>
      sum(sizes.map(([digest, size]) => (nowMs - (arrivals.get(digest) ?? 0) < days * DAY_MS ? size : 0)));
    return {
      scope,
      snapshots: snapshots.length,
      bytes: sum(sizes.map(([, size]) => size)),
      ownBytes: sum(sizes.map(([digest, size]) => (users.get(digest)?.size === 1 ? size : 0))),
      kinds: kindsOf(snapshots, sizes),
      restoreBytes: sum(packs.map(({ sizeBytes }) => sizeBytes)),
      wasteBytes: measureWaste(packs, lists),
      growth: { day: since(1), week: since(7), month: since(30) },
    };
  });
  const named = new Set([
    ...survey.snapshots.flatMap((one) => [...one.references]),
    ...survey.pins.flatMap(({ manifest }) => [...findDigests(manifest)]),
  ]);
  const unreferenced = survey.blobs?.filter((blob) => !named.has(blob.digest));
  return {
    scopes,
    bytes: sum([...sizesOf(survey.snapshots).values()]),
    unreferencedBytes: unreferenced && sum(unreferenced.map((blob) => blob.sizeBytes)),
  };
}

/** The entry lists of all packs that a restore would move. One that can't be read is left out: `check` tells why. */
export async function readEntryLists(store: Store, survey: StoreSurvey, signal: AbortSignal): Promise<EntryLists> {
  const heads = survey.snapshots.filter(({ mergedBy }) => mergedBy.length === 0);
  const packs = new Map(heads.flatMap(({ snapshot }) => (snapshot?.packs ?? []).map((pack) => [pack.digest, pack])));
  const lists = new Map<Digest, readonly Entry[]>();
  await forEachLimited([...packs.values()], { concurrency: 6, signal }, async (pack, inner) => {
    const entries = await readEntryList(store, pack, inner);
    if (entries !== undefined) lists.set(pack.digest, entries);
  });
  return lists;
}

async function readEntryList(
  store: Store,
  { digest, kind, representation, entryCount, entryList }: PackRecord,
  signal: AbortSignal,
): Promise<readonly Entry[] | undefined> {
  try {
    const found = await store.readBlob(entryList.digest, { signal });
    if (found === undefined) return undefined;
    const expected = { packDigest: digest, kind, representation, entryCount };
    return decodeEntryList(await collectBody(found.body, LARGEST_LIST), expected);
  } catch (error) {
    const isStoreFault = !isSlipwayError(error) || error.code.startsWith('STORE_') || error.code === 'TIMEOUT';
    if (isStoreFault) throw error;
    return undefined;
  }
}

/** When each blob came: as the store says, else when the first snapshot that still names it was written. */
function planArrivals(survey: StoreSurvey, nowMs: number): ReadonlyMap<Digest, number> {
  if (survey.blobs !== undefined) return new Map(survey.blobs.map((blob) => [blob.digest, blob.writtenAtMs]));
  const writtenAt = planAges(survey, nowMs);
  const arrivals = new Map<Digest, number>();
  for (const { name, blobs } of survey.snapshots) {
    const time = writtenAt.get(targetOf(name)) ?? nowMs;
    for (const { digest } of blobs) arrivals.set(digest, Math.min(time, arrivals.get(digest) ?? time));
  }
  return arrivals;
}

function kindsOf(
  snapshots: readonly SurveyedSnapshot[],
  sizes: readonly (readonly [Digest, number])[],
): ScopeUsage['kinds'] {
  const kinds = new Map(
    snapshots.flatMap(({ snapshot }) => (snapshot?.packs ?? []).map(({ digest, kind }) => [digest, kind] as const)),
  );
  const of = (wanted: string | undefined): number =>
    sum(sizes.map(([digest, size]) => (kinds.get(digest) === wanted ? size : 0)));
  return { gocache: of('gocache'), gomodcache: of('gomodcache'), documents: of(undefined) };
}

function sizesOf(snapshots: readonly SurveyedSnapshot[]): ReadonlyMap<Digest, number> {
  return new Map(snapshots.flatMap((one) => one.blobs.map((blob) => [blob.digest, blob.sizeBytes] as const)));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
