import { systemClock } from '../../src/core/clock.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { openStore, type OpenedStore, type StoreDependencies } from '../../src/store/open-store.ts';
import { isStoreKeeper, type StoreKeeper } from '../../src/store/port.ts';
import type { StoreSpec } from '../../src/store/store-spec.ts';

type Environment = Readonly<Record<string, string>>;

/** A store put together as the product does, with nothing of this machine's configuration. */
export function openPlainTestStore(
  spec: StoreSpec,
  env: Environment = {},
  dependencies: Partial<StoreDependencies> = {},
): OpenedStore {
  return openStore(spec, {
    env,
    homeDirectory: '/nonexistent',
    clock: systemClock,
    logger: silentLogger,
    timeoutSeconds: 30,
    ...dependencies,
  });
}

/** One that can be looked after. */
export function openTestStore(
  spec: StoreSpec,
  env: Environment = {},
  dependencies: Partial<StoreDependencies> = {},
): OpenedStore & StoreKeeper {
  const store = openPlainTestStore(spec, env, dependencies);
  if (!isStoreKeeper(store)) throw new Error(`${store.description} can't be looked after`);
  return store;
}
