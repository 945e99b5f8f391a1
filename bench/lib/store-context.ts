import type { Clock } from '../../src/core/clock.ts';
import { silentLogger } from '../../src/core/logger.ts';
import type { Store } from '../../src/store/port.ts';
import type { WarmContext } from '../../src/warm/types.ts';

/** What a save and a restore are given where no builder is asked: it reads these scopes and writes the first. */
export function storeContext(about: {
  readonly store: Store;
  readonly clock: Clock;
  readonly workDirectory: string;
  readonly scopes: readonly string[];
}): WarmContext {
  const { store, clock, workDirectory, scopes } = about;
  return {
    store,
    clock,
    workDirectory,
    signal: new AbortController().signal,
    logger: silentLogger,
    onEvent: () => {},
    // No step of these asks a builder: one that did would fail.
    engine: undefined as never,
    options: {
      scopes: { write: scopes[0] ?? 'main', read: scopes },
      helperImage: 'none',
      isReadOnly: false,
      believes: 'all',
      isGuarded: false,
      isStrict: true,
      cacheTimeoutSeconds: 10,
      isDryRun: false,
    },
  };
}
