import type { MountExtract } from '../buildkit/extract-entries.ts';
import type { SigningKey } from '../trust/key-text.ts';
import { signedPart, type StoredState } from './stored-state.ts';
import type { WarmOptions } from './types.ts';

/** With what the next snapshot is signed, and on what it may build. */
export interface SigningPlan {
  /** Packs that it may name beside the new ones. */
  readonly state: StoredState;
  readonly keys: readonly SigningKey[];
  /** Nobody would believe it unsigned: what can't be signed is not even taken out of the builder. */
  readonly isSignedOnly: boolean;
  /** What a person should know: why it isn't signed, or not all saved, though there are keys. */
  readonly warning: string | undefined;
}

/**
 * A signature says "all of this is from me, or from somebody I trust". So a snapshot is signed only when every build
 * cache that the build could read was signed: what it compiled may come from what it read.
 */
export function planSigning({ trust, scopes }: WarmOptions, state: StoredState): SigningPlan {
  const keys = trust?.signingKeys ?? [];
  const plain = { state, keys: [], isSignedOnly: false, warning: undefined };
  if (keys.length === 0) return plain;
  const hasForeignBuilds = state.packs.some(({ kind, digest }) => kind === 'gocache' && state.unsigned.has(digest));
  if (hasForeignBuilds) {
    return { ...plain, warning: 'the snapshot is not signed: it builds on snapshots that are not signed' };
  }
  const isSignedOnly = trust?.isRequired === true;
  return { state: signedPart(state, scopes.write), keys, isSignedOnly, warning: undefined };
}

/**
 * Is the scope's newest snapshot so old that it should be signed anew though there is nothing to add? Else a program that
 * nobody edits would start cold on the day its signature expires.
 */
export function isRenewalDue({ trust, scopes }: WarmOptions, plan: SigningPlan, nowMs: number): boolean {
  if (trust === undefined || plan.keys.length === 0) return false;
  const signedAt = plan.state.heads
    .filter(({ name }) => name.scope === scopes.write)
    .map((head) => head.snapshot.createdAtMs);
  return signedAt.length > 0 && nowMs - Math.max(...signedAt) > trust.policy.maxAgeMs / 2;
}

/** The plan once the mounts were looked at: an earlier restore may have filled them from what nobody vouched for. */
export function reviewSigning(plan: SigningPlan, extracts: readonly MountExtract[]): SigningPlan {
  if (plan.keys.length === 0 || !extracts.some(({ isUnsigned }) => isUnsigned)) return plan;
  const why = 'the cache mount was once filled from a snapshot that is not signed (prune it on this builder)';
  if (plan.isSignedOnly) return { ...plan, warning: `the build cache is not saved, since it can't be signed: ${why}` };
  return { ...plan, keys: [], warning: `the snapshot is not signed: ${why}` };
}
