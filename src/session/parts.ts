import type { Engine, UserBuild } from '../buildkit/types.ts';
import type { Logger } from '../core/logger.ts';
import type { Store } from '../store/port.ts';
import type { AroundOptions, AroundReport, CommandResult } from '../warm/around.ts';
import type { AuditReport } from '../warm/audit/types.ts';
import type { BuildOptions, WarmBuild } from '../warm/build.ts';
import type { GoCaches } from '../warm/caches.ts';
import type { FillPlan } from '../warm/fill-caches.ts';
import type { HostGo } from '../warm/host/host-caches.ts';
import type { StoreReading } from '../warm/read-ahead.ts';
import type { RestoreOutcome } from '../warm/restore-outcome.ts';
import type { Publication, Published } from '../warm/publish.ts';
import type { StoredState } from '../warm/stored-state.ts';
import type { PlannedBuild, PrefetchReport, SaveReport, StoreContext, WarmContext } from '../warm/types.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** The use-cases and openers that commands call. Loaded only when a command really runs, since they are heavy. */
export interface Parts {
  discoverEngine(options: {
    readonly env: Env;
    readonly userBuilder?: string;
    readonly engine: 'auto' | 'buildx' | 'buildctl' | 'embedded';
    readonly cacheDirectory: string;
    readonly signal: AbortSignal;
    readonly logger: Logger;
  }): Promise<Engine>;
  openStores(specs: readonly string[], options: OpenOptions): OpenedSpecs;
  planBuild(userBuild: UserBuild, env: Env): Promise<PlannedBuild>;
  prefetch(context: StoreContext): Promise<PrefetchReport>;
  restore(context: WarmContext, planned: PlannedBuild): Promise<RestoreOutcome>;
  save(context: WarmContext, planned: PlannedBuild): Promise<SaveReport>;
  build(context: WarmContext, planned: PlannedBuild, options: BuildOptions): Promise<WarmBuild>;
  /** Begins to read what a build's restore will want, before there is an engine. */
  readAhead(context: StoreContext, planned: PlannedBuild): StoreReading | undefined;
  around(
    context: WarmContext,
    builds: readonly PlannedBuild[],
    command: () => Promise<CommandResult>,
    options: AroundOptions,
  ): Promise<AroundReport>;
  aroundCaches(
    context: StoreContext,
    all: readonly GoCaches[],
    command: () => Promise<CommandResult>,
    options: AroundOptions,
  ): Promise<AroundReport>;
  mountCaches(context: WarmContext, planned: PlannedBuild): GoCaches;
  /** The same where modules come as trees; undefined where they don't. */
  treeCaches(context: WarmContext, planned: PlannedBuild): Promise<GoCaches | undefined>;
  hostCaches(context: StoreContext, go: HostGo): GoCaches;
  audit(context: WarmContext, planned: PlannedBuild, env: Env): Promise<AuditReport>;
  /** What a restore would bring, and why not more. */
  planRestore(context: StoreContext, caches: GoCaches, state: StoredState): Promise<FillPlan>;
  readStoredState(context: StoreContext, scopes: readonly string[]): Promise<StoredState>;
  publish(context: StoreContext, state: StoredState, publication: Publication): Promise<Published>;
}

export interface OpenOptions {
  readonly timeoutSeconds: number;
  readonly env: Env;
  readonly logger: Logger;
  /** `--strict-cache`. */
  readonly isStrict: boolean;
}

export interface OpenedSpec {
  readonly store: Store;
  /** Its spec says `read-only=true`. */
  readonly isReadOnly: boolean;
}

export interface OpenedSpecs {
  /** All of them as one. */
  readonly store: Store;
  /** Each by itself, for the verbs that look after stores. */
  readonly each: readonly OpenedSpec[];
  /** One of the specs says `ignore-error=false`. */
  readonly isStrict: boolean;
  /** All of them say `read-only=true`. */
  readonly isReadOnly: boolean;
}
