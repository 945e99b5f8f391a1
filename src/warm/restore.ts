import { isSlipwayError } from '../core/errors.ts';
import { isStoreFault, reportCacheFault } from './cache-fault.ts';
import type { GoCaches } from './caches.ts';
import { fillCaches } from './fill-caches.ts';
import { mountCaches } from './mount-caches.ts';
import { notRestored, type RestoreOutcome } from './restore-outcome.ts';
import { startStopwatch } from './stopwatch.ts';
import { sweepLeftovers } from './sweep-leftovers.ts';
import type { StoredState } from './stored-state.ts';
import { skipRestore } from './skip-restore.ts';
import type { PlannedBuild, StoreContext, WarmContext } from './types.ts';

/**
 * Fills the build's Go cache mounts with what the store holds for the scope chain. A fault of the cache is told and
 * leaves the build cold; only an abort (and any fault under `--strict-cache`) is thrown.
 */
export async function restore(
  context: WarmContext,
  planned: PlannedBuild,
  caches: GoCaches = mountCaches(context, planned),
  stored?: Promise<StoredState>,
): Promise<RestoreOutcome> {
  const skip = skipRestore(planned);
  if (skip !== undefined) return notRestored(startStopwatch(context.clock), skip.state, skip);
  return restoreCaches(context, caches, stored);
}

/** The same for any caches of Go. What is stored may be on its way already. */
export async function restoreCaches(
  context: StoreContext,
  caches: GoCaches,
  stored?: Promise<StoredState>,
): Promise<RestoreOutcome> {
  const watch = startStopwatch(context.clock);
  // The service's rule for this run, and no fault: also under `--strict-cache`.
  const refused = context.store.refusal?.read;
  if (refused !== undefined) return notRestored(watch, 'skipped', { reason: refused });
  context.onEvent({ type: 'phase', phase: 'restore', state: 'start' });
  try {
    return await fillCaches(context, caches, { watch, reading: stored });
  } catch (error) {
    if (isSlipwayError(error, 'STORE_REFUSED')) return notRestored(watch, 'skipped', { reason: error.message });
    const why = reportCacheFault(context, 'the cache could not be restored, the build starts cold', error);
    return { ...notRestored(watch, 'failed', why), isStoreFaultTold: isStoreFault(error) };
  } finally {
    await sweepLeftovers(context);
    context.onEvent({ type: 'phase', phase: 'restore', state: 'done' });
  }
}
