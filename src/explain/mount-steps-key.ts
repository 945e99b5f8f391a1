import { digestOf, hexOf } from '../core/digest.ts';
import type { KeyedStep } from './types.ts';

/**
 * 16 hex digits for all that decides those steps of a build that have cache mounts; undefined where none has. A layer cache that holds
 * them for one build holds them for each build of this key.
 */
export function mountStepsKey(steps: readonly KeyedStep[], platforms: readonly string[]): string | undefined {
  const keys = steps.filter(({ mounts }) => mounts.length > 0).map(({ key }) => key);
  return keys.length === 0 ? undefined : hexOf(digestOf(JSON.stringify([platforms, keys]))).slice(0, 16);
}
