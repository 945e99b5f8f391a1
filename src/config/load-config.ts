import { SlipwayError } from '../core/errors.ts';
import { nearestWord } from '../core/nearest-word.ts';
import { findConfigFile } from './find-config-file.ts';
import type { LintSection } from './lint-section.ts';
import {
  defaultSettings,
  OPTIONS,
  SIGNING_KEY_VARIABLE,
  type Environment,
  type OptionName,
  type OptionSpec,
  type Settings,
  type TrustedKeySetting,
} from './options.ts';
import { readConfigFile, type ConfigFile } from './read-config-file.ts';
import { expectedValue, optionSchema } from './schema.ts';

/** Where a value came from. */
export type Origin =
  | { readonly kind: 'flag'; readonly name: string }
  | { readonly kind: 'env'; readonly name: string }
  | { readonly kind: 'file'; readonly path: string; readonly line: number }
  | { readonly kind: 'default' };

export interface Config {
  readonly settings: Settings;
  readonly origins: Readonly<Record<OptionName, Origin>>;
  readonly file: string | undefined;
  /** The `lint:` section with the line of each of its keys (`lint.rules.rule-id`). */
  readonly lint: LintSection;
  readonly lines: ConfigFile['lines'];
  /** Faults that stop nothing, such as a variable that looks misspelt. */
  readonly warnings: readonly string[];
}

export interface ConfigInput {
  /** Values of flags as they were written; all of them where a flag may be repeated. */
  readonly flags: Readonly<Partial<Record<OptionName, string | readonly string[]>>>;
  /** How messages call them; `--name` where it is left out. */
  readonly nameOf?: ((option: OptionName) => string) | undefined;
  readonly env: Environment;
  /** Where the search for a file starts. */
  readonly directory: string;
}

/** Reads the configuration once: flag > variable > file > default, checked and frozen. */
export async function loadConfig(input: ConfigInput): Promise<Config> {
  const path = await findConfigFile(input.directory);
  return resolveConfig(input, path === undefined ? undefined : await readConfigFile(path));
}

/** The pure part of `loadConfig`. */
export function resolveConfig(input: Omit<ConfigInput, 'directory'>, file: ConfigFile | undefined): Config {
  const settings: Record<string, unknown> = { ...defaultSettings(input.env) };
  const origins: Record<string, Origin> = {};
  for (const option of OPTIONS) {
    const [value, origin] = pick(option, input, file) ?? [settings[option.name], { kind: 'default' } as const];
    settings[option.name] = value;
    origins[option.name] = Object.freeze(origin);
  }
  return Object.freeze({
    settings: Object.freeze(settings) as unknown as Settings,
    origins: Object.freeze(origins) as Config['origins'],
    file: file?.path,
    lint: Object.freeze(file?.lint ?? {}),
    lines: file?.lines ?? {},
    warnings: Object.freeze(misspeltVariables(input.env)),
  });
}

/** `flag --store`, `env SLIPWAY_STORE`, `/src/.slipway.yaml:3`, `default`. */
export function formatOrigin(origin: Origin): string {
  switch (origin.kind) {
    case 'flag':
      return `flag --${origin.name}`;
    case 'env':
      return `env ${origin.name}`;
    case 'file':
      return `${origin.path}:${origin.line}`;
    case 'default':
      return 'default';
  }
}

function pick(
  option: OptionSpec,
  input: Omit<ConfigInput, 'directory'>,
  file: ConfigFile | undefined,
): readonly [unknown, Origin] | undefined {
  const flag = input.flags[option.name];
  if (flag !== undefined) {
    const name = input.nameOf?.(option.name) ?? `--${option.name}`;
    return [readText(option, flag, name, 'USAGE'), { kind: 'flag', name: option.name }];
  }
  const variable = option.variables.find((name) => (input.env[name] ?? '') !== '');
  if (variable !== undefined) {
    return [readText(option, input.env[variable] ?? '', variable, 'CONFIG_INVALID'), { kind: 'env', name: variable }];
  }
  const value = file?.values[option.name];
  if (file === undefined || value === undefined) return undefined;
  return [value, { kind: 'file', path: file.path, line: file.lines[option.name] ?? 1 }];
}

const SWITCH_WORDS: Readonly<Record<string, boolean>> = { '1': true, true: true, '0': false, false: false };

/** Turns a flag's or variable's text into the option's type and checks it with the same schema as a file. */
function readText(
  option: OptionSpec,
  written: string | readonly string[],
  source: string,
  code: 'USAGE' | 'CONFIG_INVALID',
): unknown {
  const value = typeof written === 'string' ? fromText(option, written.trim()) : written.map((one) => one.trim());
  const checked = optionSchema(option).safeParse(value);
  if (checked.success) return checked.data;
  const shown = typeof written === 'string' ? written : written.join('`, `');
  const nearest = nearestWord(shown, option.choices ?? []);
  throw new SlipwayError(code, `\`${source}\` can't be \`${shown}\``, {
    hint:
      nearest === undefined
        ? `Write ${expectedValue(option.name)}.`
        : `Did you mean \`${nearest}\`? It takes ${expectedValue(option.name)}.`,
  });
}

function fromText(option: OptionSpec, written: string): unknown {
  if (option.kind === 'switch') return SWITCH_WORDS[written.toLowerCase()] ?? written;
  if (option.kind === 'list') return splitList(written);
  if (option.kind === 'keys') return splitKeys(written);
  if (option.kind === 'seconds' || option.kind === 'days')
    return /^\d+(\.\d+)?$/.test(written) ? Number(written) : written;
  return written;
}

/** A line break or `;` stands between two, unless it is in double quotes. */
function splitList(text: string): readonly string[] {
  const parts = text.match(/(?:"[^"]*"|[^;\n"]|")+/g) ?? [];
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

/** White space stands between two; each is `KEY` or `KEY@SCOPE,SCOPE`. */
function splitKeys(text: string): readonly TrustedKeySetting[] {
  const words = text.split(/\s+/).filter((word) => word !== '');
  return words.map((word) => {
    const at = word.indexOf('@');
    return at < 0 ? { key: word } : { key: word.slice(0, at), scopes: word.slice(at + 1).split(',') };
  });
}

/** Variables with our prefix that are one slip of the pen away from an option: said, since silence would hide them. */
function misspeltVariables(env: Environment): readonly string[] {
  const known = [...OPTIONS.map((option) => option.variables[0] ?? ''), SIGNING_KEY_VARIABLE].map(withoutPrefix);
  return Object.keys(env)
    .filter((name) => name.startsWith('SLIPWAY_') && !known.includes(withoutPrefix(name)))
    .flatMap((name) => {
      const nearest = nearestWord(withoutPrefix(name), known);
      return nearest === undefined ? [] : [`variable \`${name}\` is not read; did you mean \`SLIPWAY_${nearest}\`?`];
    });
}

function withoutPrefix(name: string): string {
  return name.replace(/^SLIPWAY_/, '');
}
