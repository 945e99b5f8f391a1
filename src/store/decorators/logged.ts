import type { Clock } from '../../core/clock.ts';
import { errorMessage } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { Store } from '../port.ts';
import { aroundStore } from './around.ts';

/** One debug line per attempt: what, about what, how long, how it ended. */
export function loggedStore(inner: Store, logger: Logger, clock: Clock): Store {
  return aroundStore(inner, async (call, run, signal) => {
    const startedAt = clock.monotonic();
    const say = (ending: string): void => {
      const ms = Math.round(clock.monotonic() - startedAt);
      logger.debug(`store ${call.name} ${call.subject} ${ending} ${ms} ms`.replace(/ +/g, ' '));
    };
    try {
      const result = await run(signal);
      say(result === undefined ? 'nothing' : 'ok');
      return result;
    } catch (error) {
      say(`failed (${errorMessage(error)})`);
      throw error;
    }
  });
}
