interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

export interface Sleepers {
  readonly count: number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** The one that wakes first. */
  next(): Sleeper | undefined;
  clear(): void;
}

/** Those who sleep on a clock of the test, by the time at which they wake. An abort ends a sleep with its reason. */
export function createSleepers(monotonic: () => number): Sleepers {
  const all = new Set<Sleeper>();
  return {
    get count() {
      return all.size;
    },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const sleeper = {
          at: monotonic() + ms,
          wake: () => {
            all.delete(sleeper);
            resolve();
          },
        };
        all.add(sleeper);
        signal?.addEventListener('abort', () => {
          if (all.delete(sleeper)) reject(signal.reason);
        });
      }),
    next: () => [...all].sort((a, b) => a.at - b.at)[0],
    clear: () => all.clear(),
  };
}
