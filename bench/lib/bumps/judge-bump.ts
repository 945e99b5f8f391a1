import { moduleOfDirectory } from '../../../src/pack/module-name.ts';
import { filesOfDirectories } from '../../../src/golang/trees/close-imports.ts';
import type { IndexedModule, TreePlan } from '../../../src/warm/trees/plan-trees.ts';
import type { LoadedPackage } from './go-modules.ts';

export interface BumpVerdict {
  /** Modules that the build loads packages of. */
  readonly loaded: number;
  /** Those of them that came as trees. */
  readonly asTrees: number;
  /** Packages that a restored tree lacks, with the module's `<escaped path>@<escaped version>`: with one, the build runs a second time. */
  readonly lacking: readonly { readonly module: string; readonly directory: string }[];
}

/** Does a build that loads these packages find all of them in what a restore by this plan brought? */
export function judgeBump(plan: TreePlan, loaded: readonly LoadedPackage[]): BumpVerdict {
  const trees = new Map<string, { readonly module: IndexedModule; readonly paths: ReadonlySet<string> }>(
    [...plan.covered].map(([directory, tree]) => {
      const { path, version } = moduleOfDirectory(directory);
      return [`${path}@${version}`, { module: tree.module, paths: new Set(tree.paths) }];
    }),
  );
  const names = new Set(loaded.map(({ module, version }) => `${module}@${version}`));
  const lacking = loaded.flatMap(({ module, version, directory }) => {
    const tree = trees.get(`${module}@${version}`);
    if (tree === undefined) return [];
    const files = filesOfDirectories(tree.module, [...tree.module.files.keys()], new Set([directory]));
    const isThere = files.every((name) => tree.paths.has(`${tree.module.directory}/${name}`));
    return isThere ? [] : [{ module: tree.module.directory, directory }];
  });
  return { loaded: names.size, asTrees: [...names].filter((name) => trees.has(name)).length, lacking };
}
