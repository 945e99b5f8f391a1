import { errorMessage } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { mountStepsKey } from '../explain/mount-steps-key.ts';
import type { KeyedStep } from '../explain/types.ts';
import type { PlannedBuild } from '../warm/types.ts';

/** The key of the build's steps with cache mounts, once they are read; undefined where it has none or that failed, which is said in the log. */
export async function readStepsKey(
  { userBuild }: PlannedBuild,
  reading: Promise<readonly KeyedStep[] | undefined>,
  logger: Logger,
): Promise<string | undefined> {
  try {
    return mountStepsKey((await reading) ?? [], userBuild.platforms);
  } catch (error) {
    logger.debug(`what the build is made of could not be read: ${errorMessage(error)}`);
    return undefined;
  }
}
