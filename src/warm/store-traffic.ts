import type { Store } from '../store/port.ts';
import type { TierReport } from '../store/tiers/tier.ts';
import { hasTiers } from '../store/tiers/tiered-store.ts';
import { checkoutOf, refusePublic } from './refuse-public.ts';
import type { PlannedBuild, WarmContext } from './types.ts';

/**
 * Writes what this run fetched for its builds from a farther store into the nearer ones, unless that is private code which
 * strangers could read there. What fails there is told, and nothing more.
 */
export async function fillNearerStores(context: WarmContext, builds: readonly PlannedBuild[]): Promise<void> {
  const { store, signal, options } = context;
  if (!hasTiers(store) || options.isReadOnly || !store.hasToFill()) return;
  for (const planned of builds) {
    const refusal = await refusePublic(context, checkoutOf(planned));
    if (refusal !== undefined) return context.logger.info(`no store is filled: ${refusal.message}`);
  }
  await store.fillNearer({ signal });
}

/** The member `stores` of reports, where there are several stores: what came from where, and went where. */
export function storeTraffic(store: Store): { readonly stores?: readonly TierReport[] } {
  return hasTiers(store) ? { stores: store.reports() } : {};
}
