import { errorMessage, isSlipwayError } from '../core/errors.ts';
import { orAborted } from '../store/decorators/or-aborted.ts';
import type { Check, DoctorContext, Finding, Said } from './types.ts';

export interface Limits {
  /** Longer than any answer that is worth waiting for. */
  readonly seconds: number;
  /** For a check to take away what it made, and to tell what it knows by then. */
  readonly graceSeconds: number;
}

const LIMITS: Limits = { seconds: 10, graceSeconds: 3 };

/**
 * Runs the checks beside each other and gives their findings in the checks' order. A check that fails or takes longer than
 * its seconds says so in a finding of its own; none of them waits for another. Rejects with the reason of an interrupt.
 */
export async function runChecks(
  checks: readonly Check[],
  context: DoctorContext,
  limits: Limits = LIMITS,
): Promise<readonly Finding[]> {
  const found = await Promise.all(checks.map((check) => runCheck(check, context, limits)));
  context.signal.throwIfAborted();
  return found.flat();
}

async function runCheck(check: Check, context: DoctorContext, limits: Limits): Promise<readonly Finding[]> {
  const timeout = AbortSignal.timeout(limits.seconds * 1000);
  const signal = AbortSignal.any([context.signal, timeout]);
  let said: readonly Said[];
  try {
    said = await orAborted(check.run(boundBy(signal, context)), laterThan(signal, limits.graceSeconds));
  } catch (error) {
    said = [timeout.aborted ? tookTooLong(check, limits.seconds) : failed(error)];
  }
  return said.map((each) => ({ check: check.id, ...each }));
}

/** What is shared goes on when one check has waited long enough for it. */
function boundBy(signal: AbortSignal, context: DoctorContext): DoctorContext {
  return {
    ...context,
    signal,
    engine: () => orAborted(context.engine(), signal),
    builder: () => orAborted(context.builder(), signal),
    probe: () => orAborted(context.probe(), signal),
  };
}

/** For what doesn't end with its signal. */
function laterThan(signal: AbortSignal, seconds: number): AbortSignal {
  const later = new AbortController();
  const abort = (): void => {
    setTimeout(() => later.abort(signal.reason), seconds * 1000);
  };
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return later.signal;
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
