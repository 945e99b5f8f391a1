import { errorMessage, isSlipwayError, SlipwayError } from '../core/errors.ts';
import type { StoreContext } from './types.ts';

/**
 * The one place that decides what a failing cache means: a visible line (not a second one for what `isTold` already) and a cold (or unsaved) build, or, under
 * `--strict-cache`, the error itself. An abort is never a cache fault.
 */
export function reportCacheFault(
  context: StoreContext,
  what: string,
  error: unknown,
  options: { readonly isTold?: boolean } = {},
): { reason: string; hint?: string } {
  context.signal.throwIfAborted();
  if (context.options.isStrict) throw asCacheError(what, error);
  const reason = errorMessage(error);
  const hint = error instanceof SlipwayError ? error.hint : undefined;
  context.onEvent({
    type: 'message',
    level: options.isTold === true ? 'info' : 'warning',
    text: `${what}: ${reason}`,
    ...(hint === undefined ? {} : { hint }),
  });
  if (!isSlipwayError(error)) context.logger.debug(error instanceof Error ? (error.stack ?? reason) : reason);
  return { reason, ...(hint === undefined ? {} : { hint }) };
}

/** Did the store fail, and not the builder or this machine? */
export function isStoreFault(error: unknown): boolean {
  return isSlipwayError(error) && (error.code.startsWith('STORE_') || error.code === 'TIMEOUT');
}

function asCacheError(what: string, error: unknown): SlipwayError {
  if (isSlipwayError(error) && error.exitCode === 3) return error;
  return new SlipwayError('STORE_FAILED', `${what}: ${errorMessage(error)}`, { cause: error });
}
