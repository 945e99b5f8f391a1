import type { PackNames } from '../buildkit/name-lists.ts';
import { splitTreePath } from '../pack/grammar.ts';
import type { PackRecord } from '../pack/types.ts';
import type { ModuleSums } from '../trust/module-sums.ts';
import { packNames, type StoredState } from './stored-state.ts';
import { sumFileOf } from './trees/check-trees.ts';
import type { TreePlan } from './trees/plan-trees.ts';

/** What is known of the modules that a restore may bring. */
export interface WantedModules {
  /** Undefined when none are stored. */
  readonly sums: ModuleSums | undefined;
  /** Undefined when none may come as trees. */
  readonly trees: TreePlan | undefined;
}

/**
 * What of a pack may be restored, as it is found in a mount: of modules those alone that a go.sum vouches for, and each in one
 * form. A tree is told by its `.ziphash`, which lies there as well when Go unpacked the module by itself.
 */
export function wantedNames(pack: PackRecord, state: StoredState, { sums, trees }: WantedModules): PackNames {
  const { kind, names } = packNames(pack, state);
  if (pack.representation === 'tree-index') return { kind, names: [] };
  if (pack.representation === 'trees') return { kind, names: treeNames(names, trees) };
  if (kind === 'gocache' || sums === undefined) return { kind, names };
  const zips = new Set([...(trees?.covered.values() ?? [])].map(({ module }) => `${module.stem}.zip`));
  return { kind, names: names.filter((name) => sums.isListed(name) && !zips.has(name)) };
}

function treeNames(paths: readonly string[], trees: TreePlan | undefined): readonly string[] {
  const names = new Set<string>();
  for (const path of trees === undefined ? [] : paths) {
    const tree = trees?.covered.get(splitTreePath(path)?.directory ?? '');
    if (tree !== undefined) names.add(sumFileOf(tree));
  }
  return [...names];
}
