import type { GoMount } from '../dockerfile/types.ts';
import type { Trust } from '../trust/choose-trust.ts';
import type { PlannedBuild, RestoreDecision, WarmContext } from '../warm/types.ts';
import type { Session } from './session.ts';

/** What `--dry-run` prints, as data: schema in `docs/formats/report.md`. */
export interface DryRunPlan {
  readonly schemaVersion: 1;
  readonly engine: string;
  readonly store: string;
  readonly writeScope: string | undefined;
  readonly readScopes: readonly string[];
  readonly scopeReason: string;
  /** Why nothing may be written, where the run itself forbids it. */
  readonly readOnlyReason: string | undefined;
  readonly trust: Trust;
  readonly dockerfile: string;
  readonly signatures: PlannedSignatures;
  readonly mounts: readonly GoMount[];
  /** What a restore into empty mounts would move; a warm builder needs less. */
  readonly restore: PlannedRestore | undefined;
}

export interface PlannedSignatures {
  readonly isRequired: boolean;
  /** IDs of the keys that are believed for one scope or another. */
  readonly trustedKeys: readonly string[];
  readonly signsWith: readonly string[];
}

export interface PlannedRestore {
  readonly decision: RestoreDecision;
  readonly snapshots: readonly string[];
  readonly packs: number;
  readonly bytes: number;
  readonly entries: number;
}

/** The plan as data. Reads the store, and nothing else. */
export async function planDryRun(
  session: Session,
  context: WarmContext,
  planned: PlannedBuild,
  isSaveOnly = false,
): Promise<DryRunPlan> {
  const restore = isSaveOnly ? undefined : await planRestore(session, context, planned);
  return {
    schemaVersion: 1,
    engine: context.engine.description,
    store: context.store.description,
    writeScope: context.options.isReadOnly ? undefined : session.scopes.write,
    readScopes: session.scopes.read,
    scopeReason: session.scopes.reason,
    readOnlyReason: context.options.isReadOnly ? session.scopes.readOnlyReason : undefined,
    trust: context.options.believes,
    dockerfile: planned.dockerfilePath,
    signatures: planSignatures(context),
    mounts: planned.facts.mounts,
    restore,
  };
}

function planSignatures({ options: { trust } }: WarmContext): PlannedSignatures {
  return {
    isRequired: trust?.isRequired ?? false,
    trustedKeys: [...new Set(trust?.policy.keys.map(({ keyId }) => keyId))],
    signsWith: trust?.signingKeys.map(({ publicKey }) => publicKey.keyId) ?? [],
  };
}

async function planRestore(session: Session, context: WarmContext, planned: PlannedBuild): Promise<PlannedRestore> {
  const state = await session.parts.readStoredState(context, session.scopes.read);
  const { decision, packs } = await session.parts.planRestore(context, planned, state);
  return {
    decision,
    snapshots: state.heads.map(({ name }) => `${name.scope}@${name.sequence}-${name.nonce}`),
    packs: packs.length,
    bytes: packs.reduce((sum, pack) => sum + pack.sizeBytes, 0),
    entries: packs.reduce((sum, pack) => sum + pack.entryCount, 0),
  };
}
