import type { MountProbe } from '../buildkit/probe-mounts.ts';
import type { MountKind } from '../core/mount-kind.ts';
import type { PackRecord } from '../pack/types.ts';
import { reportCacheFault } from './cache-fault.ts';
import type { CachePlace } from './caches.ts';
import { fitSpace } from './guard/fit-space.ts';
import type { RestorePlan } from './guard/plan-restore.ts';
import type { InjectionPlace } from './inject-rounds.ts';

export interface Fitting {
  /** The plan, or modules only where there is no room for more. */
  readonly plan: RestorePlan;
  /** By pack: some place lacks entries of it. */
  readonly isMissing: readonly boolean[];
  /** Packs that are missing and that the disk has room for. */
  readonly missing: readonly PackRecord[];
}

export interface PlannedFill extends Pick<InjectionPlace, 'context' | 'caches'> {
  readonly plan: RestorePlan;
  readonly packs: readonly PackRecord[];
}

/**
 * What of the missing packs the disk of the caches has room for. Where not all of it fits, modules may, which is told as the
 * fault that it is; where not even they do, DISK_FULL is thrown before more is downloaded for nothing.
 */
export function fitMissing({ context, caches, plan, packs }: PlannedFill, probes: readonly MountProbe[]): Fitting {
  const isMissing = packs.map((_, index) => probes.some(({ missingPacks }) => missingPacks.includes(index)));
  const missing = packs.filter((_, index) => isMissing[index]);
  if (missing.length === 0) return { plan, isMissing, missing };
  const needed = neededBytes(caches.places, missing);
  const freeBytes = Math.min(...probes.map((probe) => probe.freeBytes));
  const share = fitSpace(needed, freeBytes);
  if (share === 'all') return { plan, isMissing, missing };
  const error = caches.noSpace({ neededBytes: needed.gocache + needed.gomodcache, freeBytes });
  if (share === 'none') throw error;
  const { reason } = reportCacheFault(context, 'only modules are restored', error);
  return {
    plan: { ...plan, share, by: 'disk', reason },
    isMissing,
    missing: missing.filter(({ kind }) => kind === 'gomodcache'),
  };
}

/** What these packs take when they are unpacked, in all places of their kinds. */
export function neededBytes(
  places: readonly CachePlace[],
  packs: readonly PackRecord[],
): Readonly<Record<MountKind, number>> {
  const needed = { gocache: 0, gomodcache: 0 };
  for (const place of places) {
    for (const { kind, uncompressedBytes } of packs) if (kind === place.kind) needed[kind] += uncompressedBytes;
  }
  return needed;
}
