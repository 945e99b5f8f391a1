import { isWithin } from '../../dockerfile/go-text.ts';
import type { MountKind } from '../../core/mount-kind.ts';
import { goCacheDirectory, goModCacheDirectory, type GoEnvironment } from '../../dockerfile/go-directories.ts';
import type { GoCacheUse } from './go-use.ts';
import type { MountFacts } from './mount.ts';
import type { StageFacts } from './stage.ts';

/** Where a command's cache is, and the mount over it. `hasKnownDefaults`: see `knowsDefaults`. */
export function readGoCacheUse(
  kind: MountKind,
  environment: GoEnvironment,
  at: { readonly hasKnownDefaults: boolean; readonly mounts: readonly MountFacts[] },
): GoCacheUse {
  const directory = kind === 'gocache' ? goCacheDirectory(environment) : goModCacheDirectory(environment);
  const path = directory.isSet || at.hasKnownDefaults ? directory.path : undefined;
  const bind = at.mounts.find(
    ({ type, target }) => type === 'bind' && path !== undefined && target !== undefined && isWithin(path, target),
  );
  const caches = at.mounts.filter(({ type }) => type === 'cache');
  const covering =
    path === undefined
      ? caches.filter(({ target }) => isNamedFor(kind, target ?? ''))
      : caches.filter(({ target }) => target !== undefined && isWithin(path, target));
  const [mount] = covering.toSorted((a, b) => (b.target?.length ?? 0) - (a.target?.length ?? 0));
  return { kind, path, mount, bind };
}

/**
 * Are Go's defaults below /root sure to be the ones in force for root? The official images and plain distributions set
 * nothing else, and neither does Go's tarball; any other image may.
 */
export function knowsDefaults(stage: StageFacts, hasUnpackedGo: boolean): boolean {
  const { image } = stage;
  if (image === undefined) return false;
  return image.isGolang || hasUnpackedGo || (DISTRIBUTIONS.has(image.name) && !image.isUnknown);
}

/** Names that a mount for the cache has wherever the image keeps it. */
function isNamedFor(kind: MountKind, target: string): boolean {
  return kind === 'gocache'
    ? /(?:^|\/)(?:\.cache(?:\/go-build)?|go-build|go-cache|gocache|go-build-cache)$/i.test(target)
    : /(?:^|\/)(?:go\/pkg(?:\/mod)?|pkg\/mod|gomod|go-mod|gomodcache|gomod-cache|go-mod-cache)$/i.test(target);
}

const DISTRIBUTIONS: ReadonlySet<string> = new Set([
  'alpine',
  'debian',
  'ubuntu',
  'fedora',
  'archlinux',
  'almalinux',
  'rockylinux',
  'centos',
  'amazonlinux',
  'leap',
  'buildpack-deps',
]);
