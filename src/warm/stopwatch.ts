import type { Clock } from '../core/clock.ts';

/** Seconds by named part, for reports. */
export interface Stopwatch {
  /** Runs `work` and adds its seconds to `part`; those of several at once count once. */
  time<T>(part: string, work: () => Promise<T>): Promise<T>;
  seconds(): number;
  readonly phases: Readonly<Record<string, number>>;
}

export function startStopwatch(clock: Clock): Stopwatch {
  const startedAt = clock.monotonic();
  const phases: Record<string, number> = {};
  const running = new Map<string, { count: number; readonly since: number }>();
  return {
    phases,
    seconds: () => (clock.monotonic() - startedAt) / 1000,
    time: async (part, work) => {
      const mine = running.get(part) ?? { count: 0, since: clock.monotonic() };
      running.set(part, mine);
      mine.count += 1;
      try {
        return await work();
      } finally {
        mine.count -= 1;
        if (mine.count === 0) {
          running.delete(part);
          phases[part] = (phases[part] ?? 0) + (clock.monotonic() - mine.since) / 1000;
        }
      }
    },
  };
}
