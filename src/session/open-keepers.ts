import { loadConfig, type ConfigInput } from '../config/load-config.ts';
import type { Settings } from '../config/options.ts';
import { SlipwayError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { Store, StoreKeeper } from '../store/port.ts';
import { asKeeper } from '../warm/survey-store.ts';
import { readCacheTrust, type CacheTrust } from './cache-trust.ts';
import { decideRun } from './decide-run.ts';
import type { OpenedSpec } from './parts.ts';
import type { SessionHost } from './session.ts';

export interface KeepersInput {
  readonly host: SessionHost;
  readonly flags: ConfigInput['flags'];
  readonly nameOf?: ConfigInput['nameOf'];
  /** Something is to be written or deleted: refused where this run, or the store's spec, only reads. */
  readonly isChange: boolean;
  readonly createLogger: (settings: Settings) => Logger;
  /** Stands for the stores of the settings. */
  readonly store?: Store | undefined;
}

/** The configured stores, for what looks after them: each by itself, and no engine is asked. */
export interface Keepers {
  readonly settings: Settings;
  readonly each: readonly OpenedSpec[];
  readonly trust: CacheTrust;
  /** Throws STORE_DENIED for a store that is only read, where something is to be changed; USAGE for one that can't be looked after. */
  keeperOf(opened: OpenedSpec): Store & StoreKeeper;
  openOther(spec: string): Store;
}

export async function openKeepers(input: KeepersInput): Promise<Keepers> {
  const { host, flags, nameOf, isChange } = input;
  const { env, cwd } = host;
  const config = await loadConfig({ flags, nameOf, env, directory: cwd });
  const { settings } = config;
  const parts = await host.loadParts();
  const logger = input.createLogger(settings);
  const options = { timeoutSeconds: settings['cache-timeout'], env, logger, isStrict: true };
  const each =
    input.store === undefined
      ? parts.openStores(settings.store, options).each
      : [{ store: input.store, isReadOnly: false }];
  if (isChange) {
    const { isReadOnly, readOnlyReason } = await decideRun(config, env, cwd);
    if (isReadOnly) throw onlyRead(`the stores are only read: ${readOnlyReason ?? '`--read-only`'}`);
  }
  return {
    settings,
    each,
    trust: await readCacheTrust(config, host, logger),
    keeperOf: ({ store, isReadOnly }) => {
      if (isChange && isReadOnly) throw onlyRead(`${store.description} is only read (\`read-only=true\`)`);
      return asKeeper(store);
    },
    openOther: (spec) => parts.openStores([spec], options).store,
  };
}

function onlyRead(why: string): SlipwayError {
  return new SlipwayError('STORE_DENIED', why, { hint: '`--dry-run` says what would be done.' });
}
