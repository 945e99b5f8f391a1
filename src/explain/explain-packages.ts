import type { CompiledObject } from '../golang/object/read-object.ts';

/** How a package was compiled the last time, for the next comparison. By `packageKey`. */
export type KnownPackages = Readonly<Record<string, KnownPackage>>;

export type KnownPackage = Pick<CompiledObject, 'goVersion' | 'settings' | 'flags'>;

export interface ExplainedPackage {
  readonly path: string;
  readonly platform: string;
  /**
   * `go`: another Go; `settings`: another target or experiment; `flags`: of the compiler; `import`: a package that it
   * imports was compiled too; `sources`: none of these, so its files, tags or environment; `new`: not seen before.
   */
  readonly kind: 'go' | 'settings' | 'flags' | 'import' | 'sources' | 'new';
  readonly detail: string;
}

export function packageKey({ packagePath, platform }: Pick<CompiledObject, 'packagePath' | 'platform'>): string {
  return `${packagePath} ${platform}`;
}

/** Why each package was compiled, those first that others were compiled for. */
export function explainPackages(
  compiled: readonly CompiledObject[],
  known: KnownPackages,
): readonly ExplainedPackage[] {
  const isFirst = Object.keys(known).length === 0;
  const byKey = new Map(compiled.map((each) => [packageKey(each), each]));
  const explained = [...byKey.values()].map((each) => ({
    path: each.packagePath,
    platform: each.platform,
    ...why(each),
  }));
  return explained.toSorted((a, b) => rank(a) - rank(b) || (a.path < b.path ? -1 : Number(a.path > b.path)));

  function why(each: CompiledObject): Pick<ExplainedPackage, 'kind' | 'detail'> {
    const before = known[packageKey(each)];
    if (isFirst) return { kind: 'new', detail: 'not compiled here before' };
    if (before === undefined)
      return imported(each) ?? { kind: 'new', detail: 'not compiled here before: restored until it changed, or new' };
    if (before.goVersion !== each.goVersion) return { kind: 'go', detail: change(before.goVersion, each.goVersion) };
    if (before.settings !== each.settings) return { kind: 'settings', detail: change(before.settings, each.settings) };
    if (before.flags !== each.flags) return { kind: 'flags', detail: change(before.flags, each.flags) };
    return imported(each) ?? { kind: 'sources', detail: 'its files, build tags or cgo environment changed' };
  }

  function imported(each: CompiledObject): Pick<ExplainedPackage, 'kind' | 'detail'> | undefined {
    const first = firstCompiled(each, new Set());
    return first === undefined ? undefined : { kind: 'import', detail: first };
  }

  /** The package at the end of the chain of imports that were compiled too: the one that was edited. */
  function firstCompiled(each: CompiledObject, seen: Set<string>): string | undefined {
    for (const path of each.imports) {
      const key = packageKey({ packagePath: path, platform: each.platform });
      const imported = byKey.get(key);
      if (imported === undefined || seen.has(key)) continue;
      seen.add(key);
      return firstCompiled(imported, seen) ?? path;
    }
    return undefined;
  }
}

/** What is known after a build. */
export function rememberPackages(known: KnownPackages, compiled: readonly CompiledObject[]): KnownPackages {
  const fresh = compiled.map((each): [string, KnownPackage] => {
    const { goVersion, settings, flags } = each;
    return [packageKey(each), { goVersion, settings, flags }];
  });
  return { ...known, ...Object.fromEntries(fresh) };
}

const RANKS: readonly ExplainedPackage['kind'][] = ['go', 'settings', 'flags', 'sources', 'new', 'import'];

function rank({ kind }: ExplainedPackage): number {
  return RANKS.indexOf(kind);
}

function change(before: string, after: string): string {
  return `was \`${before}\`, is \`${after}\``;
}
