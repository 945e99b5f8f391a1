import type { Requirement } from '../module/types.ts';
import type { BuildTarget } from '../source/build-target.ts';
import { type BuildList, resolveImport } from './resolve-import.ts';
import type { GoPackage, GoRepository } from './types.ts';

/** All that a build of some packages takes in, as far as the tree shows it. */
export interface Reached {
  /** Packages whose code is in the tree, the starting ones included, by import path. */
  readonly packages: ReadonlyMap<string, GoPackage>;
  /** Import paths of the standard library. */
  readonly standard: ReadonlySet<string>;
  /** Import paths in modules whose code isn't in the tree; what those import in turn is unknown. */
  readonly external: ReadonlyMap<string, Requirement | undefined>;
  /** Import paths in the tree without a Go file for the target: the build would fail on them. */
  readonly empty: ReadonlySet<string>;
}

/** Follows imports from `starts`. */
export function reachPackages(
  repository: GoRepository,
  starts: readonly GoPackage[],
  options: { readonly list: BuildList; readonly target: BuildTarget },
): Reached {
  const packages = new Map(starts.map((one) => [one.importPath, one]));
  const standard = new Set<string>();
  const external = new Map<string, Requirement | undefined>();
  const empty = new Set<string>();
  const seen = new Set(packages.keys());
  const queue = [...starts];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    for (const importPath of next.imports) {
      if (seen.has(importPath) || importPath === 'C') continue;
      seen.add(importPath);
      const resolved = resolveImport(repository, { ...options, importPath });
      if (resolved.kind === 'standard') standard.add(importPath);
      else if (resolved.kind === 'external') external.set(importPath, resolved.module);
      else if (resolved.kind === 'empty') empty.add(importPath);
      else {
        packages.set(importPath, resolved.package);
        queue.push(resolved.package);
      }
    }
  }
  return { packages, standard, external, empty };
}
