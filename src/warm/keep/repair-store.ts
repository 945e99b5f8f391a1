import type { Digest } from '../../core/digest.ts';
import { errorMessage, isSlipwayError } from '../../core/errors.ts';
import type { SnapshotName, Store, StoreKeeper } from '../../store/port.ts';
import { formatSnapshotName } from '../stored-state.ts';
import type { StoreSurvey, SurveyedSnapshot } from '../survey-store.ts';
import type { StoreCheck } from './check-store.ts';
import { headsOf } from './plan-garbage.ts';
import { writeSuccessor, type SuccessorOptions } from './successor.ts';

export interface ScopeRepair {
  readonly scope: string;
  /** Packs that the scope's next snapshot doesn't name. */
  readonly drop: readonly Digest[];
  readonly keepsPacks: number;
}

export interface RepairPlan {
  readonly scopes: readonly ScopeRepair[];
  /** Blobs that aren't what their names say. Where they lie nothing right can be written. */
  readonly blobs: readonly Digest[];
  /** Snapshots that can't be read and hold nothing that isn't elsewhere. */
  readonly snapshots: readonly SnapshotName[];
  /** Findings that are left as they are, and why. */
  readonly left: readonly { readonly subject: string; readonly reason: string }[];
}

/**
 * What mends a store without losing anything: scopes whose heads name broken packs get a snapshot that doesn't, so that
 * the next save stores anew what was in them. Pure, but for the question which blobs of unreadable snapshots are there.
 */
export async function planRepair(
  survey: StoreSurvey,
  check: StoreCheck,
  hasBlob: (digest: Digest) => Promise<boolean>,
): Promise<RepairPlan> {
  const broken = new Set(check.faults.filter(({ kind }) => kind === 'pack').map(({ subject }) => subject as Digest));
  const corrupt = new Set(check.faults.flatMap((fault) => fault.corrupt ?? []));
  const scopes: ScopeRepair[] = [];
  for (const scope of new Set(survey.snapshots.map(({ name }) => name.scope))) {
    const heads = headsOf(survey.snapshots, scope);
    const packs = new Set(heads.flatMap(({ snapshot }) => snapshot?.packs.map(({ digest }) => digest) ?? []));
    const drop = [...packs].filter((digest) => broken.has(digest)).sort();
    if (drop.length > 0) scopes.push({ scope, drop, keepsPacks: packs.size - drop.length });
  }
  const snapshots: SnapshotName[] = [];
  const left: { subject: string; reason: string }[] = [];
  for (const one of survey.snapshots) {
    if (one.snapshot !== undefined) continue;
    const reason = await reasonToKeep(one, survey, async (digest) => !corrupt.has(digest) && hasBlob(digest));
    if (reason === undefined) snapshots.push(one.name);
    else left.push({ subject: formatSnapshotName(one.name), reason });
  }
  return { scopes, blobs: [...corrupt].sort(), snapshots, left };
}

/** Never deletes the only copy of anything good. */
async function reasonToKeep(
  one: SurveyedSnapshot,
  survey: StoreSurvey,
  isGood: (digest: Digest) => Promise<boolean>,
): Promise<string | undefined> {
  if (one.isUnknownFormat === true) return 'a newer slipway may read it';
  if (one.isPinned) return 'it is pinned';
  const named = new Set(survey.snapshots.flatMap(({ snapshot }) => digestsOf(snapshot)));
  const [config, ...layers] = one.blobs;
  const others = one.blobs.length > 0 ? layers.map(({ digest }) => digest) : [...one.references];
  for (const digest of others) {
    if (digest !== config?.digest && !named.has(digest) && (await isGood(digest))) {
      return `it names \`${digest}\`, which no other snapshot names`;
    }
  }
  return undefined;
}

function digestsOf(snapshot: SurveyedSnapshot['snapshot']): readonly Digest[] {
  return snapshot?.packs.flatMap(({ digest, entryList }) => [digest, entryList.digest]) ?? [];
}

export interface RepairRun extends SuccessorOptions {
  readonly survey: StoreSurvey;
  readonly plan: RepairPlan;
  readonly createdAtMs: number;
}

export interface RepairResult {
  readonly written: readonly SnapshotName[];
  /** Deletes that the store refused; what was to be deleted is named by nothing any more. */
  readonly refused: readonly string[];
}

/** New snapshots first: killed on the way, the old ones are still there, and readers leave out what is broken. */
export async function applyRepair(store: Store & StoreKeeper, run: RepairRun): Promise<RepairResult> {
  const { plan, survey, signal } = run;
  const written: SnapshotName[] = [];
  for (const { scope, drop } of plan.scopes) {
    const heads = headsOf(survey.snapshots, scope);
    const request = { heads, drop: new Set(drop), writer: 'slipway cache check', createdAtMs: run.createdAtMs };
    written.push(await writeSuccessor(store, request, run));
  }
  for (const name of plan.snapshots) await store.deleteSnapshot(name, { signal });
  const refused: string[] = [];
  for (const digest of plan.blobs) {
    try {
      await store.deleteBlob(digest, { signal });
    } catch (error) {
      // Many registries delete no blobs on request.
      if (!isSlipwayError(error, 'STORE_DENIED') && !isSlipwayError(error, 'STORE_FAILED')) throw error;
      refused.push(`${digest}: ${errorMessage(error)}`);
    }
  }
  return { written, refused };
}
