import type { ExplainedPackage } from '../explain/explain-packages.ts';
import type { CompiledPackages, PackageGroup } from './data.ts';

/** What packages of one kind have in common, where the kind is the cause. */
const SHARED_CAUSES: Readonly<Record<Exclude<ExplainedPackage['kind'], 'import' | 'sources'>, string>> = {
  go: 'another version of Go',
  settings: 'another target or experiment',
  flags: 'other compiler flags',
  new: 'not compiled here before',
};

/** Packages by what made them compile: the package that was edited, with all that had to follow; or a change of all. */
export function groupPackages(packages: readonly ExplainedPackage[]): CompiledPackages {
  const groups = new Map<string, { cause: string; kind: PackageGroup['kind']; packages: string[] }>();
  const add = (cause: string, kind: PackageGroup['kind'], name: string): void => {
    const group = groups.get(cause) ?? { cause, kind, packages: [] };
    group.packages.push(name);
    groups.set(cause, group);
  };
  const platforms = new Set(packages.map(({ platform }) => platform));
  const roots = new Map(packages.map(({ path, kind }) => [path, kind]));
  for (const { path, platform, kind, detail } of packages) {
    const name = platforms.size > 1 ? `${path} (${platform})` : path;
    if (kind === 'sources') add(path, kind, name);
    else if (kind === 'import') {
      // A root that itself only follows a change of all belongs to that change.
      const root = roots.get(detail);
      if (root === undefined || root === 'sources' || root === 'import') add(detail, root ?? 'import', name);
      else add(SHARED_CAUSES[root], root, name);
    } else add(SHARED_CAUSES[kind], kind, name);
  }
  const sorted = [...groups.values()].toSorted(
    (a, b) => b.packages.length - a.packages.length || (a.cause < b.cause ? -1 : 1),
  );
  return { count: packages.length, groups: sorted };
}
