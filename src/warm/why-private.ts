import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { findPrivateModule } from '../golang/module/find-private-module.ts';
import type { PlannedBuild, Privacy } from './types.ts';
import { contextRoots, walkCheckout } from './walk-checkout.ts';

/** What a run has of its code. */
export interface Checkout {
  /** Below them lie its modules. */
  readonly directories: readonly string[];
  /** Values of GOPRIVATE in its Dockerfile. */
  readonly goPrivate: readonly string[];
}

export function checkoutOf({ userBuild, facts }: Pick<PlannedBuild, 'userBuild' | 'facts'>): Checkout {
  return { directories: contextRoots(userBuild), goPrivate: facts.goPrivate };
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
  for await (const { path: directory, files } of walkCheckout(checkout.directories, signal)) {
    if (!files.has('go.mod')) continue;
    const found = findPrivateModule(await readFile(path.join(directory, 'go.mod'), 'utf8'), patterns);
    if (found !== undefined) return `GOPRIVATE names the module ${found}`;
  }
  return undefined;
}
