import type { Digest } from '../../core/digest.ts';
import { isReservedScope, listPinKeys, targetOf } from './pins.ts';
import type { SnapshotName, Store, StoredBlob, StoreKeeper } from '../../store/port.ts';
import { formatSnapshotKey } from '../../store/snapshot-key.ts';
import { findDigests, type StoreSurvey } from '../survey-store.ts';
import { headsOf, type DoomedSnapshot, type GarbagePlan } from './plan-garbage.ts';
import { writeSuccessor, type SuccessorOptions } from './successor.ts';

export interface GarbageRun extends SuccessorOptions {
  readonly survey: StoreSurvey;
  readonly plan: GarbagePlan;
  readonly graceMs: number;
  /** By the store's clock, when the survey was made. */
  readonly nowMs: number;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface GarbageResult {
  readonly snapshots: number;
  readonly blobs: number;
  readonly staleUploads: number;
  /** What was planned and then left, since somebody pinned, needed or touched it meanwhile. */
  readonly left: number;
  /** Snapshots that were written for scopes over their cap. */
  readonly written: readonly SnapshotName[];
}

/** Unfinished uploads are left alone for this long, whatever the grace time: nobody can see whether one goes on. */
const STALE_UPLOAD_MS = 24 * 3600 * 1000;
/** So many blobs are deleted before the names in the store are read again. */
const BATCH = 100;

/**
 * Carries the plan out in an order in which a run that is killed leaves less garbage, and never a snapshot without its
 * blobs: new snapshots for scopes over their cap, then snapshots go, then blobs. Each is looked at once more right
 * before it goes.
 */
export async function applyGarbage(store: Store & StoreKeeper, run: GarbageRun): Promise<GarbageResult> {
  const { plan, survey, signal, onProgress } = run;
  const total = plan.trims.length + plan.snapshots.length + (plan.blobs?.length ?? 0);
  let done = 0;
  const tick = (): void => onProgress?.((done += 1), total);
  const written: SnapshotName[] = [];
  for (const { scope, drop } of plan.trims) {
    const heads = headsOf(survey.snapshots, scope);
    const request = { heads, drop: new Set(drop), writer: 'slipway cache gc', createdAtMs: run.nowMs };
    written.push(await writeSuccessor(store, request, run));
    tick();
  }
  // Their snapshot may be in somebody's hands, who needs them for a while.
  for (const digest of plan.spared) await store.touchBlob(digest, { signal });
  let snapshots = 0;
  for (const one of plan.snapshots) {
    if (await deleteUnlessNeeded(store, one, signal)) snapshots += 1;
    tick();
  }
  const blobs = await deleteBlobs(store, run, tick);
  const staleUploads = await store.deleteStaleUploads(STALE_UPLOAD_MS, { signal });
  const left = plan.snapshots.length - snapshots + (plan.blobs?.length ?? 0) - blobs;
  return { snapshots, blobs, staleUploads, left, written };
}

/** False when it stays: somebody pinned it, or nothing that replaces it is there any more. */
async function deleteUnlessNeeded(
  store: Store & StoreKeeper,
  { name, reason, mergedBy }: DoomedSnapshot,
  signal: AbortSignal,
): Promise<boolean> {
  const key = formatSnapshotKey(name);
  if ((await listPinKeys(store, signal)).has(key)) return false;
  if (reason === 'merged') {
    const visible = new Set((await store.listSnapshots(name.scope, { signal })).map(formatSnapshotKey));
    if (!mergedBy.some((merger) => visible.has(formatSnapshotKey(merger)))) return false;
  }
  const manifest = await store.readSnapshot(name, { signal });
  await store.deleteSnapshot(name, { signal });
  // A pin that came in between has seen the snapshot, and its owner relies on it.
  if (manifest === undefined || !(await listPinKeys(store, signal)).has(key)) return true;
  await store.writeSnapshot(name, manifest, { signal });
  return false;
}

async function deleteBlobs(
  store: Store & StoreKeeper,
  { plan, survey, signal, graceMs, nowMs }: GarbageRun,
  tick: () => void,
): Promise<number> {
  const doomed = plan.blobs ?? [];
  const known = new Set([...survey.snapshots.map(({ name }) => targetOf(name)), ...survey.pins.map(({ key }) => key)]);
  let deleted = 0;
  for (let at = 0; at < doomed.length; at += BATCH) {
    const needed = await newlyNamed(store, known, signal);
    for (const { digest } of doomed.slice(at, at + BATCH)) {
      // One that was touched since is about to be named.
      if (!needed.has(digest)) await store.deleteBlob(digest, { signal, writtenBeforeMs: nowMs - graceMs });
      if (!needed.has(digest) && !(await store.hasBlob(digest, { signal }))) deleted += 1;
      tick();
    }
  }
  return deleted;
}

/** Digests that are named by what was written after the survey. */
async function newlyNamed(
  store: Store & StoreKeeper,
  known: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<ReadonlySet<Digest>> {
  const digests = new Set<Digest>();
  for (const scope of await store.listScopes({ signal })) {
    for (const name of await store.listSnapshots(scope, { signal })) {
      if (known.has(isReservedScope(scope) ? formatSnapshotKey(name) : targetOf(name))) continue;
      const manifest = await store.readSnapshot(name, { signal });
      for (const digest of manifest === undefined ? [] : findDigests(manifest)) digests.add(digest);
    }
  }
  return digests;
}

/** What deleting these would free. */
export function bytesOf(blobs: readonly StoredBlob[]): number {
  return blobs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
