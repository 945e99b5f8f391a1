import { formatBytes, formatCount, formatSeconds } from '../../core/size.ts';
import type { MountKind } from '../../core/mount-kind.ts';
import type { AroundGroup, AroundReport } from '../../warm/around.ts';
import type { TierReport } from '../../store/tiers/tier.ts';
import type { PlannedTarget } from './plan-targets.ts';
import type { ColdBuild } from './types.ts';

/** What `slipway run --report FILE` writes: schema in `docs/formats/run.md`. */
export interface RunReport {
  readonly schemaVersion: 1;
  /** undefined where no builder was asked. */
  readonly engine?: string;
  readonly store: string;
  readonly scope: string;
  /** The command's, which is slipway's own too. */
  readonly exitCode: number;
  readonly commandSeconds: number;
  readonly totalSeconds: number;
  /** Why nothing at all was restored. */
  readonly reason?: string;
  readonly targets: readonly ReportedTarget[];
  readonly groups: readonly ReportedGroup[];
  readonly stores?: readonly TierReport[];
}

/** Mounts that were restored and saved together. */
export interface ReportedGroup extends Pick<AroundGroup, 'restore' | 'save'> {
  readonly mounts: readonly { readonly kind: MountKind; readonly id: string; readonly target: string }[];
}

/** One build of the command. */
export interface ReportedTarget {
  readonly name: string;
  /** As the command names it; not there for one that was not read. */
  readonly dockerfile?: string;
  /** Why nothing was restored for it. */
  readonly reason?: string;
}

export function reportTarget(target: PlannedTarget | ColdBuild): ReportedTarget {
  const { name } = target;
  if ('cold' in target) return { name, reason: target.cold.reason };
  return { name, dockerfile: target.plans[0]?.dockerfilePath ?? '' };
}

export function reportGroup({ places, restore, save }: AroundGroup): ReportedGroup {
  return { mounts: places.map(({ kind, id, target }) => ({ kind, id, target })), restore, save };
}

/** The one line that a run ends with. */
export function formatRunLine({ command, groups, totalSeconds }: AroundReport): string {
  const time = `${formatSeconds(totalSeconds)}, ${formatSeconds(command.seconds)} of it the command`;
  if (command.exitCode !== 0) return `slipway: the command failed with exit code ${command.exitCode}; ${time}`;
  const sum = (amount: (group: AroundGroup) => number): number =>
    groups.reduce((total, group) => total + amount(group), 0);
  const parts = [
    `${formatBytes(sum(({ restore }) => restore.bytesMoved))} down, ${formatBytes(sum(({ save }) => save.bytesMoved))} up`,
    `entries ${formatCount(sum(({ restore }) => restore.entriesRestored))} restored, ${formatCount(sum(({ save }) => save.entriesUsed))} used, ${formatCount(sum(({ save }) => save.entriesNew))} new`,
    time,
  ];
  return `slipway: ${parts.join('; ')}`;
}
