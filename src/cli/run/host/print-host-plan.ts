import type { GoCaches } from '../../../warm/caches.ts';
import type { HostGo } from '../../../warm/host/host-caches.ts';
import type { StoreContext } from '../../../warm/types.ts';
import type { PlannedRestore, StorePlan } from '../../../session/dry-run-plan.ts';
import { planRestore, planStore } from '../../../session/plan-dry-run.ts';
import { formatRestore, formatStore } from '../../print-dry-run.ts';
import type { Session } from '../../session.ts';
import { writeOut } from '../../write-out.ts';

/** What `slipway run --host --dry-run` prints, as data. */
interface HostDryRun extends StorePlan {
  readonly schemaVersion: 1;
  /** Such as `go1.26.8`; absent where go doesn't say. */
  readonly go?: string;
  readonly caches: HostGo['caches'];
  /** Variables that the command gets. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absent where there is nothing to restore into. */
  readonly restore?: PlannedRestore;
}

export interface HostPlanInput {
  readonly context: StoreContext;
  readonly go: HostGo | undefined;
  /** One at most. */
  readonly caches: readonly GoCaches[];
  readonly env: HostDryRun['env'];
}

/** Prints which directories would be filled from where. Nothing is run or written. */
export async function printHostPlan(session: Session, { context, go, caches, env }: HostPlanInput): Promise<void> {
  const [first] = caches;
  const plan: HostDryRun = {
    schemaVersion: 1,
    ...planStore(session, context),
    ...(go?.version === undefined ? {} : { go: go.version }),
    caches: go?.caches ?? [],
    env,
    ...(first === undefined ? {} : { restore: await planRestore(session, context, first) }),
  };
  session.progress.close();
  const isJson = session.settings.format === 'json';
  await writeOut(session.io.stdout, isJson ? `${JSON.stringify(plan, null, 2)}\n` : formatHostPlan(plan));
}

function formatHostPlan(plan: HostDryRun): string {
  const lines = [
    `go          ${plan.go ?? 'unknown'}`,
    ...formatStore(plan),
    ...plan.caches.map(({ kind, directory }) => `cache       ${kind} at ${directory}`),
    ...Object.entries(plan.env).map(([name, value]) => `sets        ${name}=${value}`),
    `restore     ${plan.restore === undefined ? 'nothing' : formatRestore(plan.restore)}`,
  ];
  return `${lines.join('\n')}\n`;
}
