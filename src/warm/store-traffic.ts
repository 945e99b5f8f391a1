import type { Store } from '../store/port.ts';
import type { TierReport } from '../store/tiers/tier.ts';
import { hasTiers } from '../store/tiers/tiered-store.ts';
import { refusePublic } from './refuse-public.ts';
import type { StoreContext } from './types.ts';
import type { Checkout } from './why-private.ts';

/**
 * Writes what this run fetched for its checkouts from a farther store into the nearer ones, unless that is private code
 * which strangers could read there. What fails there is told, and nothing more.
 */
export async function fillNearerStores(context: StoreContext, checkouts: readonly Checkout[]): Promise<void> {
  const { store, signal, options } = context;
  if (!hasTiers(store) || options.isReadOnly || !store.hasToFill()) return;
  for (const checkout of checkouts) {
    const refusal = await refusePublic(context, checkout);
    if (refusal !== undefined) return context.logger.info(`no store is filled: ${refusal.message}`);
  }
  await store.fillNearer({ signal });
}

/** The member `stores` of reports, where there are several stores: what came from where, and went where. */
export function storeTraffic(store: Store): { readonly stores?: readonly TierReport[] } {
  return hasTiers(store) ? { stores: store.reports() } : {};
}
