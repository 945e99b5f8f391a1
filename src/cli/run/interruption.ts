import { isSlipwayError } from '../../core/errors.ts';

/** The signal that interrupted this process, as whoever caught it left it in the abort's reason. */
export function interruptingSignal(signal: AbortSignal): NodeJS.Signals {
  const { reason } = signal;
  const name = isSlipwayError(reason, 'INTERRUPTED') ? reason.cause : undefined;
  return name === 'SIGINT' || name === 'SIGHUP' ? name : 'SIGTERM';
}
