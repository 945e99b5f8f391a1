import { skipRestore } from './skip-restore.ts';
import { readStoredState, type StoredState } from './stored-state.ts';
import type { PlannedBuild, StoreContext } from './types.ts';

/** The store as it is read while the engine is still looked for. */
export interface StoreReading extends AsyncDisposable {
  /** Rejects as reading it later would. */
  readonly stored: Promise<StoredState>;
}

/** Begins to read what is stored for a build. Undefined where no restore will want it. Disposing ends it, for a build that never comes. */
export function readAhead(context: StoreContext, planned: PlannedBuild): StoreReading | undefined {
  if (skipRestore(planned) !== undefined || context.store.refusal?.read !== undefined) return undefined;
  const stopper = new AbortController();
  const signal = AbortSignal.any([context.signal, stopper.signal]);
  const stored = readStoredState({ ...context, signal }, context.options.scopes.read);
  // Awaited by the restore; until then a failure must not count as unhandled.
  stored.catch(() => {});
  return {
    stored,
    [Symbol.asyncDispose]: async () => {
      stopper.abort(new Error('the store is not needed any more'));
      await Promise.allSettled([stored]);
    },
  };
}
