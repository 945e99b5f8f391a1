import { joinBuilds } from '../../warm/join-builds.ts';
import type { WarmContext } from '../../warm/types.ts';
import type { DryRunPlan } from '../../session/dry-run-plan.ts';
import { planDryRun } from '../../session/plan-dry-run.ts';
import { formatPlan } from '../print-dry-run.ts';
import type { Session } from '../session.ts';
import { writeOut } from '../write-out.ts';
import type { PlannedTarget } from './plan-targets.ts';
import { reportTarget, type ReportedTarget } from './report.ts';
import type { ColdBuild } from './types.ts';

/** What `slipway run --dry-run` prints, as data. */
interface RunPlan {
  readonly schemaVersion: 1;
  readonly targets: readonly ReportedTarget[];
  /** What would be restored and saved together. */
  readonly groups: readonly DryRunPlan[];
}

/** Prints which builds the command starts and what would be restored for them. Nothing is run. */
export async function printRunPlan(
  session: Session,
  targets: readonly (PlannedTarget | ColdBuild)[],
  context: WarmContext | undefined,
): Promise<void> {
  const groups: DryRunPlan[] = [];
  const plans = targets.flatMap((target) => ('plans' in target ? target.plans : []));
  for (const planned of context === undefined ? [] : joinBuilds(plans))
    if (context !== undefined) groups.push(await planDryRun(session, context, planned));
  session.progress.close();
  const plan: RunPlan = { schemaVersion: 1, targets: targets.map(reportTarget), groups };
  const isJson = session.settings.format === 'json';
  await writeOut(session.io.stdout, isJson ? `${JSON.stringify(plan, null, 2)}\n` : formatRunPlan(plan));
}

function formatRunPlan({ targets, groups }: RunPlan): string {
  const lines = targets.map(
    ({ name, dockerfile, reason }) =>
      `builds      ${name}: ${reason === undefined ? (dockerfile ?? '') : `nothing is restored, ${reason}`}\n`,
  );
  return [...lines, ...groups.map((group) => `\n${formatPlan(group)}`)].join('');
}
