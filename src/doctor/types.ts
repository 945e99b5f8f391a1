import type { BuilderFacts } from '../buildkit/builder-facts.ts';
import type { Engine } from '../buildkit/types.ts';
import type { Clock } from '../core/clock.ts';
import type { SlipwayError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { Store } from '../store/port.ts';
import type { StoreSpec } from '../store/store-spec.ts';
import type { BuilderProbe } from './probe-builder.ts';

/** `ok`: as it should be; `info`: good to know, or not looked at; `warning`: costs warmth or soon will; `error`: doesn't work. */
export type Level = 'ok' | 'info' | 'warning' | 'error';

export interface Finding {
  /** The id of the check that found it. */
  readonly check: string;
  readonly level: Level;
  /** One or more sentences: what is so, and what that costs. */
  readonly says: string;
  /** A command line that mends it. */
  readonly mend?: string;
}

/** What a check has to say; whose it is is added to it. */
export type Said = Omit<Finding, 'check'>;

/** One thing that is looked at. A new one needs a file and a line in `checks.ts`. */
export interface Check {
  readonly id: string;
  /** For the list of checks. */
  readonly looksAt: string;
  /** What it throws becomes a finding. It ends when the signal does. */
  run(context: DoctorContext): Promise<readonly Said[]>;
}

/** Facts that checks share, each read once and only when a check asks for it, and the ports to read others. */
export interface DoctorContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeDirectory: string;
  /** slipway's own, which need not exist. */
  readonly cacheDirectory: string;
  readonly clock: Clock;
  /** For what only `--debug` shows. */
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Rejects with ENGINE_MISSING, ENGINE_TOO_OLD or ENGINE_FAILED. */
  engine(): Promise<Engine>;
  builder(): Promise<BuilderFacts>;
  /** What a small build sees there; rejects as a build does. */
  probe(): Promise<BuilderProbe>;
  readonly configuration: Configuration;
  readonly stores: readonly ConfiguredStore[];
  /** Where snapshots would be looked for first. */
  readonly scope: string;
  /** What says that the code is private, as a clause; undefined where nothing does. */
  whyPrivate(signal: AbortSignal): Promise<string | undefined>;
  /** `--allow-public`. */
  readonly allowsPublic: boolean;
  /** Undefined where no repository was named. */
  habits(): Promise<readonly Habit[] | undefined>;
}

/** Where the settings came from. */
export interface Configuration {
  readonly file: string | undefined;
  /** What is wrong with it; the other checks then go by flags and defaults. */
  readonly problem: SlipwayError | undefined;
  readonly warnings: readonly string[];
  /** Nobody named a store. */
  readonly isStoreDefault: boolean;
  /** Of the CI system that runs this. */
  readonly isCi: boolean;
}

export interface ConfiguredStore {
  readonly spec: StoreSpec;
  readonly description: string;
  /** Why this run may not write there; undefined where it may. */
  readonly readOnlyReason: string | undefined;
  /** The store with its retries and limits; what it warns of goes to the logger. */
  open(logger: Logger): Store;
}

/** A command in a file of the repository that throws the builder's cache away. */
export interface Habit {
  readonly kind: 'no-cache' | 'prune';
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** The line as it stands, for the command that mends it. */
  readonly text: string;
  /** Who does it: `make target image`, `job build, step "Build"`. */
  readonly label: string;
}
