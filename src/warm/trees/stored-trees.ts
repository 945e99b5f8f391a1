import type { CheckoutNeeds } from '../../golang/trees/close-imports.ts';
import type { ModuleSums } from '../../trust/module-sums.ts';
import type { StoredState } from '../stored-state.ts';
import type { StoreContext } from '../types.ts';
import type { Checkout } from '../why-private.ts';
import { planTrees, type TreePlan } from './plan-trees.ts';
import { readCheckoutNeeds } from './read-checkout.ts';
import { readTreeIndex, type TreeIndex } from './read-index.ts';

/** What is stored of module trees, seen from one checkout. */
export interface StoredTrees extends TreeIndex {
  readonly checkout: CheckoutNeeds;
  readonly plan: TreePlan;
}

/** Reads the index of the stored trees and the imports of the checkout, and plans which modules can be had as trees. */
export async function readStoredTrees(
  context: StoreContext,
  { directories }: Checkout,
  { state, sums }: { readonly state: StoredState; readonly sums: ModuleSums },
): Promise<StoredTrees> {
  const [checkout, index] = await Promise.all([
    readCheckoutNeeds(directories, context.signal),
    readTreeIndex(context, state, sums),
  ]);
  const stored = new Set<string>();
  for (const pack of state.packs) {
    if (pack.representation !== 'trees') continue;
    for (const { path } of state.entriesByPack.get(pack.digest) ?? []) stored.add(path);
  }
  return { ...index, checkout, plan: planTrees({ checkout, modules: index.modules, sums, stored }) };
}
