import { formatBytes, formatCount } from '../core/size.ts';
import type { GoMount, MountIdentity } from '../dockerfile/types.ts';
import type { PlannedBuild, RestoreDecision, WarmContext } from '../warm/types.ts';
import { wantsTrees } from '../warm/trees/run-build.ts';
import type { Trust } from '../trust/choose-trust.ts';
import type { Session } from './session.ts';
import { writeOut } from './write-out.ts';

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

interface PlannedSignatures {
  readonly isRequired: boolean;
  /** IDs of the keys that are believed for one scope or another. */
  readonly trustedKeys: readonly string[];
  readonly signsWith: readonly string[];
}

interface PlannedRestore {
  readonly decision: RestoreDecision;
  readonly snapshots: readonly string[];
  readonly packs: number;
  readonly bytes: number;
  readonly entries: number;
}

export type DryRunVerb = 'build' | 'restore' | 'save';

/** Prints the plan: mounts, scopes, engine, store and what a restore would move. Nothing is built or written. */
export async function printDryRun(
  session: Session,
  context: WarmContext,
  planned: PlannedBuild,
  verb: DryRunVerb = 'restore',
): Promise<number> {
  const plan = await planDryRun(session, context, planned, verb);
  session.progress.close();
  const isJson = session.settings.format === 'json';
  await writeOut(session.io.stdout, isJson ? `${JSON.stringify(plan, null, 2)}\n` : formatPlan(plan));
  return 0;
}

/** The plan as data. Reads the store, and nothing else. */
export async function planDryRun(
  session: Session,
  context: WarmContext,
  planned: PlannedBuild,
  verb: DryRunVerb = 'restore',
): Promise<DryRunPlan> {
  const withTrees = verb === 'build' && wantsTrees(context, planned);
  const restore = verb === 'save' ? undefined : await planRestore(session, context, planned, withTrees);
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

export function formatPlan(plan: DryRunPlan): string {
  const lines = [
    `engine      ${plan.engine}`,
    `store       ${plan.store}`,
    `scope       writes ${plan.writeScope ?? 'nothing'}, reads ${plan.readScopes.join(', ')} (${plan.scopeReason})`,
    `signatures  ${formatSignatures(plan.signatures)}`,
    ...(plan.readOnlyReason === undefined ? [] : [`            writes nothing: ${plan.readOnlyReason}`]),
    ...(plan.trust === 'all' ? [] : ['trust       modules only']),
    `Dockerfile  ${plan.dockerfile}`,
    ...plan.mounts.flatMap((mount) => formatMount(mount)),
  ];
  if (plan.mounts.length === 0) lines.push('mount       none: no RUN of the target has a Go cache mount');
  if (plan.restore !== undefined) lines.push(`restore     ${formatRestore(plan.restore)}`);
  return `${lines.join('\n')}\n`;
}

function planSignatures({ options: { trust } }: WarmContext): PlannedSignatures {
  return {
    isRequired: trust?.isRequired ?? false,
    trustedKeys: [...new Set(trust?.policy.keys.map(({ keyId }) => keyId))],
    signsWith: trust?.signingKeys.map(({ publicKey }) => publicKey.keyId) ?? [],
  };
}

function formatSignatures({ isRequired, trustedKeys, signsWith }: PlannedSignatures): string {
  if (trustedKeys.length === 0) return 'none: every snapshot of these scopes is believed';
  const signs = signsWith.length === 0 ? 'signs nothing' : `signs with ${signsWith.join(', ')}`;
  return `${isRequired ? 'required' : 'not required'}, of ${trustedKeys.join(', ')}; ${signs}`;
}

function formatMount(mount: GoMount): readonly string[] {
  const stage = mount.stageName === undefined ? `stage ${mount.stageIndex}` : `stage ${mount.stageName}`;
  return [
    `mount       ${mount.kind} at ${mount.target}, line ${mount.line}, ${stage}: ${formatIdentity(mount.identity)}`,
  ];
}

function formatIdentity(identity: MountIdentity): string {
  const { namespace, ...rest } = identity;
  const parts = Object.entries(rest).filter(([, value]) => value !== undefined);
  const words = parts.map(([key, value]) => `${key}=${key === 'mode' ? `0${Number(value).toString(8)}` : value}`);
  return [...words, ...(namespace === '' ? [] : [`namespace=${namespace}`])].join(',');
}

function formatRestore({ decision, snapshots, packs, bytes, entries }: PlannedRestore): string {
  if (snapshots.length === 0) return 'nothing stored yet';
  if (decision.share === 'none') return `nothing: ${decision.reason ?? 'nothing is stored for these mounts'}`;
  const what = `up to ${formatBytes(bytes)} in ${formatCount(packs)} packs, ${formatCount(entries)} entries, from ${snapshots.join(', ')}`;
  return decision.reason === undefined ? what : `${what} (${decision.reason})`;
}

async function planRestore(
  session: Session,
  context: WarmContext,
  planned: PlannedBuild,
  withTrees: boolean,
): Promise<PlannedRestore> {
  const state = await session.parts.readStoredState(context, session.scopes.read);
  const { decision, packs } = await session.parts.planRestore(context, planned, state, { withTrees });
  return {
    decision,
    snapshots: state.heads.map(({ name }) => `${name.scope}@${name.sequence}-${name.nonce}`),
    packs: packs.length,
    bytes: packs.reduce((sum, pack) => sum + pack.sizeBytes, 0),
    entries: packs.reduce((sum, pack) => sum + pack.entryCount, 0),
  };
}
