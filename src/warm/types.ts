import type { Clock } from '../core/clock.ts';
import type { EventSink } from '../core/events.ts';
import type { Logger } from '../core/logger.ts';
import type { MountKind } from '../core/mount-kind.ts';
import type { Engine, UserBuild } from '../buildkit/types.ts';
import type { BuildFacts } from '../dockerfile/types.ts';
import type { CompiledObject } from '../golang/object/read-object.ts';
import type { WillCommand } from '../process/last-will.ts';
import type { Store } from '../store/port.ts';
import type { TierReport } from '../store/tiers/tier.ts';
import type { SigningKey } from '../trust/key-text.ts';
import type { TrustPolicy } from '../trust/verify-snapshot.ts';
import type { RestoreShare } from './guard/plan-restore.ts';
import type { Trust } from '../trust/choose-trust.ts';

/** Scope to write, and the scopes to read in order (the written one first). */
export interface ScopeChain {
  readonly write: string;
  readonly read: readonly string[];
}

/** What the use-cases are given; wired once per process. */
export interface WarmContext extends StoreContext {
  readonly engine: Engine;
  /** slipway's own command line that closes module trees behind a run which is killed; without it they stay open until the next restore. */
  readonly closer?: WillCommand | undefined;
  /** Told each package that the build compiled, as the new entries of a save tell; without it nobody looks. */
  readonly onCompiled?: (compiled: CompiledObject) => void;
}

/** What a save is given, whosever caches it reads. */
export type SaveContext = Omit<WarmContext, 'engine'>;

/** What is enough where no builder is asked. */
export interface StoreContext {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onEvent: EventSink;
  readonly signal: AbortSignal;
  /** `<user cache>/slipway`: packs (`packs/`), entry lists (`lists/`) and the files of each run (`run-…/`). */
  readonly workDirectory: string;
  readonly options: WarmOptions;
}

export interface WarmOptions {
  readonly scopes: ScopeChain;
  /** Image of the helper builds; the stage's own base image is used when it can't be pulled. */
  readonly helperImage: string;
  readonly isReadOnly: boolean;
  /** What of the store may enter a mount. */
  readonly believes: Trust;
  /** A restore that is expected to cost more than it saves is left out, or stopped. */
  readonly isGuarded: boolean;
  readonly isStrict: boolean;
  /** Save what `go test` keeps of its runs too. */
  readonly withTestResults?: boolean;
  /** In which form modules travel; default: `zips`. Only a build that is followed to its end takes trees. */
  readonly modules?: 'zips' | 'trees';
  /** Who fetches build cache packs: the builder where it can, or this machine in any case; default: `auto`. */
  readonly fetch?: 'auto' | 'client';
  /** Seconds to the first answer of a store; then a transfer must keep up 256 KiB/s over each such window. */
  readonly cacheTimeoutSeconds: number;
  readonly isDryRun: boolean;
  /** Private code isn't written where strangers can read it; absent: it is (`--allow-public`). */
  readonly privacy?: Privacy;
  /** Absent: signatures are neither asked for nor made. */
  readonly trust?: TrustSettings;
  /** What snapshots of this run say of it, such as `repository`, `ref`, `event`: 1 to 512 printable characters each. */
  readonly facts?: Readonly<Record<string, string>>;
}

/** What is known to be private before the checkout is looked at. */
export interface Privacy {
  /** GOPRIVATE of the environment, or of `go env -w`; '' without. */
  readonly goPrivate: string;
  /** What the CI says of the repository, as a clause, where not everybody may see it. */
  readonly repository?: string;
}

/** Whose snapshots are believed, and with what this run signs its own. */
export interface TrustSettings {
  readonly policy: TrustPolicy;
  /** Build caches come from validly signed snapshots only. */
  readonly isRequired: boolean;
  /** Each of them signs what this run saves. */
  readonly signingKeys: readonly SigningKey[];
  /** Every module is checked against go.sum before it enters a mount, so modules of untrusted snapshots may be used too. */
  readonly areModulesProven: boolean;
}

/** A build with what was read of its Dockerfile. */
export interface PlannedBuild {
  readonly userBuild: UserBuild;
  readonly dockerfilePath: string;
  readonly dockerfileText: string;
  readonly facts: BuildFacts;
}

/** `not-needed`: each step that could use the mounts came from the layer cache. `stopped`: it didn't pay any more; what was here and verified by then is in the mounts. */
export type RestoreState =
  | 'restored'
  | 'already-warm'
  | 'not-needed'
  | 'nothing-stored'
  | 'no-mounts'
  | 'skipped'
  | 'stopped'
  | 'failed';

export type BytesByKind = { readonly [kind in MountKind]?: number };

/** What a snapshot names for the mounts of one kind. */
export interface StoredAmount {
  /** Gzip'd. */
  readonly bytes: number;
  readonly entries: number;
  /** Entries that this build did not use. */
  readonly entriesIdle: number;
}

/** How much of what is stored a restore was to bring, and why. */
export interface RestoreDecision {
  readonly share: RestoreShare;
  readonly by: 'default' | 'trust' | 'guard' | 'disk';
  /** Where less than everything came, or was to come. */
  readonly reason?: string;
  /** By what earlier builds measured: seconds of the restore, and seconds that it saves. */
  readonly expectedSeconds?: number;
  readonly expectedSavingSeconds?: number;
}

/** Seconds of earlier builds of the scope, medians. */
export interface BuildsOnRecord {
  /** Those that found nothing in their mounts. */
  readonly coldSeconds: number;
  /** Those that found in their mounts what this build does. */
  readonly warmSeconds: number;
}

export interface RestoreReport {
  readonly state: RestoreState;
  /** Undefined unless builds of both kinds are on record, and the mounts hold all that was to come. */
  readonly onRecord?: BuildsOnRecord;
  /** Undefined when nothing could be decided: there are no mounts, or the store wasn't read. */
  readonly decision?: RestoreDecision;
  /** Why it was skipped, stopped or failed, one sentence. */
  readonly reason?: string;
  readonly hint?: string;
  /** Snapshots that were united, `scope@sequence-nonce`. */
  readonly snapshots: readonly string[];
  readonly packsMoved: number;
  readonly bytesMoved: number;
  /** What of it were packs, by the kind of their mount. */
  readonly bytesByKind?: BytesByKind;
  /** What of it the builder fetched by itself, past this machine; absent: nothing. */
  readonly bytesByBuilder?: number;
  readonly entriesRestored: number;
  readonly seconds: number;
  /** Seconds by part: read, probe, download, inject. */
  readonly phases: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
}

/** What a prefetch did; the packs are on this machine then, where a restore finds them. */
export interface PrefetchReport {
  readonly state: 'prefetched' | 'nothing-stored' | 'skipped' | 'failed';
  readonly reason?: string;
  readonly hint?: string;
  readonly packsMoved: number;
  readonly bytesMoved: number;
  readonly seconds: number;
  readonly warnings: readonly string[];
}

export type SaveState = 'saved' | 'nothing-new' | 'no-mounts' | 'skipped' | 'failed';

export interface SaveReport {
  readonly state: SaveState;
  readonly reason?: string;
  readonly hint?: string;
  readonly snapshot?: string;
  /** IDs of the keys that signed it. */
  readonly signedBy?: readonly string[];
  readonly packsMoved: number;
  readonly bytesMoved: number;
  /** What of it were packs, by the kind of their mount; the rest are lists and documents. */
  readonly bytesByKind?: BytesByKind;
  /** What the store holds for this scope afterwards, by the kind of mount. */
  readonly stored?: { readonly [kind in MountKind]?: StoredAmount };
  readonly entriesNew: number;
  readonly entriesUsed: number;
  readonly entriesRejected: number;
  readonly isCompacted: boolean;
  /** From the end of the build on. */
  readonly seconds: number;
  /** Where a part of it ran beside the end of the build: that part's seconds until then. */
  readonly besideSeconds?: number;
  readonly phases: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
}

/** Schema of `slipway build --format json`; see `docs/formats/report.md`. */
export interface BuildReport {
  readonly schemaVersion: 1;
  readonly engine: string;
  readonly store: string;
  readonly scope: string;
  /** BuildKit's exit code. */
  readonly buildExitCode: number;
  readonly buildSeconds: number;
  readonly totalSeconds: number;
  /** Seconds of the recorded cold build minus this one's total, when a cold build is on record. */
  readonly savedSeconds?: number;
  readonly restore: RestoreReport;
  readonly save: SaveReport;
  /** Where there are several stores: what came from where, and went where. */
  readonly stores?: readonly TierReport[];
}
