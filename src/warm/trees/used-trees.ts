import type { MountKind } from '../../core/mount-kind.ts';
import { moduleOfFile } from '../../pack/module-name.ts';
import type { MadeTrees } from './make-trees.ts';
import { canTravel, neededPaths } from './plan-trees.ts';
import type { StoredTrees } from './stored-trees.ts';

type Used = Partial<Record<MountKind, ReadonlySet<string>>>;

/**
 * Is a stored entry to be left where it is? A zip counts as new as long as nobody looked into it, and as no tree covers what is
 * needed of its module: when it lies in the mount, a tree is made of it.
 */
export function knownOf(trees: StoredTrees | undefined): (path: string) => boolean {
  if (trees === undefined) return () => true;
  const { modules, plan } = trees;
  const indexed = new Map(modules.map((module) => [module.directory, module]));
  return (path) => {
    const name = path.endsWith('.zip') ? moduleOfFile(path) : undefined;
    if (name === undefined || plan.covered.has(name.directory)) return true;
    const module = indexed.get(name.directory);
    const needed = plan.needed.get(name.directory);
    return module !== undefined && (needed === undefined || !canTravel(neededPaths(module, needed)));
  };
}

/** Of trees it is known what a build can have used: what its checkout may import. Their zips are of no use any more. */
export function withUsedTrees(used: Used, { plan, modules }: StoredTrees, made: MadeTrees | undefined): Used {
  const files = new Set(used.gomodcache);
  const hasTree = (directory: string): boolean => plan.covered.has(directory) || made?.made.has(directory) === true;
  for (const path of used.gomodcache ?? []) {
    if (path.endsWith('.zip') && hasTree(moduleOfFile(path)?.directory ?? '')) files.delete(path);
  }
  for (const { paths } of plan.covered.values()) for (const path of paths) files.add(path);
  for (const { directory, stem } of modules) {
    if (!plan.needed.has(directory)) continue;
    files.add(`${stem}.sums`);
    files.add(`${stem}.packages`);
  }
  return { ...used, gomodcache: files };
}
