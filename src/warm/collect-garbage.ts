import type { Digest } from '../core/digest.ts';
import { SlipwayError } from '../core/errors.ts';
import type { SnapshotName, Store, StoredBlob, StoreKeeper } from '../store/port.ts';
import { formatSnapshotKey } from '../store/snapshot-key.ts';
import type { StoreSurvey, SurveyedSnapshot } from './survey-store.ts';

export interface GarbagePlan {
  readonly snapshots: readonly SnapshotName[];
  /** Undefined where the store can't list blobs: there the registry's own collection frees them. */
  readonly blobs: readonly StoredBlob[] | undefined;
}

export interface GarbageOptions {
  readonly nowMs: number;
  /** What is younger stays: a reader or a writer may be in the middle of it. */
  readonly graceMs: number;
}

/** A clock this far ahead of ours makes every age a guess. */
const MOST_SKEW_MS = 5 * 60 * 1000;

/**
 * What may go: snapshots whose entries a newer one has held for longer than the grace time, then blobs older than it
 * that no remaining snapshot names. Pure; refuses when something was written in the future.
 */
export function planGarbage(survey: StoreSurvey, options: GarbageOptions): GarbagePlan {
  const { nowMs, graceMs } = options;
  refuseSkew(survey, nowMs);
  const createdAt = new Map(survey.snapshots.map((one) => [keyOf(one.name), one.snapshot?.createdAtMs]));
  const isOld = (name: SnapshotName): boolean => nowMs - (createdAt.get(keyOf(name)) ?? nowMs) > graceMs;
  const gone = survey.snapshots.filter((one) => one.mergedBy.some(isOld));
  const stays = survey.snapshots.filter((one) => !gone.includes(one));
  const referenced = new Set<Digest>(stays.flatMap((one) => [...one.references]));
  // A blob of a snapshot that goes now keeps until the next run if it is young: its age is its own.
  const blobs = survey.blobs?.filter((blob) => !referenced.has(blob.digest) && nowMs - blob.writtenAtMs > graceMs);
  return { snapshots: gone.map((one: SurveyedSnapshot) => one.name), blobs };
}

/** Snapshots first, so that whoever comes by in between finds no snapshot whose blobs are gone. */
export async function applyGarbagePlan(
  store: Store & StoreKeeper,
  plan: GarbagePlan,
  options: { readonly graceMs: number; readonly signal: AbortSignal },
): Promise<{ readonly staleUploads: number }> {
  const { signal, graceMs } = options;
  for (const name of plan.snapshots) await store.deleteSnapshot(name, { signal });
  for (const { digest } of plan.blobs ?? []) await store.deleteBlob(digest, { signal });
  return { staleUploads: await store.deleteStaleUploads(graceMs, { signal }) };
}

function refuseSkew(survey: StoreSurvey, nowMs: number): void {
  const newest = Math.max(
    ...survey.snapshots.map((one) => one.snapshot?.createdAtMs ?? 0),
    ...(survey.blobs ?? []).map((blob) => blob.writtenAtMs),
    0,
  );
  if (newest - nowMs <= MOST_SKEW_MS) return;
  const when = new Date(newest).toISOString();
  throw new SlipwayError('STORE_FAILED', `the store holds something written in the future (${when})`, {
    hint: 'Set the clocks right first: garbage is told by its age.',
  });
}

function keyOf(name: SnapshotName): string {
  return `${name.scope}@${formatSnapshotKey(name)}`;
}
