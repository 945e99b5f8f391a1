import type { ModuleSums } from '../../../src/trust/module-sums.ts';
import type { CheckoutNeeds } from '../../../src/golang/trees/close-imports.ts';
import { type IndexedModule, neededPaths, planTrees, type TreePlan } from '../../../src/warm/trees/plan-trees.ts';

export interface Checkout {
  readonly needs: CheckoutNeeds;
  readonly sums: ModuleSums;
}

/** What a store holds of module trees, as the real planning sees it: the index of whole modules, and the paths of stored files. */
export interface TreeStore {
  plan(checkout: Checkout): TreePlan;
  /** What the save after a build stores, whose Go fetched the zips of these modules. */
  save(checkout: Checkout, fetched: readonly IndexedModule[]): void;
}

export function newTreeStore(): TreeStore {
  const known = new Map<string, IndexedModule>();
  const stored = new Set<string>();
  const indexed = (sums: ModuleSums): readonly IndexedModule[] =>
    [...known.values()].map((module) => {
      const isListed = module.sum !== undefined && sums.sumsOf(`${module.stem}.zip`).has(module.sum);
      return isListed ? module : { ...module, sum: undefined };
    });
  const plan = ({ needs, sums }: Checkout): TreePlan =>
    planTrees({ checkout: needs, modules: indexed(sums), sums, stored });
  return {
    plan,
    save: (checkout, fetched) => {
      for (const module of fetched) known.set(module.directory, module);
      const { needed } = plan(checkout);
      for (const module of fetched)
        for (const path of neededPaths(module, needed.get(module.directory) ?? new Set())) stored.add(path);
    },
  };
}
