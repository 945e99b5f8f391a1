import type { Logger } from '../../core/logger.ts';
import { isRefusal, isTierFault, type Tier } from './tier.ts';

export interface AskOptions {
  readonly logger: Logger;
  readonly signal?: AbortSignal;
  readonly tell: (tier: Tier, error: unknown, logger: Logger) => void;
}

/**
 * Puts one question to several stores at once, so that the dead ones together cost no more time than one of them. The
 * answers of those that gave one; where nobody did, the first one's error. What isn't a store's fault is thrown.
 */
export async function askTiers<T>(
  tiers: readonly Tier[],
  run: (tier: Tier) => Promise<T>,
  options: AskOptions,
): Promise<ReadonlyMap<Tier, T>> {
  options.signal?.throwIfAborted();
  const results = await Promise.allSettled(tiers.map(run));
  options.signal?.throwIfAborted();
  const answers = new Map<Tier, T>();
  const faults: { readonly tier: Tier; readonly error: unknown }[] = [];
  for (const [index, result] of results.entries()) {
    const tier = tiers[index] as Tier;
    if (result.status === 'fulfilled') answers.set(tier, result.value);
    else faults.push({ tier, error: result.reason as unknown });
  }
  settleFaults(faults, { ...options, hasAnswer: answers.size > 0 });
  return answers;
}

export interface TierFault {
  readonly tier: Tier;
  readonly error: unknown;
}

/** Decides what faults mean: told where another store answered and they may be ignored, else one of them is thrown. */
export function settleFaults(
  faults: readonly TierFault[],
  { hasAnswer, logger, tell }: AskOptions & { readonly hasAnswer: boolean },
): void {
  const foreign = faults.find(({ error }) => !isTierFault(error));
  if (foreign !== undefined) throw foreign.error;
  const real = faults.filter(({ error }) => !isRefusal(error));
  const thrown = real.find(({ tier }) => tier.isStrict) ?? (hasAnswer ? undefined : (real[0] ?? faults[0]));
  for (const fault of faults) if (fault !== thrown) tell(fault.tier, fault.error, logger);
  if (thrown !== undefined) throw thrown.error;
}
