import { mkdir, mkdtemp } from 'node:fs/promises';
import path from 'node:path';
import type { StoreContext } from './types.ts';

/** An empty directory for one run, beside the packs; the caller removes it. */
export async function makeRunDirectory(context: Pick<StoreContext, 'workDirectory'>): Promise<string> {
  await mkdir(context.workDirectory, { recursive: true });
  return mkdtemp(path.join(context.workDirectory, 'run-'));
}
