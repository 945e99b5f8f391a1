/** What of a store is believed: everything, or only modules, which go.sum proves. */
export type Trust = 'all' | 'modules';

export interface TrustFacts {
  /** `--trust`; `auto` leaves it to the run. */
  readonly setting: 'auto' | Trust;
  /** A tag is built: what comes out of it is shipped. */
  readonly isRelease: boolean;
  /** Snapshots without a valid signature are refused. */
  readonly isSignatureRequired: boolean;
}

export interface TrustVerdict {
  readonly trust: Trust;
  /** Set where it was chosen here and restores less than there is. */
  readonly reason: string | undefined;
}

/**
 * Compiled packages can't prove themselves: whoever may write the store could put code into a release. So a release takes
 * them only under signatures, or when somebody says so.
 */
export function chooseTrust(facts: TrustFacts): TrustVerdict {
  if (facts.setting !== 'auto') return { trust: facts.setting, reason: undefined };
  if (!facts.isRelease || facts.isSignatureRequired) return { trust: 'all', reason: undefined };
  return {
    trust: 'modules',
    reason:
      'a release is built and snapshots are not signed, so only modules are restored (`--trust=all` restores all)',
  };
}
