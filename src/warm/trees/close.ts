import { rm } from 'node:fs/promises';
import path from 'node:path';
import { reportCacheFault } from '../cache-fault.ts';
import type { GoCaches } from '../caches.ts';
import { makeRunDirectory } from '../run-directory.ts';
import type { StoreContext } from '../types.ts';

/** Closes the trees of a build that no save follows. False when that failed, which is told as the fault that it is. */
export async function closeTreesIn(context: StoreContext, caches: GoCaches): Promise<boolean> {
  const directory = await makeRunDirectory(context);
  try {
    await caches.closeTrees?.({ signal: context.signal, directory: path.join(directory, 'context') });
    return true;
  } catch (error) {
    reportCacheFault(context, 'module directories that hold only what this build imports stay in the builder', error);
    return false;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
