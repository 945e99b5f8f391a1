import { OPTIONS, type OptionName } from '../config/options.ts';
import type { FlagSpec, ParsedWords } from './flag-words.ts';
import { allValues, lastValue } from './flag-words.ts';

const ARITIES: Readonly<Record<string, FlagSpec['arity']>> = { switch: 'switch', list: 'list' };

/** slipway's own flags, from the option table; `progress` is among buildx's flags. */
export const OPTION_FLAGS: readonly FlagSpec[] = OPTIONS.filter((option) => option.name !== 'progress').map(
  (option) => ({
    name: option.name,
    arity: ARITIES[option.kind] ?? 'value',
    placeholder: option.placeholder,
    help: option.help,
  }),
);

export const DRY_RUN_FLAG: FlagSpec = {
  name: 'dry-run',
  arity: 'switch',
  help: 'Say what would be done and do nothing',
};

export const PROGRESS_FLAG: FlagSpec = {
  name: 'progress',
  arity: 'value',
  placeholder: 'MODE',
  help: 'auto, plain, tty, quiet, none or rawjson',
};

export const DEBUG_FLAG: FlagSpec = {
  name: 'debug',
  short: 'D',
  arity: 'switch',
  help: 'Print debug output and stacks',
};

/** The option values that were written as flags. `--debug` is the short way to write `--log-level debug`. */
export function readOptionFlags(parsed: ParsedWords): Partial<Record<OptionName, string | readonly string[]>> {
  const flags: Partial<Record<OptionName, string | readonly string[]>> = {};
  for (const { name, kind } of OPTIONS) {
    const all = allValues(parsed, name);
    const value = kind === 'list' && all.length > 0 ? all : all.at(-1);
    if (value !== undefined) flags[name] = value;
  }
  if (lastValue(parsed, 'debug') === 'true' && flags['log-level'] === undefined) flags['log-level'] = 'debug';
  return flags;
}
