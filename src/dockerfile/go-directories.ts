import { cleanPath, joinPath } from './go-text.ts';

/** A cache directory of Go's, and whether it was set in the Dockerfile or follows from Go's defaults. */
export interface GoDirectory {
  readonly path: string | undefined;
  readonly isSet: boolean;
}

export interface GoEnvironment {
  readonly env: ReadonlyMap<string, string>;
  /** `go env -w` settings. */
  readonly goEnv: ReadonlyMap<string, string>;
  readonly user: string | undefined;
  /** Names that are set to something that can't be known. */
  readonly unknown?: ReadonlySet<string>;
}

/**
 * GOCACHE in force: the variable, `go env -w`, else `go-build` in the user's cache directory.
 * Source: defaultDir in Go's src/cmd/go/internal/cache/default.go, os.UserCacheDir in src/os/file.go
 */
export function goCacheDirectory(environment: GoEnvironment): GoDirectory {
  if (isUnknown(environment, 'GOCACHE', 'XDG_CACHE_HOME', 'HOME')) return UNKNOWN;
  const set = setting(environment, 'GOCACHE');
  if (set !== undefined) return { path: set.startsWith('/') ? cleanPath(set) : undefined, isSet: true };
  const cacheHome = environment.env.get('XDG_CACHE_HOME');
  if (cacheHome?.startsWith('/')) return { path: joinPath(cacheHome, 'go-build'), isSet: true };
  const home = homeDirectory(environment);
  return { path: home.path === undefined ? undefined : joinPath(home.path, '.cache/go-build'), isSet: home.isSet };
}

/**
 * GOMODCACHE in force: the variable, `go env -w`, else `pkg/mod` in the first element of GOPATH, which is `$HOME/go` by default.
 * Source: GOMODCACHE in Go's src/cmd/go/internal/cfg/cfg.go
 */
export function goModCacheDirectory(environment: GoEnvironment): GoDirectory {
  if (isUnknown(environment, 'GOMODCACHE', 'GOPATH', 'HOME')) return UNKNOWN;
  const set = setting(environment, 'GOMODCACHE');
  if (set !== undefined) return { path: set.startsWith('/') ? cleanPath(set) : undefined, isSet: true };
  const goPath = (setting(environment, 'GOPATH') ?? '').split(':').find((part) => part !== '');
  if (goPath !== undefined)
    return { path: goPath.startsWith('/') ? joinPath(goPath, 'pkg/mod') : undefined, isSet: true };
  const home = homeDirectory(environment);
  return { path: home.path === undefined ? undefined : joinPath(home.path, 'go/pkg/mod'), isSet: home.isSet };
}

const UNKNOWN: GoDirectory = { path: undefined, isSet: true };

/** Is the first of the names that is set one whose value can't be known? */
function isUnknown({ env, goEnv, unknown }: GoEnvironment, ...names: readonly string[]): boolean {
  if (unknown === undefined || unknown.size === 0) return false;
  const first = names.find((name) => unknown.has(name) || env.has(name) || goEnv.has(name));
  return first !== undefined && unknown.has(first);
}

function setting(environment: GoEnvironment, name: string): string | undefined {
  const value = environment.env.get(name) ?? environment.goEnv.get(name);
  return value === '' ? undefined : value;
}

/** BuildKit sets HOME from the image's passwd file; only root's entry is the same everywhere. */
function homeDirectory(environment: GoEnvironment): GoDirectory {
  const home = environment.env.get('HOME');
  if (home?.startsWith('/')) return { path: home, isSet: true };
  const user = (environment.user ?? 'root').split(':')[0];
  return { path: user === 'root' || user === '0' || user === '' ? '/root' : undefined, isSet: false };
}
