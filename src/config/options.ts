import { homedir } from 'node:os';
import { join } from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Every setting, normalised. Keys are the option names as they stand in flags and files. */
export interface Settings {
  /** Where snapshots and packs are kept, the nearest first. */
  readonly store: readonly string[];
  readonly scope: string | undefined;
  readonly 'helper-image': string;
  readonly 'read-only': boolean;
  readonly 'no-save': boolean;
  readonly 'strict-cache': boolean;
  readonly 'cache-timeout': number;
  readonly engine: 'auto' | 'buildx' | 'buildctl' | 'embedded';
  readonly progress: 'auto' | 'plain' | 'tty' | 'quiet' | 'none' | 'rawjson';
  readonly format: 'text' | 'json';
  readonly 'log-level': 'debug' | 'info' | 'warning' | 'error';
}

export type OptionName = keyof Settings;

export interface OptionSpec {
  readonly name: OptionName;
  readonly kind: 'text' | 'list' | 'switch' | 'seconds' | 'choice';
  readonly choices?: readonly string[];
  readonly placeholder?: string;
  readonly help: string;
  /** Variables that set it, the first one set wins. */
  readonly variables: readonly string[];
}

/** The one list of options: flags, variables, file keys, their schema and `config show` are all made from it. */
export const OPTIONS: readonly OptionSpec[] = [
  {
    name: 'store',
    kind: 'list',
    placeholder: 'SPEC',
    help: 'Where snapshots and packs are kept, such as `type=registry,ref=registry.example.com/app/cache`; several: the nearest first',
    variables: ['SLIPWAY_STORE'],
  },
  text('scope', 'NAME', 'Name under which snapshots are written and looked for first (default: from the branch)'),
  text('helper-image', 'IMAGE', 'Image with sh, tar and gzip that fills and reads the cache mounts'),
  onOff('read-only', 'Read the store, never write it'),
  onOff('no-save', "Don't save after the build"),
  onOff('strict-cache', 'Fail with exit code 3 when the cache fails'),
  {
    name: 'cache-timeout',
    kind: 'seconds',
    placeholder: 'SECONDS',
    help: 'How long a store may stay silent before the build goes on without it',
    variables: ['SLIPWAY_CACHE_TIMEOUT'],
  },
  choice('engine', ['auto', 'buildx', 'buildctl', 'embedded'], 'What runs BuildKit'),
  {
    ...choice('progress', ['auto', 'plain', 'tty', 'quiet', 'none', 'rawjson'], 'How progress is shown'),
    // buildx reads the second one too: docs.docker.com/build/building/variables/#buildkit_progress
    variables: ['SLIPWAY_PROGRESS', 'BUILDKIT_PROGRESS'],
  },
  choice('format', ['text', 'json'], 'Form of the result on standard output'),
  choice('log-level', ['debug', 'info', 'warning', 'error'], 'How much is said on standard error'),
];

export const OPTION_NAMES: readonly OptionName[] = OPTIONS.map((option) => option.name);

/** What holds where nobody said anything. */
export function defaultSettings(env: Environment): Settings {
  return {
    store: [`type=local,${csvField(`dest=${join(userCacheDirectory(env), 'store')}`)}`],
    scope: undefined,
    'helper-image': 'busybox:1.37',
    'read-only': false,
    'no-save': false,
    'strict-cache': false,
    'cache-timeout': 10,
    engine: 'auto',
    progress: 'auto',
    format: 'text',
    'log-level': 'info',
  };
}

/** Our directory under the user's cache directory, as the XDG base directory specification says. */
export function userCacheDirectory(env: Environment): string {
  const base = env['XDG_CACHE_HOME'];
  const isUsable = base !== undefined && base.startsWith('/');
  return join(isUsable ? base : join(env['HOME'] || homedir(), '.cache'), 'slipway');
}

/** BuildKit reads attributes as one CSV record, so a comma or a quote needs quotes around the field. */
function csvField(field: string): string {
  return /[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

function variableOf(name: OptionName): string {
  return `SLIPWAY_${name.toUpperCase().replaceAll('-', '_')}`;
}

function text(name: OptionName, placeholder: string, help: string): OptionSpec {
  return { name, kind: 'text', placeholder, help, variables: [variableOf(name)] };
}

function onOff(name: OptionName, help: string): OptionSpec {
  return { name, kind: 'switch', help, variables: [variableOf(name)] };
}

function choice(name: OptionName, choices: readonly string[], help: string): OptionSpec {
  return { name, kind: 'choice', choices, placeholder: choices.join('|'), help, variables: [variableOf(name)] };
}
