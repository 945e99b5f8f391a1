import type { Digest } from '../../core/digest.ts';
import { SlipwayError } from '../../core/errors.ts';
import type { PackRecord } from '../../pack/types.ts';
import { uniteSnapshots } from '../../pack/unite.ts';
import type { SnapshotName, StoredBlob } from '../../store/port.ts';
import { findDigests, type StoreSurvey, type SurveyedSnapshot } from '../survey-store.ts';
import { isSameScope } from '../../store/scope-name.ts';
import { targetOf } from './pins.ts';
import { planAges } from './snapshot-ages.ts';

/** What may be deleted, and when. */
export interface GarbagePolicy {
  /** What is younger stays: a reader or a writer may be in the middle of it. */
  readonly graceMs: number;
  /** A scope whose united snapshots are larger is cut down to this, its least recently used packs first. */
  readonly maxScopeBytes: number;
  /** Snapshots that were written longer ago go, merged or not; undefined: a snapshot that nothing replaces never goes. */
  readonly keepMs?: number;
  /** So many of the newest snapshots of each scope stay in any case. */
  readonly keepNewest: number;
  /** Only this scope. */
  readonly scope?: string;
}

export interface DoomedSnapshot {
  readonly name: SnapshotName;
  /** `merged`: a newer one holds its entries. `expired`: it is older than what is kept. */
  readonly reason: 'merged' | 'expired';
  /** For `merged`: those that make it unnecessary, of which one must still be there. */
  readonly mergedBy: readonly SnapshotName[];
}

/** A scope over its cap: the next snapshot leaves out `drop`, and the old ones go when it has replaced them for long enough. */
export interface ScopeTrim {
  readonly scope: string;
  readonly drop: readonly Digest[];
  readonly bytes: number;
  readonly bytesAfter: number;
}

export interface GarbagePlan {
  readonly snapshots: readonly DoomedSnapshot[];
  readonly trims: readonly ScopeTrim[];
  /** Scopes that stay over their cap, since the last build used all that is in them. */
  readonly overCap: readonly { readonly scope: string; readonly bytes: number }[];
  /** Undefined where the store can't list blobs: there the registry's own collection frees them. */
  readonly blobs: readonly StoredBlob[] | undefined;
  /** Blobs that lose their last name now and get the grace time before they go, since their snapshot may be in use. */
  readonly spared: readonly Digest[];
  /** Unnamed too, but not for as long as the grace time. */
  readonly youngBytes: number;
  readonly pinned: number;
}

const MOST_SKEW_MS = 5 * 60 * 1000;

/** Ages are told by the store's clock. One that differs from ours says that one of the two is wrong, and we can't know which. */
export function refuseSkew(storeMs: number, ourMs: number): void {
  const skewMs = storeMs - ourMs;
  if (Math.abs(skewMs) <= MOST_SKEW_MS) return;
  const minutes = Math.round(Math.abs(skewMs) / 60_000);
  const told = `the store's clock says ${new Date(storeMs).toISOString()}, which is ${minutes} minutes`;
  throw new SlipwayError('STORE_FAILED', `${told} ${skewMs > 0 ? 'ahead of' : 'behind'} this machine's`, {
    hint: 'Set the clocks right first: garbage is told by its age.',
  });
}

/**
 * What may go: snapshots whose entries a newer one has held for longer than the grace time, or that are older than what
 * is kept; what a scope holds beyond its cap; then blobs older than the grace time that nothing names any more. Pure;
 * refuses when something was written in the future of the store's own clock.
 */
export function planGarbage(survey: StoreSurvey, policy: GarbagePolicy, nowMs: number): GarbagePlan {
  refuseFuture(survey, nowMs);
  const writtenAt = planAges(survey, nowMs);
  const ageOf = (name: SnapshotName): number => nowMs - (writtenAt.get(targetOf(name)) ?? nowMs);
  const kept = newestOfScopes(survey, policy.keepNewest);
  const doomed: DoomedSnapshot[] = [];
  for (const one of survey.snapshots) {
    if (one.isPinned || one.isUnknownFormat === true || kept.has(one)) continue;
    if (policy.scope !== undefined && !isSameScope(one.name.scope, policy.scope)) continue;
    const { name, mergedBy } = one;
    const mergers = mergedBy.filter((merger) => ageOf(merger) > policy.graceMs);
    if (mergers.length > 0) doomed.push({ name, reason: 'merged', mergedBy: mergers });
    else if (ageOf(name) > Math.max(policy.keepMs ?? Number.POSITIVE_INFINITY, policy.graceMs)) {
      doomed.push({ name, reason: 'expired', mergedBy: [] });
    }
  }
  const gone = new Set(doomed.map(({ name }) => targetOf(name)));
  const stays = survey.snapshots.filter(({ name }) => !gone.has(targetOf(name)));
  const capped = planCaps(stays, policy);
  return {
    snapshots: doomed,
    ...capped,
    ...planBlobs(survey, stays, { policy, nowMs, doomed }),
    pinned: survey.snapshots.filter(({ isPinned }) => isPinned).length,
  };
}

/** Heads of a scope and what they hold together. */
export function headsOf(snapshots: readonly SurveyedSnapshot[], scope: string): readonly SurveyedSnapshot[] {
  return snapshots.filter(
    ({ name, snapshot, trust, mergedBy }) =>
      isSameScope(name.scope, scope) && snapshot !== undefined && trust?.isBelieved !== false && mergedBy.length === 0,
  );
}

function newestOfScopes(survey: StoreSurvey, count: number): ReadonlySet<SurveyedSnapshot> {
  const byScope = Map.groupBy(survey.snapshots, ({ name }) => name.scope);
  return new Set([...byScope.values()].flatMap((ones) => ones.slice(0, count)));
}

/** Only packs of which the last build used nothing are left out: a cap must not make the next build cold. */
function planCaps(
  stays: readonly SurveyedSnapshot[],
  { maxScopeBytes, scope: only }: GarbagePolicy,
): Pick<GarbagePlan, 'trims' | 'overCap'> {
  const trims: ScopeTrim[] = [];
  const overCap: { scope: string; bytes: number }[] = [];
  for (const scope of new Set(stays.map(({ name }) => name.scope))) {
    if (only !== undefined && !isSameScope(scope, only)) continue;
    const { packs } = uniteSnapshots(headsOf(stays, scope).flatMap(({ snapshot }) => snapshot ?? []));
    const bytes = packs.reduce((sum, pack) => sum + packedBytes(pack), 0);
    if (bytes <= maxScopeBytes) continue;
    const drop: Digest[] = [];
    let left = bytes;
    const unused = packs.filter((pack) => youngest(pack) > 0);
    for (const pack of unused.sort((a, b) => youngest(b) - youngest(a) || packedBytes(b) - packedBytes(a))) {
      if (left <= maxScopeBytes) break;
      drop.push(pack.digest);
      left -= packedBytes(pack);
    }
    if (drop.length > 0) trims.push({ scope, drop, bytes, bytesAfter: left });
    if (left > maxScopeBytes) overCap.push({ scope, bytes: left });
  }
  return { trims, overCap };
}

function planBlobs(
  survey: StoreSurvey,
  stays: readonly SurveyedSnapshot[],
  context: { readonly policy: GarbagePolicy; readonly nowMs: number; readonly doomed: readonly DoomedSnapshot[] },
): Pick<GarbagePlan, 'blobs' | 'spared' | 'youngBytes'> {
  const { policy, nowMs, doomed } = context;
  if (survey.blobs === undefined) return { blobs: undefined, spared: [], youngBytes: 0 };
  const named = new Set([
    ...stays.flatMap((one) => [...one.references]),
    ...survey.pins.flatMap(({ manifest }) => [...findDigests(manifest)]),
  ]);
  const namedBy = (reason: DoomedSnapshot['reason']): ReadonlySet<Digest> => {
    const keys = new Set(doomed.filter((one) => one.reason === reason).map(({ name }) => targetOf(name)));
    const ones = survey.snapshots.filter(({ name }) => keys.has(targetOf(name)));
    return new Set(ones.flatMap((one) => [...one.references]));
  };
  const [expired, merged] = [namedBy('expired'), namedBy('merged')];
  // Nothing says which scope a blob without a name belonged to.
  const isMeant = ({ digest }: StoredBlob): boolean => policy.scope === undefined || merged.has(digest);
  const unnamed = survey.blobs.filter(({ digest }) => !named.has(digest) && !expired.has(digest));
  const isOld = ({ writtenAtMs }: StoredBlob): boolean => nowMs - writtenAtMs > policy.graceMs;
  return {
    blobs: unnamed.filter((blob) => isOld(blob) && isMeant(blob)),
    spared: survey.blobs.map(({ digest }) => digest).filter((digest) => expired.has(digest) && !named.has(digest)),
    youngBytes: unnamed.filter((blob) => !isOld(blob)).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  };
}

function refuseFuture(survey: StoreSurvey, nowMs: number): void {
  const newest = (survey.blobs ?? []).reduce((latest, blob) => Math.max(latest, blob.writtenAtMs), 0);
  if (newest - nowMs <= MOST_SKEW_MS) return;
  const when = new Date(newest).toISOString();
  throw new SlipwayError('STORE_FAILED', `the store holds something written in the future (${when})`, {
    hint: 'Set its clock right first: garbage is told by its age.',
  });
}

function youngest({ ages }: PackRecord): number {
  return ages.reduce((least, age) => Math.min(least, age), 255);
}

function packedBytes(pack: PackRecord): number {
  return pack.sizeBytes + pack.entryList.sizeBytes;
}
