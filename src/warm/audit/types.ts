import type { ActionDifference } from './compare-actions.ts';
import type { FileDifference } from './compare-trees.ts';

/**
 * `alike`: what was restored gives what a cold build gives. `differs`: it doesn't, and two cold builds agree.
 * `irreproducible`: two cold builds differ from each other where the warm one differs too, so that the cache can't be judged.
 */
export type AuditVerdict = 'alike' | 'differs' | 'irreproducible';

/** `verify`: over the restored mounts, with Go recomputing and comparing each action. */
export type AuditBuildName = 'warm' | 'cold' | 'verify' | 'cold-again';

/** Schema of `slipway audit --format json`; see `docs/formats/audit.md`. */
export interface AuditReport {
  readonly schemaVersion: 1;
  readonly engine: string;
  readonly store: string;
  /** Scopes that were read, in order. */
  readonly scopes: readonly string[];
  readonly verdict: AuditVerdict;
  readonly restored: RestoredAmounts;
  readonly compared: ComparedAmounts;
  /** In the order in which they ran. */
  readonly builds: readonly AuditBuild[];
  readonly differences: readonly Judged<FileDifference>[];
  readonly actions: readonly Judged<ActionDifference>[];
  readonly warnings: readonly string[];
  readonly seconds: number;
}

/** `isReproducible`: two cold builds agree on it, so that the difference comes from the cache. */
export type Judged<T> = T & { readonly isReproducible: boolean };

export interface RestoredAmounts {
  /** `scope@sequence-nonce` */
  readonly snapshots: readonly string[];
  readonly packs: number;
  /** Of the packs as they are stored. */
  readonly bytes: number;
  readonly entries: number;
  /** Entries that say what an action of Go's gave. */
  readonly actions: number;
  /** Compiled packages. */
  readonly packages: number;
  /** Restored actions that the warm build took instead of doing them. */
  readonly used: number;
}

export interface ComparedAmounts {
  /** Files, directories and links of the cold build's result. */
  readonly files: number;
  /** Restored actions that the cold build did too. */
  readonly actions: number;
  /** Restored actions that Go did again over the restored mounts. */
  readonly verified: number;
}

export interface AuditBuild {
  readonly name: AuditBuildName;
  readonly exitCode: number;
  readonly seconds: number;
}
