import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { UserBuild } from '../buildkit/types.ts';
import { findPrivateModule } from '../golang/module/find-private-module.ts';
import { contextDirectories } from './context-directories.ts';
import type { Privacy } from './types.ts';

/** What is looked at: the checkout, and the values of GOPRIVATE in its Dockerfile. */
export interface Checkout extends Pick<UserBuild, 'context' | 'buildContexts'> {
  readonly goPrivate: readonly string[];
}

/** What says that the code of a checkout is private, as a clause; undefined where nothing does. */
export async function whyPrivate(
  { repository, goPrivate }: Privacy,
  checkout: Checkout,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (repository !== undefined) return repository;
  const patterns = [...new Set([goPrivate, ...checkout.goPrivate])].filter((list) => list !== '');
  if (patterns.length === 0) return undefined;
  for await (const { path: directory, files } of contextDirectories(checkout, signal)) {
    if (!files.has('go.mod')) continue;
    const found = findPrivateModule(await readFile(path.join(directory, 'go.mod'), 'utf8'), patterns);
    if (found !== undefined) return `GOPRIVATE names the module ${found}`;
  }
  return undefined;
}
