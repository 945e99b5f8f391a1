import type { MountKind } from '../../core/mount-kind.ts';
import type { CommandFacts } from '../facts/command.ts';
import { isWithin } from '../facts/go-environment.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { MountFacts } from '../facts/mount.ts';

/**
 * The mount to add for one of a command's caches: that of a sibling RUN where there is one, so that one identity results,
 * else a plain one at the cache's path. undefined when the path isn't known.
 */
export function mountFor(build: ImageBuild, command: CommandFacts, kind: MountKind): string | undefined {
  const use = kind === 'gocache' ? command.go?.goCache : command.go?.goModCache;
  const path = use?.path;
  if (path === undefined) return undefined;
  const sibling = siblingMounts(build, kind).find(
    ({ target, isCertain }) => isCertain && target !== undefined && isWithin(path, target),
  );
  return sibling === undefined ? `type=cache,target=${path}` : sibling.text.slice('--mount='.length);
}

/** The cache mounts that other RUNs of the build use for the same cache. */
export function siblingMounts(build: ImageBuild, kind: MountKind): readonly MountFacts[] {
  return build.runs.flatMap(({ commands }) =>
    commands.flatMap(({ go }) => {
      const mount = kind === 'gocache' ? go?.goCache.mount : go?.goModCache.mount;
      return mount === undefined ? [] : [mount];
    }),
  );
}
