import type { PlannedBuild, WarmContext } from './types.ts';

/**
 * Images for a helper build, in the order to try. Restore wants the small one, since the base image isn't there yet;
 * save wants the stage's own base image, which is there by then and has a faster gzip.
 */
export function helperImages(
  context: WarmContext,
  planned: PlannedBuild,
  order: 'small-first' | 'base-first',
): readonly string[] {
  const small = context.options.helperImage;
  const isNative = planned.userBuild.platforms.length === 0;
  const bases = planned.facts.mounts.flatMap(({ baseImage, platform }) =>
    baseImage !== undefined && platform === undefined && isNative ? [baseImage] : [],
  );
  const base = bases.slice(0, 1);
  return order === 'small-first' ? [small, ...base] : [...base, small];
}
