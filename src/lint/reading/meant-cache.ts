import type { MountKind } from '../../core/mount-kind.ts';

/** Which of Go's caches a directory is plainly named for, wherever it lies; undefined for any other name, `/root/.cache` too. */
export function meantCache(target: string): MountKind | undefined {
  const path = target.replace(/(?<=.)\/+$/, '');
  if (MODULES.test(path)) return 'gomodcache';
  return BUILDS.test(path) ? 'gocache' : undefined;
}

const MODULES =
  /(?:^|\/)(?:pkg\/mod|go\/pkg|go[-_.]?mod(?:ules?|s)?(?:[-_.]?cache)?|go[-_]?pkg[-_]?mod|\.cache\/go[-_]?mod|mod[-_]?cache)$|^\/(?:root|home\/[^/]+)\/go$/i;

const BUILDS = /(?:^|\/)(?:go[-_.]?build(?:s|[-_.]?cache)?|go(?:lang)?[-_.]?cache|\.cache\/go(?:lang)?|go\/\.?cache)$/i;
