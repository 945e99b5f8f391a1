import { isWithin } from './go-text.ts';
import type { MountKind } from '../core/mount-kind.ts';
import type { GoDirectory } from './go-directories.ts';
import type { CacheMount, RunFacts } from './run-facts.ts';
import { isGolangImage } from './stage-state.ts';

/** A cache mount that holds one of Go's caches, and where in it. */
export interface MatchedMount {
  readonly kind: MountKind;
  readonly mount: CacheMount;
  readonly subdirectory: string;
}

/** Which of a RUN's cache mounts hold Go's caches. */
export function matchGoMounts(facts: RunFacts): readonly MatchedMount[] {
  const matches: MatchedMount[] = [];
  for (const kind of ['gocache', 'gomodcache'] as const) {
    const directories = directoriesOf(facts, kind);
    for (const mount of usableMounts(facts)) {
      const subdirectory = directories
        .map((directory) => subdirectoryOf(directory, mount, facts))
        .concat(isWellKnown(mount.target, kind) && directories.every((directory) => !directory.isSet) ? '' : undefined)
        .filter((found) => found !== undefined)
        .sort((a, b) => a.length - b.length)[0];
      if (subdirectory !== undefined && isInnermost(mount, { directories, facts }))
        matches.push({ kind, mount, subdirectory });
    }
  }
  return matches;
}

/** Is a directory the target of one of the mounts, or inside it? */
export function isMounted(directory: GoDirectory, mounts: readonly CacheMount[]): boolean {
  return directory.path !== undefined && mounts.some((mount) => isWithin(directory.path ?? '', mount.target));
}

/** The variables of the official image are known, those of any other are not. */
function usableMounts({ cacheMounts, state }: RunFacts): readonly CacheMount[] {
  const isKnownImage = state.baseImage !== undefined && isGolangImage(state.baseImage);
  return isKnownImage ? cacheMounts : cacheMounts.filter((mount) => mount.isCertain);
}

function directoriesOf(facts: RunFacts, kind: MountKind): readonly GoDirectory[] {
  const key = kind === 'gocache' ? 'goCache' : 'goModCache';
  const used = facts.commands.map((command) => command[key]);
  return used.length === 0 ? [facts[key]] : used;
}

function subdirectoryOf(directory: GoDirectory, mount: CacheMount, facts: RunFacts): string | undefined {
  const { path } = directory;
  if (path === undefined || !isWithin(path, mount.target)) return undefined;
  if (path === mount.target) return '';
  // `/root/.cache` may as well be pip's: only a step that has to do with Go puts a Go cache into it.
  return facts.commands.length > 0 ? path.slice(mount.target === '/' ? 1 : mount.target.length + 1) : undefined;
}

/** A mount on `/go` holds no modules when another one covers `/go/pkg/mod`. */
function isInnermost(mount: CacheMount, where: { directories: readonly GoDirectory[]; facts: RunFacts }): boolean {
  return where.directories.some(
    ({ path }) =>
      path === undefined ||
      !where.facts.cacheMounts.some(
        (other) =>
          other.target.length > mount.target.length &&
          isWithin(path, other.target) &&
          isWithin(other.target, mount.target),
      ),
  );
}

/** Where the caches lie in images whose user or variables can't be known. */
function isWellKnown(target: string, kind: MountKind): boolean {
  return kind === 'gocache' ? target.endsWith('/.cache/go-build') : target.endsWith('/go/pkg/mod');
}
