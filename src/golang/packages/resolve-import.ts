import type { BuildTarget } from '../source/build-target.ts';
import type { Replacement, Requirement } from '../module/types.ts';
import { readPackage } from './list-packages.ts';
import { inDirectory, moduleAt, workspaceAt } from './read-repository.ts';
import { joinInTree, relativeTo } from './tree-paths.ts';
import type { Directory, GoModule, GoPackage, GoRepository, GoWorkspace } from './types.ts';

/** Which modules a build in one directory is made of, as far as the tree tells. */
export interface BuildList {
  readonly main: GoModule;
  /** The go.work in force. */
  readonly workspace: GoWorkspace | undefined;
  /** Modules whose code lies in the tree, by module path: main, those of go.work, local replacements. */
  readonly local: ReadonlyMap<string, GoModule>;
  /** Replacements by directories that leave the tree, or that hold no go.mod. */
  readonly missing: readonly Replacement[];
  /** All `require` lines of the main modules, by path. */
  readonly requires: ReadonlyMap<string, Requirement>;
  /** The directory whose vendor/ Go reads instead of the module cache; undefined when it reads none. */
  readonly vendorDirectory: Directory | undefined;
}

/** What `go build` in `directory` works with; undefined when no go.mod is at or above it. `useWork: false` is GOWORK=off. */
export function planBuildList(
  repository: GoRepository,
  directory: Directory,
  options: { readonly useWork?: boolean } = {},
): BuildList | undefined {
  const main = moduleAt(repository, directory);
  if (main === undefined) return undefined;
  const found = options.useWork === false ? undefined : workspaceAt(repository, directory);
  const workspace = found?.uses.includes(main.directory) === true ? found : undefined;
  const mains =
    workspace === undefined ? [main] : repository.modules.filter((one) => workspace.uses.includes(one.directory));
  const requires = new Map(mains.flatMap(({ mod }) => mod.requires.map((one) => [one.path, one] as const)));
  const local = new Map(mains.map((one) => [one.path, one]));
  const missing: Replacement[] = [];
  const written = [...mains.map((one) => ({ at: one.directory, replaces: one.mod.replaces }))];
  if (workspace !== undefined) written.push({ at: workspace.directory, replaces: workspace.work.replaces });
  for (const { at, replaces } of written) {
    for (const replacement of replaces.filter((one) => one.isLocal)) {
      const place = joinInTree(at, replacement.new.path);
      const module = repository.modules.find((one) => one.directory === place);
      if (module === undefined) missing.push(replacement);
      else if (!local.has(replacement.old.path)) local.set(replacement.old.path, module);
    }
  }
  return { main, workspace, local, missing, requires, vendorDirectory: vendorOf(main, workspace) };
}

/** Go reads vendor/ by itself since go 1.14, in workspaces since 1.22. Source: https://go.dev/ref/mod#vendoring */
function vendorOf(main: GoModule, workspace: GoWorkspace | undefined): Directory | undefined {
  const holder = workspace ?? main;
  return holder.vendor === undefined ? undefined : inDirectory(holder.directory, 'vendor');
}

/** Where an import leads. */
export type ResolvedImport =
  | { readonly kind: 'package'; readonly package: GoPackage }
  | { readonly kind: 'standard' }
  /** In a module whose code isn't in the tree; `module` is undefined when no `require` names it. */
  | { readonly kind: 'external'; readonly module: Requirement | undefined }
  /** Its place is in the tree, but the target leaves no Go file there. */
  | { readonly kind: 'empty'; readonly directory: Directory };

export interface ImportQuestion {
  readonly list: BuildList;
  readonly target: BuildTarget;
  readonly importPath: string;
}

export function resolveImport(repository: GoRepository, { list, target, importPath }: ImportQuestion): ResolvedImport {
  const localPath = longestPrefix(list.local.keys(), importPath);
  const module = localPath === undefined ? undefined : list.local.get(localPath);
  if (module !== undefined && localPath !== undefined) {
    const directory = inDirectory(module.directory, relativeTo(localPath, importPath));
    return found(repository, { directory, importPath, module, target });
  }
  if (list.vendorDirectory !== undefined) {
    const directory = inDirectory(list.vendorDirectory, importPath);
    if (repository.tree.hasDirectory(directory)) {
      return found(repository, { directory, importPath, module: undefined, target });
    }
  }
  const required = longestPrefix(list.requires.keys(), importPath);
  if (required !== undefined) return { kind: 'external', module: list.requires.get(required) };
  // The first element of a path that isn't Go's own has a dot: https://go.dev/ref/mod#module-path
  const isStandard = !(importPath.split('/')[0] ?? '').includes('.');
  return isStandard ? { kind: 'standard' } : { kind: 'external', module: undefined };
}

function found(repository: GoRepository, place: Parameters<typeof readPackage>[1]): ResolvedImport {
  const read = readPackage(repository, place);
  return read === undefined ? { kind: 'empty', directory: place.directory } : { kind: 'package', package: read };
}

/** The longest module path that is the import path or a parent of it. */
function longestPrefix(paths: Iterable<string>, importPath: string): string | undefined {
  let best: string | undefined;
  for (const path of paths) {
    const isPrefix = importPath === path || importPath.startsWith(`${path}/`);
    if (isPrefix && path !== '' && (best === undefined || path.length > best.length)) best = path;
  }
  return best;
}
