import { isSlipwayError } from '../../core/errors.ts';

export const MAX_ATTEMPTS = 3;
const FIRST_DELAY_SECONDS = 0.5;
const MAX_RETRY_AFTER_SECONDS = 30;

export interface RetryState {
  /** Attempts made so far, at least 1. */
  readonly attempts: number;
  /** Seconds already waited because a server asked for it. */
  readonly askedSeconds: number;
  /** From 0 to 1. */
  readonly random: number;
}

export interface RetryDelay {
  readonly seconds: number;
  /** Did the server ask for it? Such a wait doesn't count against the time limit. */
  readonly isAsked: boolean;
}

/**
 * How long to wait before the same call is made again, or undefined for "don't": three attempts in all, 0.5 and 1 s apart
 * with a quarter of jitter, or what Retry-After says as long as that adds up to 30 s at most.
 */
export function planRetry(error: unknown, state: RetryState): RetryDelay | undefined {
  if (!isSlipwayError(error) || !error.retryable || state.attempts >= MAX_ATTEMPTS) return undefined;
  const asked = error.retryAfterSeconds;
  if (asked !== undefined) {
    return state.askedSeconds + asked > MAX_RETRY_AFTER_SECONDS ? undefined : { seconds: asked, isAsked: true };
  }
  const seconds = FIRST_DELAY_SECONDS * 2 ** (state.attempts - 1) * (0.75 + state.random / 2);
  return { seconds, isAsked: false };
}
