import type { ClosingManner } from '../buildkit/close-trees.ts';
import type { ExtractRequest, MountExtract } from '../buildkit/extract-entries.ts';
import type { InjectRequest, InjectResult } from '../buildkit/inject-packs.ts';
import type { Look, ProbeRequest } from '../buildkit/probe-mounts.ts';
import type { SlipwayError } from '../core/errors.ts';
import type { MountKind } from '../core/mount-kind.ts';
import type { BuildPlace } from '../pack/types.ts';
import type { ModuleSums } from '../trust/module-sums.ts';
import type { StoredState } from './stored-state.ts';
import type { Checkout } from './why-private.ts';

/** One of Go's cache directories that is filled and read. */
export interface CachePlace {
  readonly kind: MountKind;
  /** Of the mount; `host` for a directory of this machine. */
  readonly id: string;
  /** The directory: in the build, or on this machine. */
  readonly target: string;
  /** As messages call it, behind `the`. */
  readonly name: string;
}

/**
 * Go's caches that a restore fills before a build, and a save reads after it: the cache mounts of a build, which helper
 * builds reach, or this machine's own directories. What is stored, believed and worth its time is decided alike for both.
 */
export interface GoCaches {
  /** The answers of `probe` and `extract` come in this order, once for each node of a builder that has several. */
  readonly places: readonly CachePlace[];
  /** Whose times the history of builds tells: a test on this machine takes another time than an image. */
  readonly buildPlace: BuildPlace;
  readonly checkout: Checkout;
  /** What the go.sum files of the checkout say of modules. */
  readSums(): Promise<ModuleSums>;
  /** What of these packs is missing in each place, and whether they can be fetched from there. Where a fill goes on, `work.directory` stays until it is over. */
  probe(work: CacheWork, request: ProbeRequest): Promise<Look>;
  inject(work: CacheWork, request: InjectRequest): Promise<InjectResult>;
  /** The builder may be asked to fetch build cache packs by itself: `fetches` of `inject`. */
  readonly canFetch?: boolean;
  /** What is new in each place, packed but not verified, and what was used. */
  extract(work: CacheWork, request: ExtractRequest): Promise<readonly MountExtract[]>;
  /**
   * Closes the trees that were injected, so that Go finds no half modules later. Where it is there, modules come as trees and are
   * stored as such, and whoever fills the caches closes them after the build, which an extract does too; else modules travel as zips. What other runs
   * build with right now stays open, unless it is `isForced`, since this build needs more.
   */
  closeTrees?(work: Omit<CacheWork, 'state'>, how?: ClosingManner): Promise<void>;
  /** DISK_FULL, in the words of whose disk it is. */
  noSpace(bytes: { readonly neededBytes: number; readonly freeBytes: number }): SlipwayError;
}

/** What each step over the caches works with. */
export interface CacheWork {
  readonly signal: AbortSignal;
  readonly state: StoredState;
  /** Of the step's own, beside the packs; not there yet. */
  readonly directory: string;
}
