import type { Clock } from '../core/clock.ts';

/** Seconds by named part, for reports. */
export interface Stopwatch {
  /** Runs `work` and adds its seconds to `part`. */
  time<T>(part: string, work: () => Promise<T>): Promise<T>;
  seconds(): number;
  readonly phases: Readonly<Record<string, number>>;
}

export function startStopwatch(clock: Clock): Stopwatch {
  const startedAt = clock.monotonic();
  const phases: Record<string, number> = {};
  return {
    phases,
    seconds: () => (clock.monotonic() - startedAt) / 1000,
    time: async (part, work) => {
      const from = clock.monotonic();
      try {
        return await work();
      } finally {
        phases[part] = (phases[part] ?? 0) + (clock.monotonic() - from) / 1000;
      }
    },
  };
}
