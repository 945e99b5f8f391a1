import type { MountKind } from '../../core/mount-kind.ts';
import type { RestoreShare } from './plan-restore.ts';

/** Left for the build. The helper asks for as much once more before it unpacks: `src/buildkit/scripts/inject.ts`. */
const SPARE_BYTES = 512 * 1024 ** 2;

/** What has to be free for it to fit: in bytes, as what comes is. */
export function roomFor(bytes: number): number {
  return bytes * 1.1 + SPARE_BYTES;
}

/** How much of what is missing in the mounts finds room on the builder's disk. */
export function fitSpace(neededBytes: Readonly<Record<MountKind, number>>, freeBytes: number): RestoreShare {
  const { gocache, gomodcache } = neededBytes;
  const fits = (bytes: number): boolean => roomFor(bytes) <= freeBytes;
  if (fits(gocache + gomodcache)) return 'all';
  return gomodcache > 0 && fits(gomodcache) ? 'modules' : 'none';
}
