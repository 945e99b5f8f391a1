import type { Clock } from '../../src/core/clock.ts';
import { silentLogger } from '../../src/core/logger.ts';
import type { Store } from '../../src/store/port.ts';
import type { WarmContext, WarmOptions } from '../../src/warm/types.ts';

export interface WarmContextFacts extends Partial<Omit<WarmContext, 'options'>> {
  readonly store: Store;
  readonly clock: Clock;
  readonly workDirectory: string;
  /** Read in this order, the first one written; default: main. */
  readonly scopes?: readonly string[];
  readonly options?: Partial<WarmOptions>;
}

/** What a save and a restore are given by a test: without guard, and faults are thrown. Without an engine, a step that asks one fails. */
export function warmContext({ scopes = ['main'], options, ...facts }: WarmContextFacts): WarmContext {
  return {
    signal: new AbortController().signal,
    logger: silentLogger,
    onEvent: () => {},
    engine: undefined as never,
    ...facts,
    options: {
      scopes: { write: scopes[0] ?? 'main', read: scopes },
      helperImage: 'busybox',
      isReadOnly: false,
      believes: 'all',
      isGuarded: false,
      isStrict: true,
      cacheTimeoutSeconds: 10,
      isDryRun: false,
      ...options,
    },
  };
}
