import { errorMessage, isSlipwayError, SlipwayError } from '../core/errors.ts';
import type { WarmContext } from './types.ts';

/**
 * The one place that decides what a failing cache means: a visible line and a cold (or unsaved) build, or, under
 * `--strict-cache`, the error itself. An abort is never a cache fault.
 */
export function reportCacheFault(
  context: WarmContext,
  what: string,
  error: unknown,
): { reason: string; hint?: string } {
  context.signal.throwIfAborted();
  if (context.options.isStrict) throw asCacheError(what, error);
  const reason = errorMessage(error);
  const hint = error instanceof SlipwayError ? error.hint : undefined;
  context.onEvent({
    type: 'message',
    level: 'warning',
    text: `${what}: ${reason}`,
    ...(hint === undefined ? {} : { hint }),
  });
  if (!isSlipwayError(error)) context.logger.debug(error instanceof Error ? (error.stack ?? reason) : reason);
  return { reason, ...(hint === undefined ? {} : { hint }) };
}

function asCacheError(what: string, error: unknown): SlipwayError {
  if (isSlipwayError(error) && error.exitCode === 3) return error;
  return new SlipwayError('STORE_FAILED', `${what}: ${errorMessage(error)}`, { cause: error });
}
