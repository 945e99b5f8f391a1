import { errorMessage, isSlipwayError } from '../core/errors.ts';
import { orAborted } from '../store/decorators/or-aborted.ts';
import type { Check, DoctorContext, Finding, Said } from './types.ts';

/** Longer than any answer that is worth waiting for. */
const SECONDS_FOR_EACH = 10;
/** For a check to tell what it knows by then. */
const GRACE_SECONDS = 0.5;

/**
 * Runs the checks beside each other and gives their findings in the checks' order. A check that fails or takes longer than
 * its seconds says so in a finding of its own; none of them waits for another.
 */
export async function runChecks(
  checks: readonly Check[],
  context: DoctorContext,
  secondsForEach: number = SECONDS_FOR_EACH,
): Promise<readonly Finding[]> {
  const found = await Promise.all(checks.map((check) => runCheck(check, context, secondsForEach)));
  context.signal.throwIfAborted();
  return found.flat();
}

async function runCheck(check: Check, context: DoctorContext, seconds: number): Promise<readonly Finding[]> {
  const timeout = AbortSignal.timeout(seconds * 1000);
  const signal = AbortSignal.any([context.signal, timeout]);
  let said: readonly Said[];
  try {
    const guard = AbortSignal.any([context.signal, AbortSignal.timeout((seconds + GRACE_SECONDS) * 1000)]);
    said = await orAborted(check.run({ ...context, signal }), guard);
  } catch (error) {
    said = [timeout.aborted ? tookTooLong(check, seconds) : failed(error)];
  }
  return said.map((each) => ({ check: check.id, ...each }));
}

function tookTooLong({ id }: Check, seconds: number): Said {
  return {
    level: 'error',
    says: `no answer within ${seconds} seconds`,
    mend: `slipway doctor --check ${id} --debug`,
  };
}

/** What a check didn't foresee, with what slipway would say of it elsewhere. */
function failed(error: unknown): Said {
  const hint = isSlipwayError(error) && error.hint !== undefined ? `. ${error.hint}` : '';
  return { level: 'error', says: `could not be looked at: ${errorMessage(error)}${hint}` };
}
