import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { ClosingManner } from '../../buildkit/close-trees.ts';
import { errorMessage } from '../../core/errors.ts';
import { reportCacheFault } from '../cache-fault.ts';
import type { GoCaches } from '../caches.ts';
import { makeRunDirectory } from '../run-directory.ts';
import type { StoreContext } from '../types.ts';

/** For who calls the library: the CLI ends five seconds after an interrupt, whatever is still at work. */
const INTERRUPTED_MS = 30_000;

/** Does `work`, and closes the trees that are open in these caches afterwards, however it ended. */
export async function closingTrees<T>(
  context: StoreContext,
  caches: GoCaches | undefined,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } finally {
    if (caches !== undefined) await closeTreesIn(context, caches);
  }
}

/** Closes the trees of a build, also of an interrupted one. False when that failed, which is told as the fault that it is. */
export async function closeTreesIn(
  context: StoreContext,
  caches: GoCaches,
  how: ClosingManner = { isForced: false },
): Promise<boolean> {
  const directory = await makeRunDirectory(context);
  const isInterrupted = context.signal.aborted;
  const signal = isInterrupted ? AbortSignal.timeout(INTERRUPTED_MS) : context.signal;
  try {
    await caches.closeTrees?.({ signal, directory: path.join(directory, 'context') }, how);
    return true;
  } catch (error) {
    const left = 'module directories that hold only what this build imports stay in the builder';
    if (!isInterrupted) reportCacheFault(context, left, error);
    else context.logger.info(`${left}: ${errorMessage(error)}`);
    return false;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
