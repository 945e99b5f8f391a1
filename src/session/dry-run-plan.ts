import type { GoMount } from '../dockerfile/types.ts';
import type { Trust } from '../trust/choose-trust.ts';
import type { RestoreDecision } from '../warm/types.ts';

/** From where and whereto, whosever caches they are. */
export interface StorePlan {
  readonly store: string;
  readonly writeScope: string | undefined;
  readonly readScopes: readonly string[];
  readonly scopeReason: string;
  /** Why nothing may be written, where the run itself forbids it. */
  readonly readOnlyReason: string | undefined;
  readonly trust: Trust;
  readonly signatures: PlannedSignatures;
}

/** What `--dry-run` prints, as data: schema in `docs/formats/report.md`. */
export interface DryRunPlan extends StorePlan {
  readonly schemaVersion: 1;
  readonly engine: string;
  readonly dockerfile: string;
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
