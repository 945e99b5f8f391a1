import type { PlannedBuild, WarmContext } from '../warm/types.ts';
import type { DryRunPlan, PlannedRestore, PlannedSignatures } from './dry-run-plan.ts';
import type { Session } from './session.ts';

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
