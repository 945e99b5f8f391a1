import type { Clock } from '../../core/clock.ts';
import { SlipwayError } from '../../core/errors.ts';

/** A signal that aborts with TIMEOUT when the time is up, and with the caller's reason when the caller aborts. */
export interface TimeBudget {
  readonly signal: AbortSignal;
  /** Starts the time anew, with another length if given. */
  restart(seconds?: number): void;
  /** Stops the time; the caller's abort still goes through. */
  pause(): void;
  /** Aborts with this reason. */
  abort(reason: unknown): void;
  /** Lets go of timer and caller. */
  end(): void;
}

export interface TimeBudgetOptions {
  readonly clock: Clock;
  readonly seconds: number;
  /** Who should have answered, for the message. */
  readonly place: string;
  readonly signal?: AbortSignal;
}

export function startTimeBudget(options: TimeBudgetOptions): TimeBudget {
  const { clock, place, signal: outer } = options;
  const controller = new AbortController();
  let timer = new AbortController();
  const onAbort = (): void => controller.abort(outer?.reason);
  if (outer?.aborted) onAbort();
  outer?.addEventListener('abort', onAbort, { once: true });

  const pause = (): void => timer.abort();
  const restart = (seconds = options.seconds): void => {
    pause();
    const mine = (timer = new AbortController());
    clock.sleep(seconds * 1000, mine.signal).then(
      () => {
        // A sleep that ended in the same moment as it was paused must not count.
        if (!mine.signal.aborted) controller.abort(tooSlow(place, seconds));
      },
      () => undefined,
    );
  };
  restart();
  return {
    signal: controller.signal,
    restart,
    pause,
    abort: (reason) => controller.abort(reason),
    end: () => {
      pause();
      outer?.removeEventListener('abort', onAbort);
    },
  };
}

function tooSlow(place: string, seconds: number): SlipwayError {
  return new SlipwayError('TIMEOUT', `\`${place}\` did not answer within ${seconds} s`, {
    hint: 'Give it longer with `timeout=…` in the store or `--cache-timeout`, or check the network.',
  });
}
