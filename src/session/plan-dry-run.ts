import type { GoCaches } from '../warm/caches.ts';
import type { PlannedBuild, StoreContext, WarmContext } from '../warm/types.ts';
import type { DryRunPlan, PlannedRestore, PlannedSignatures, StorePlan } from './dry-run-plan.ts';
import type { Session } from './session.ts';

export type DryRunVerb = 'build' | 'restore' | 'save';

/** The plan as data. Reads the store, and nothing else. */
export async function planDryRun(
  session: Session,
  context: WarmContext,
  planned: PlannedBuild,
  verb: DryRunVerb = 'restore',
): Promise<DryRunPlan> {
  const { mountCaches, treeCaches } = session.parts;
  const trees = verb === 'build' ? await treeCaches(context, planned) : undefined;
  const restore =
    verb === 'save' ? undefined : await planRestore(session, context, trees ?? mountCaches(context, planned));
  return {
    schemaVersion: 1,
    engine: context.engine.description,
    ...planStore(session, context),
    dockerfile: planned.dockerfilePath,
    mounts: planned.facts.mounts,
    restore,
  };
}

export function planStore({ scopes }: Session, context: StoreContext): StorePlan {
  const { isReadOnly, believes } = context.options;
  return {
    store: context.store.description,
    writeScope: isReadOnly ? undefined : scopes.write,
    readScopes: scopes.read,
    scopeReason: scopes.reason,
    readOnlyReason: isReadOnly ? scopes.readOnlyReason : undefined,
    trust: believes,
    signatures: planSignatures(context),
  };
}

function planSignatures({ options: { trust } }: StoreContext): PlannedSignatures {
  return {
    isRequired: trust?.isRequired ?? false,
    trustedKeys: [...new Set(trust?.policy.keys.map(({ keyId }) => keyId))],
    signsWith: trust?.signingKeys.map(({ publicKey }) => publicKey.keyId) ?? [],
  };
}

/** What a restore of these caches would bring. Reads the store. */
export async function planRestore(session: Session, context: StoreContext, caches: GoCaches): Promise<PlannedRestore> {
  const state = await session.parts.readStoredState(context, session.scopes.read);
  const { decision, packs } = await session.parts.planRestore(context, caches, state);
  return {
    decision,
    snapshots: state.heads.map(({ name }) => `${name.scope}@${name.sequence}-${name.nonce}`),
    packs: packs.length,
    bytes: packs.reduce((sum, pack) => sum + pack.sizeBytes, 0),
    entries: packs.reduce((sum, pack) => sum + pack.entryCount, 0),
  };
}
