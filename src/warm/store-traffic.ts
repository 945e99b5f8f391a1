import type { Store } from '../store/port.ts';
import type { TierReport } from '../store/tiers/tier.ts';
import { hasTiers } from '../store/tiers/tiered-store.ts';
import type { StoreContext } from './types.ts';

/** Writes what this run fetched from a farther store into the nearer ones. What fails there is told, and nothing more. */
export async function fillNearerStores(context: StoreContext): Promise<void> {
  const { store, signal, options } = context;
  if (hasTiers(store) && !options.isReadOnly) await store.fillNearer({ signal });
}

/** The member `stores` of reports, where there are several stores: what came from where, and went where. */
export function storeTraffic(store: Store): { readonly stores?: readonly TierReport[] } {
  return hasTiers(store) ? { stores: store.reports() } : {};
}
