import { formatBytes, formatCount } from '../core/size.ts';
import type { GoMount, MountIdentity } from '../dockerfile/types.ts';
import type { DryRunPlan, PlannedRestore, PlannedSignatures, StorePlan } from '../session/dry-run-plan.ts';
import { planDryRun, type DryRunVerb } from '../session/plan-dry-run.ts';
import type { PlannedBuild, WarmContext } from '../warm/types.ts';
import type { Session } from './session.ts';
import { writeOut } from './write-out.ts';

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

export function formatPlan(plan: DryRunPlan): string {
  const lines = [
    `engine      ${plan.engine}`,
    ...formatStore(plan),
    `Dockerfile  ${plan.dockerfile}`,
    ...plan.mounts.flatMap((mount) => formatMount(mount)),
  ];
  if (plan.mounts.length === 0) lines.push('mount       none: no RUN of the target has a Go cache mount');
  if (plan.restore !== undefined) lines.push(`restore     ${formatRestore(plan.restore)}`);
  return `${lines.join('\n')}\n`;
}

export function formatStore(plan: StorePlan): readonly string[] {
  return [
    `store       ${plan.store}`,
    `scope       writes ${plan.writeScope ?? 'nothing'}, reads ${plan.readScopes.join(', ')} (${plan.scopeReason})`,
    `signatures  ${formatSignatures(plan.signatures)}`,
    ...(plan.readOnlyReason === undefined ? [] : [`            writes nothing: ${plan.readOnlyReason}`]),
    ...(plan.trust === 'all' ? [] : ['trust       modules only']),
  ];
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

export function formatRestore({ decision, snapshots, packs, bytes, entries }: PlannedRestore): string {
  if (snapshots.length === 0) return 'nothing stored yet';
  if (decision.share === 'none') return `nothing: ${decision.reason ?? 'nothing is stored for these mounts'}`;
  const what = `up to ${formatBytes(bytes)} in ${formatCount(packs)} packs, ${formatCount(entries)} entries, from ${snapshots.join(', ')}`;
  return decision.reason === undefined ? what : `${what} (${decision.reason})`;
}
