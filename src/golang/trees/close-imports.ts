import { directoryOf } from '../../core/file-tree.ts';
import type { ModulePackages } from './module-packages.ts';

/** A module whose packages are known. */
export interface KnownModule {
  /** `<escaped path>@<escaped version>`: names the module. */
  readonly directory: string;
  /** Unescaped. */
  readonly path: string;
  readonly version: string;
  readonly packages: ModulePackages;
}

/** What the sources of a checkout ask for. */
export interface CheckoutNeeds {
  /** Import paths of every Go file, tests included, and of `tool` lines. */
  readonly imports: ReadonlySet<string>;
  /** `replace` lines that name another module: packages under `old` come from the module `by`. */
  readonly replaced: readonly { readonly old: string; readonly by: string }[];
}

/**
 * The directories that a build of the checkout may import, by module: a closure over imports that ignores build tags, so that it
 * holds for every platform. Where several modules, or versions of one, could hold a package, all of them count:
 * which one Go takes need not be known, and what it would call ambiguous stays so.
 */
export function closeImports(
  { imports, replaced }: CheckoutNeeds,
  modules: readonly KnownModule[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const byPrefix = Map.groupBy(modules, ({ path }) => path);
  for (const { old, by } of replaced) {
    const added = modules.filter(({ path }) => path === by);
    byPrefix.set(old, [...new Set([...(byPrefix.get(old) ?? []), ...added])]);
  }
  const needed = new Map<string, Set<string>>();
  const seen = new Set(imports);
  const queue = [...seen];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    for (const prefix of prefixesOf(path)) {
      for (const module of byPrefix.get(prefix) ?? []) {
        const directory = path.slice(prefix.length + 1);
        const needs = module.packages.get(directory);
        if (needs === undefined) continue;
        needed.set(module.directory, (needed.get(module.directory) ?? new Set()).add(directory));
        for (const next of needs.imports) {
          if (seen.has(next)) continue;
          seen.add(next);
          queue.push(next);
        }
      }
    }
  }
  return needed;
}

/** `a/b/c`, `a/b`, `a`. */
function* prefixesOf(path: string): Generator<string> {
  for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) yield path.slice(0, end);
}

/**
 * The files of a module that its needed directories are made of: all there but tests, with all below where a package may embed
 * files, and all of the module where one uses cgo. `go.mod` always.
 */
export function filesOfDirectories(
  module: Pick<KnownModule, 'packages'>,
  files: readonly string[],
  directories: ReadonlySet<string>,
): readonly string[] {
  const needs = [...directories].map((directory) => ({ directory, ...module.packages.get(directory) }));
  if (needs.some(({ usesCgo }) => usesCgo)) return files;
  const embedding = needs
    .filter(({ embeds }) => embeds)
    .map(({ directory }) => (directory === '' ? '' : `${directory}/`));
  return files.filter(
    (name) =>
      name === 'go.mod' ||
      (directories.has(directoryOf(name)) && !name.endsWith('_test.go')) ||
      embedding.some((start) => name.startsWith(start)),
  );
}
