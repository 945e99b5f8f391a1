import type { StrategyName } from '../results.ts';
import { builderImage } from './builder-image.ts';
import { copy } from './copy.ts';
import { hybrid } from './hybrid.ts';
import { layers } from './layers.ts';
import { mountsEphemeral } from './mounts-ephemeral.ts';
import { mounts } from './mounts.ts';
import { none } from './none.ts';
import { slipway } from './slipway.ts';
import type { Strategy } from './strategy.ts';

/** How each is measured. */
export const STRATEGIES: Readonly<Record<StrategyName, Strategy>> = {
  none,
  layers,
  mounts,
  'mounts-ephemeral': mountsEphemeral,
  copy,
  'builder-image': builderImage,
  hybrid,
  slipway,
};
