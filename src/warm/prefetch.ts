import { layerBlob } from '../pack/manifest.ts';
import { choosePacks } from '../pack/plan-compaction.ts';
import { isSlipwayError } from '../core/errors.ts';
import { forEachLimited } from '../store/each-limited.ts';
import { downloadToDirectory } from '../store/transfer.ts';
import { reportCacheFault } from './cache-fault.ts';
import { packDirectory } from './fetch-packs.ts';
import { startStopwatch } from './stopwatch.ts';
import { readStoredState } from './stored-state.ts';
import { createTransferCounter } from './transfer-counter.ts';
import type { PrefetchReport, StoreContext } from './types.ts';

const DOWNLOADS_AT_ONCE = 4;

/**
 * Brings to this machine what a restore of the scope chain will want, as far as that can be known without a Dockerfile and a
 * builder. The restore that comes later finds whole packs, goes on with half ones, and checks both. A fault is told and is no more.
 */
export async function prefetch(context: StoreContext): Promise<PrefetchReport> {
  const { store, options, signal, clock } = context;
  const watch = startStopwatch(clock);
  const nothing = { packsMoved: 0, bytesMoved: 0, warnings: [] };
  // The service's rule for this run, and no fault.
  if (store.refusal?.read !== undefined)
    return { state: 'skipped', reason: store.refusal.read, ...nothing, seconds: watch.seconds() };
  try {
    const state = await readStoredState(context, options.scopes.read);
    const wanted = choosePacks(state.packs, state.entriesByPack).filter(
      ({ kind, representation }) =>
        (options.believes === 'all' || kind === 'gomodcache') &&
        (representation === 'files' || options.modules === 'trees'),
    );
    const counter = createTransferCounter(context, 'down', wanted);
    const directory = packDirectory(context);
    let packsMoved = 0;
    await forEachLimited(wanted, { concurrency: DOWNLOADS_AT_ONCE, signal }, async (record, inner) => {
      const blob = layerBlob(record);
      // One that is missing or damaged is the restore's to tell, which knows what comes of it.
      const outcome = await downloadToDirectory(store, blob, {
        directory,
        signal: inner,
        clock,
        onBytes: counter.onBytes,
      });
      if (outcome === 'done') packsMoved += 1;
      counter.onPack();
    });
    return {
      state: wanted.length === 0 ? 'nothing-stored' : 'prefetched',
      packsMoved,
      bytesMoved: counter.bytes(),
      seconds: watch.seconds(),
      warnings: state.warnings,
    };
  } catch (error) {
    if (isSlipwayError(error, 'STORE_REFUSED'))
      return { state: 'skipped', reason: error.message, ...nothing, seconds: watch.seconds() };
    const why = reportCacheFault(context, 'nothing is prefetched', error);
    return { state: 'failed', ...why, ...nothing, seconds: watch.seconds() };
  }
}
