import {
  closeImports,
  type CheckoutNeeds,
  filesOfDirectories,
  type KnownModule,
} from '../../golang/trees/close-imports.ts';
import { isEntryPath } from '../../pack/grammar.ts';
import { moduleOfFile } from '../../pack/module-name.ts';
import type { ModuleFiles } from '../../trust/module-files.ts';
import type { ModuleSums } from '../../trust/module-sums.ts';

/** A module as the index of the stored trees tells it. */
export interface IndexedModule extends KnownModule {
  /** `cache/download/…/@v/<version>`, without an ending. */
  readonly stem: string;
  /** The h1 that go.sum has and that `files` hash to; undefined when no go.sum lists this version. */
  readonly sum: string | undefined;
  /** All files of the module. */
  readonly files: ModuleFiles;
}

/** A module whose directories are stored as far as the checkout can need them. */
export interface CoveredTree {
  readonly module: IndexedModule;
  readonly sum: string;
  /** Entry paths of what it needs. */
  readonly paths: readonly string[];
}

export interface TreePlan {
  /** By `<escaped path>@<escaped version>`: which directories of which module the checkout may import. */
  readonly needed: ReadonlyMap<string, ReadonlySet<string>>;
  readonly covered: ReadonlyMap<string, CoveredTree>;
}

export interface TreePlanInput {
  readonly checkout: CheckoutNeeds;
  readonly modules: readonly IndexedModule[];
  readonly sums: ModuleSums;
  /** Entry paths of all stored trees. */
  readonly stored: ReadonlySet<string>;
}

/** Which modules this checkout can take as trees: those of which everything is stored that it may import. */
export function planTrees({ checkout, modules, sums, stored }: TreePlanInput): TreePlan {
  const needed = closeImports(checkout, [...modules.filter(isListed), ...standIns(modules, sums)]);
  const covered = new Map<string, CoveredTree>();
  for (const module of modules) {
    const directories = needed.get(module.directory);
    if (module.sum === undefined || directories === undefined) continue;
    const paths = neededPaths(module, directories);
    if (paths.every((path) => stored.has(path))) covered.set(module.directory, { module, sum: module.sum, paths });
  }
  return { needed, covered };
}

/** Entry paths of what these directories of a module are made of. */
export function neededPaths(module: IndexedModule, directories: ReadonlySet<string>): readonly string[] {
  const files = filesOfDirectories(module, [...module.files.keys()], directories);
  return files.map((name) => `${module.directory}/${name}`);
}

/** Has each file a name that an entry may have? */
export function canTravel(paths: readonly string[]): boolean {
  return paths.every((path) => isEntryPath('gomodcache', path, 'trees'));
}

function isListed({ sum }: IndexedModule): boolean {
  return sum !== undefined;
}

/**
 * Nobody has looked into a version that go.sum names for the first time. What it imports is most likely what another version of
 * it did; where that is wrong, Go misses a package, and the build runs once more without trees.
 */
function standIns(modules: readonly IndexedModule[], sums: ModuleSums): readonly IndexedModule[] {
  const known = new Set(modules.filter(isListed).map(({ directory }) => directory));
  const unknown = new Set<string>();
  for (const path of sums.paths) {
    const name = path.endsWith('.zip') ? moduleOfFile(path) : undefined;
    if (name !== undefined && !known.has(name.directory)) unknown.add(name.path);
  }
  return modules.filter((module) => !isListed(module) && unknown.has(module.path));
}
