import { errorMessage } from '../../core/errors.ts';
import { hasPublicReading, type Exposure, type ExposureOptions } from '../port.ts';
import { keyOf } from './fill-nearer.ts';
import type { Tier } from './tier.ts';

const WORST_FIRST: readonly Exposure['readable'][] = ['yes', 'unknown', 'no'];

/** Asks every store, and gives the answer of the one that strangers see most of; without stores nothing is exposed. */
export async function mostExposed(tiers: readonly Tier[], options: ExposureOptions = {}): Promise<Exposure> {
  const answers = await Promise.all(tiers.map((tier) => ask(tier, options)));
  const worst = answers.toSorted((a, b) => WORST_FIRST.indexOf(a.readable) - WORST_FIRST.indexOf(b.readable))[0];
  return worst ?? { store: '', readable: 'no', seenBy: 'no store is written' };
}

async function ask({ store, listed }: Tier, { snapshot, ...options }: ExposureOptions): Promise<Exposure> {
  const { description } = store;
  if (!hasPublicReading(store)) return { store: description, readable: 'unknown', seenBy: "it can't be asked" };
  try {
    const isThere = snapshot !== undefined && listed.has(keyOf(snapshot));
    return await store.readableByStrangers({ ...options, ...(isThere && { snapshot }) });
  } catch (error) {
    options.signal?.throwIfAborted();
    return { store: description, readable: 'unknown', seenBy: errorMessage(error) };
  }
}
