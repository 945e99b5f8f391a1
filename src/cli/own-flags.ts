import { OPTIONS, type OptionName } from '../config/options.ts';
import type { FlagSpec, ParsedWords } from './flag-words.ts';
import { lastValue } from './flag-words.ts';

/** slipway's own flags, from the option table; `progress` is among buildx's flags. */
export const OPTION_FLAGS: readonly FlagSpec[] = OPTIONS.filter((option) => option.name !== 'progress').map(
  (option) => ({
    name: option.name,
    arity: option.kind === 'switch' ? 'switch' : 'value',
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
export function readOptionFlags(parsed: ParsedWords): Partial<Record<OptionName, string>> {
  const flags: Partial<Record<OptionName, string>> = {};
  for (const { name } of OPTIONS) {
    const value = lastValue(parsed, name);
    if (value !== undefined) flags[name] = value;
  }
  if (lastValue(parsed, 'debug') === 'true' && flags['log-level'] === undefined) flags['log-level'] = 'debug';
  return flags;
}
