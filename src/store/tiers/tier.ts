import type { Digest } from '../../core/digest.ts';
import { errorMessage, isSlipwayError } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { Store } from '../port.ts';

/** One of several stores, as it was opened. */
export interface TierSpec {
  readonly store: Store;
  readonly isReadOnly: boolean;
  /** A fault of this one fails the call, instead of being told: `ignore-error=false`. */
  readonly isStrict: boolean;
}

/** What moved between this machine and one store. */
export interface TierTraffic {
  snapshots: number;
  blobs: number;
  bytes: number;
}

/** One store of several, with what this run has learnt of it. */
export interface Tier extends TierSpec {
  /** `scope@key` of every snapshot that it listed or took. */
  readonly listed: Set<string>;
  /** Blobs that it gave, took, or that a snapshot of it names. */
  readonly present: Set<Digest>;
  /** Blobs that it was asked for in vain. */
  readonly missing: Set<Digest>;
  /** Blobs and `scope@key`s that it has, but not as they should be. */
  readonly rejected: Set<string>;
  /** Scopes that this run wrote a snapshot of: older ones of them needn't be brought there. */
  readonly writtenScopes: Set<string>;
  readonly down: TierTraffic;
  readonly up: TierTraffic;
  readonly filled: TierTraffic;
  /** All that was told of it. */
  readonly faults: Set<string>;
  readFault: string | undefined;
  /** It failed while it was written, so it can't be complete: no snapshot of this run is written there. */
  writeFault: string | undefined;
}

/** What a run moved from and to one of several stores. */
export interface TierReport {
  readonly store: string;
  readonly isReadOnly: boolean;
  readonly down: Readonly<TierTraffic>;
  readonly up: Readonly<TierTraffic>;
  /** Brought there from this machine or another store, so that it is complete, and nearer next time. */
  readonly filled: Readonly<TierTraffic>;
  /** Why it was not read or not written. */
  readonly faults: readonly string[];
}

export function newTier(spec: TierSpec): Tier {
  return {
    ...spec,
    listed: new Set(),
    present: new Set(),
    missing: new Set(),
    rejected: new Set(),
    writtenScopes: new Set(),
    down: { snapshots: 0, blobs: 0, bytes: 0 },
    up: { snapshots: 0, blobs: 0, bytes: 0 },
    filled: { snapshots: 0, blobs: 0, bytes: 0 },
    faults: new Set(),
    readFault: undefined,
    writeFault: undefined,
  };
}

/** Did the store fail, and not the caller, its source or its signal? */
export function isTierFault(error: unknown): boolean {
  return isSlipwayError(error) && (error.code.startsWith('STORE_') || ['TIMEOUT', 'DISK_FULL'].includes(error.code));
}

/** One line for the first read that a store fails at; the others do its work from then on. */
export function tellReadFault(tier: Tier, error: unknown, logger: Logger): void {
  if (tier.readFault !== undefined) return logger.debug(`${tier.store.description}: ${errorMessage(error)}`);
  tier.readFault = errorMessage(error);
  tier.faults.add(tier.readFault);
  say(error, logger, `${tier.store.description} can't be read, so the other stores must do: ${tier.readFault}`);
}

/** The same for writes; a store that didn't answer the reads either has been told already. */
export function tellWriteFault(tier: Tier, error: unknown, logger: Logger): void {
  const isNews = tier.writeFault === undefined && !(tier.readFault !== undefined && isSilence(error));
  tier.writeFault ??= errorMessage(error);
  tier.faults.add(tier.writeFault);
  if (isNews) say(error, logger, `${tier.store.description} is not written: ${tier.writeFault}`);
  else logger.debug(`${tier.store.description}: ${errorMessage(error)}`);
}

/** By the service's own rules for this run: no fault, so neither a warning nor an end of a strict run. */
export function isRefusal(error: unknown): boolean {
  return isSlipwayError(error, 'STORE_REFUSED');
}

function say(error: unknown, logger: Logger, text: string): void {
  if (isRefusal(error)) logger.info(text);
  else logger.warning(text);
}

function isSilence(error: unknown): boolean {
  return isSlipwayError(error, 'STORE_UNREACHABLE') || isSlipwayError(error, 'TIMEOUT');
}
