import type { ConfigInput } from '../config/load-config.ts';
import type { OptionName } from '../config/options.ts';
import { SlipwayError } from '../core/errors.ts';
import type { Store } from '../store/port.ts';
import { CALL_OPTIONS, type Names } from './call.ts';
import type { StoreOptions } from './options.ts';

export const STORE_OPTIONS: Names<StoreOptions> = {
  ...CALL_OPTIONS,
  store: true,
  readOnly: true,
  cacheTimeoutSeconds: true,
  onEvent: true,
};

/** The CLI's option that each stands for. */
export type OptionTable<Options> = Readonly<Partial<Record<keyof Options, OptionName>>>;

export const STORE_TABLE: OptionTable<StoreOptions> = { readOnly: 'read-only', cacheTimeoutSeconds: 'cache-timeout' };

/** Settings as the configuration takes them from flags; it checks them, and calls them by the names that stand here. */
export function readSettings<Options extends StoreOptions>(
  options: Options,
  table: OptionTable<Options>,
): Pick<ConfigInput, 'flags' | 'nameOf'> & { readonly store: Store | undefined } {
  const names = new Map<OptionName, string>([['store', 'store']]);
  const flags: Partial<Record<OptionName, string | readonly string[]>> = {};
  for (const [name, option] of Object.entries(table) as [keyof Options & string, OptionName][]) {
    names.set(option, name);
    const value = options[name];
    // An engine or a store may be an object of the caller's own.
    if (value !== undefined && typeof value !== 'object') flags[option] = String(value);
  }
  const specs = readSpecs(options.store);
  return {
    flags: specs === undefined ? flags : { ...flags, store: specs },
    nameOf: (option) => names.get(option) ?? option,
    store: isStore(options.store) ? options.store : undefined,
  };
}

function readSpecs(store: StoreOptions['store']): readonly string[] | undefined {
  if (store === undefined || isStore(store)) return undefined;
  const specs: readonly unknown[] = Array.isArray(store) ? store : [store];
  if (specs.length > 0 && specs.every((spec) => typeof spec === 'string')) return specs;
  throw new SlipwayError('USAGE', '`store` is neither a spec, nor a list of specs, nor a store', {
    hint: 'Write it like `type=registry,ref=registry.example.com/app/cache`.',
  });
}

function isStore(store: unknown): store is Store {
  return typeof store === 'object' && store !== null && 'readSnapshot' in store && 'writeBlob' in store;
}
