import type { Clock } from '../../core/clock.ts';
import type { Store, StoredBlob, StoreKeeper } from '../../store/port.ts';
import { formatSnapshotName } from '../stored-state.ts';
import { surveyStore, type SurveyOptions } from '../survey-store.ts';
import { applyGarbage, type GarbageResult } from './apply-garbage.ts';
import { planGarbage, refuseSkew, type DoomedSnapshot, type GarbagePlan, type GarbagePolicy } from './plan-garbage.ts';
import type { SuccessorOptions } from './successor.ts';

export interface GarbageOptions {
  readonly survey: SurveyOptions;
  readonly seal: SuccessorOptions['seal'];
  readonly clock: Clock;
  readonly isDryRun: boolean;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

export interface Garbage {
  readonly plan: GarbagePlan;
  /** Undefined in a dry run. */
  readonly done: GarbageResult | undefined;
}

/** Looks at a store and deletes what the policy lets go; the store's clock tells how old it is. */
export async function collectGarbage(
  store: Store & StoreKeeper,
  policy: GarbagePolicy,
  { survey: options, seal, clock, isDryRun, onProgress }: GarbageOptions,
): Promise<Garbage> {
  const { signal } = options;
  const nowMs = await store.readClock({ signal });
  refuseSkew(nowMs, clock.now());
  const survey = await surveyStore(store, options);
  const plan = planGarbage(survey, policy, nowMs);
  const run = { survey, plan, graceMs: policy.graceMs, nowMs, signal, seal, ...(onProgress && { onProgress }) };
  return { plan, done: isDryRun ? undefined : await applyGarbage(store, run) };
}

/** What went or would go; docs/formats/cache.md. */
export interface GarbageReport {
  readonly isDryRun: boolean;
  /** `main@3-0a1b2c3d`, and why it goes: `merged`, a newer one holds its entries, or `expired`. */
  readonly snapshots: readonly { readonly snapshot: string; readonly reason: DoomedSnapshot['reason'] }[];
  /** Scopes above the limit: the next snapshot leaves out packs. */
  readonly trims: GarbagePlan['trims'];
  /** Scopes that stay above it, since the last build used all that is in them. */
  readonly overCap: GarbagePlan['overCap'];
  /** null where the registry's own garbage collection frees them. */
  readonly blobs: readonly StoredBlob[] | null;
  readonly sparedBlobs: number;
  readonly youngBytes: number;
  readonly pinned: number;
  /** Not in a dry run. */
  readonly done?: Omit<GarbageResult, 'written'> & { readonly written: readonly string[] };
}

export function reportGarbage({ plan, done }: Garbage): GarbageReport {
  return {
    isDryRun: done === undefined,
    snapshots: plan.snapshots.map(({ name, reason }) => ({ snapshot: formatSnapshotName(name), reason })),
    trims: plan.trims,
    overCap: plan.overCap,
    blobs: plan.blobs ?? null,
    sparedBlobs: plan.spared.length,
    youngBytes: plan.youngBytes,
    pinned: plan.pinned,
    ...(done === undefined ? {} : { done: { ...done, written: done.written.map(formatSnapshotName) } }),
  };
}
