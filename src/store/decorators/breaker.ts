import { isSlipwayError, SlipwayError } from '../../core/errors.ts';
import type { Store } from '../port.ts';
import { aroundStore } from './around.ts';
import { orAborted } from './or-aborted.ts';

const MAX_FAILURES = 3;

/**
 * Stops asking a store that can't be reached: after three failed connections in a row, or one time-out, every further
 * call of the run fails at once. A refused write only stops the writes, since many runs may read but not write.
 */
export function breakingStore(inner: Store): Store {
  let failures = 0;
  let opened: SlipwayError | undefined;
  let openedForWrites: SlipwayError | undefined;

  return aroundStore(inner, async (call, run, signal) => {
    signal?.throwIfAborted();
    const reason = opened ?? (call.isWrite ? openedForWrites : undefined);
    if (reason) throw givenUp(inner.description, reason);
    try {
      const result = await orAborted(run(signal), signal);
      failures = 0;
      return result;
    } catch (error) {
      // What a stranger isn't told says nothing of what we are.
      if (call.name === 'readableByStrangers') throw error;
      if (isSlipwayError(error, 'STORE_UNREACHABLE')) failures += 1;
      if (isSlipwayError(error, 'TIMEOUT') || (isSlipwayError(error) && failures >= MAX_FAILURES)) opened ??= error;
      if (isNo(error) && call.isWrite) openedForWrites ??= error;
      throw error;
    }
  });
}

/** A refusal that stays one in this run, while reads may go on. */
function isNo(error: unknown): error is SlipwayError {
  return isSlipwayError(error, 'STORE_DENIED') || isSlipwayError(error, 'STORE_REFUSED');
}

function givenUp(place: string, reason: SlipwayError): SlipwayError {
  const code = isNo(reason) ? reason.code : 'STORE_UNREACHABLE';
  return new SlipwayError(code, `\`${place}\` is not asked again in this run: ${reason.message}`, {
    cause: reason,
    ...(reason.hint !== undefined && { hint: reason.hint }),
  });
}
