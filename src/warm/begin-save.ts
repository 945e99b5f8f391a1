import { rm } from 'node:fs/promises';
import type { GoCaches } from './caches.ts';
import { prepareSave, type PreparedSave, type PrepareInput } from './prepare-save.ts';
import { startStopwatch } from './stopwatch.ts';
import type { SaveContext } from './types.ts';
import { whyRefused, whyUnsaved } from './why-unsaved.ts';

/** The half of a save that runs beside the end of the build, and writes nothing to the store. */
export interface BegunSave {
  /** Rejects where it failed; the packs are the caller's then. */
  take(): Promise<PreparedSave>;
  /** Seconds from its beginning to its end, or until now. */
  seconds(): number;
  readonly phases: Readonly<Record<string, number>>;
  /** Ends it and removes what it made, unless that was taken. */
  drop(): Promise<void>;
}

/** Starts to take out of the caches what is new, while the build still exports. Undefined where nothing will be saved. */
export function beginSave(context: SaveContext, caches: GoCaches, input: PrepareInput): BegunSave | undefined {
  if (whyUnsaved(context) !== undefined || whyRefused(context) !== undefined) return undefined;
  const stopper = new AbortController();
  const signal = AbortSignal.any([context.signal, stopper.signal]);
  const watch = startStopwatch(context.clock);
  let took: number | undefined;
  let isTaken = false;
  const preparing = prepareSave({ ...context, signal }, caches, input, watch).finally(() => {
    took = watch.seconds();
  });
  // Awaited by whoever takes or drops it; until then a failure must not count as unhandled.
  preparing.catch(() => {});
  return {
    phases: watch.phases,
    seconds: () => took ?? watch.seconds(),
    take: () => {
      isTaken = true;
      return preparing;
    },
    drop: async () => {
      if (isTaken) return;
      stopper.abort(new Error('what the build left is not saved'));
      const [made] = await Promise.allSettled([preparing]);
      if (made.status === 'fulfilled') await rm(made.value.directory, { recursive: true, force: true });
    },
  };
}
