import { join } from 'node:path';
import { moduleOfFile } from '../../../src/pack/module-name.ts';
import { hashZip } from '../../../src/trust/hash-zip.ts';
import type { ModuleSums } from '../../../src/trust/module-sums.ts';
import type { CheckoutNeeds } from '../../../src/golang/trees/close-imports.ts';
import { type IndexedModule, neededPaths, planTrees, type TreePlan } from '../../../src/warm/trees/plan-trees.ts';
import { watchZips } from '../../../src/warm/trees/watch-zips.ts';
import { openZipFile } from '../../../src/warm/trees/zip-file.ts';

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

/** The modules of which a module cache has the zip that go.sum names. */
export async function readZips(moduleCache: string, sums: ModuleSums): Promise<readonly IndexedModule[]> {
  const modules: IndexedModule[] = [];
  const zips = watchZips(sums);
  const signal = new AbortController().signal;
  for (const path of sums.paths.filter((each) => moduleOfFile(each) !== undefined && each.endsWith('.zip'))) {
    using zip = openIfThere(join(moduleCache, path));
    if (zip === undefined) continue;
    await hashZip(zip, signal, zips.watch(path));
    const module = zips.moduleOf(path);
    if (module !== undefined) modules.push(module);
  }
  return modules;
}

function openIfThere(file: string): ReturnType<typeof openZipFile> | undefined {
  try {
    return openZipFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
