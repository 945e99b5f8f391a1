import type { StageStep } from '../dockerfile/evaluate-build.ts';
import type { GoDirectory } from '../dockerfile/go-directories.ts';
import { isWithin } from '../dockerfile/go-text.ts';
import type { StepMount } from './types.ts';

/** The cache mounts of a RUN, each with the cache of Go that it holds. */
export function mountsOf({ run }: StageStep): readonly StepMount[] {
  if (run === undefined) return [];
  const isOf = (target: string, { path }: GoDirectory): boolean => path !== undefined && isWithin(path, target);
  return run.cacheMounts.map(({ target }) => {
    const caches = [run, ...run.commands];
    if (caches.some(({ goCache }) => isOf(target, goCache))) return { target, kind: 'gocache' };
    return { target, kind: caches.some(({ goModCache }) => isOf(target, goModCache)) ? 'gomodcache' : 'other' };
  });
}
