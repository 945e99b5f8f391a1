import { isSlipwayError, type SlipwayError } from '../../core/errors.ts';
import type { Engine } from '../../buildkit/types.ts';
import type { Check, Said } from '../types.ts';

export const helperBuildCheck: Check = {
  id: 'helper-build',
  looksAt: 'a small build on the builder, of the kind that fills and reads the cache mounts',
  run: async (context) => {
    let engine: Engine;
    try {
      engine = await context.engine();
    } catch (error) {
      // None, or none that answers in time: both are told by the check `builder`.
      if (!isSlipwayError(error) && !context.signal.aborted) throw error;
      return [{ level: 'info', says: 'not looked at: see what the check `builder` says' }];
    }
    try {
      const { afterMs, beforeMs } = await context.probe();
      const seconds = Math.max(0, (afterMs - beforeMs) / 1000).toFixed(1);
      return [{ level: 'ok', says: `a step ran on the builder after ${seconds} s` }];
    } catch (error) {
      if (!isSlipwayError(error)) throw error;
      return [judgeFailure(error, engine)];
    }
  },
};

/** The pure part of the check for a build that failed. */
export function judgeFailure(error: SlipwayError, { kind }: Pick<Engine, 'kind'>): Said {
  if (error.code === 'IMAGE_UNAVAILABLE') {
    return {
      level: 'warning',
      says: `the builder can't pull the helper image, so that each restore waits for the Dockerfile's own base image: ${error.message}`,
      mend: 'export SLIPWAY_HELPER_IMAGE=registry.example.com/busybox:1.37',
    };
  }
  const mend = kind === 'buildx' ? 'docker buildx inspect --bootstrap' : 'buildctl debug workers --verbose';
  return { level: 'error', says: `no build runs on the builder: ${error.message}`, mend };
}
