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
  readonly 'save-test-results': boolean;
  readonly 'allow-public': boolean;
  readonly 'strict-cache': boolean;
  readonly trust: 'auto' | 'all' | 'modules';
  readonly guard: boolean;
  readonly 'layers-first': boolean;
  readonly modules: 'zips' | 'trees';
  readonly fetch: 'auto' | 'client';
  readonly 'cache-timeout': number;
  /** Undefined: where there are keys. */
  readonly 'require-signature': boolean | undefined;
  readonly 'trusted-keys': readonly TrustedKeySetting[];
  /** A path; the key's text itself comes in a variable that is no option. */
  readonly 'signing-key': string | undefined;
  readonly 'signature-max-age': number;
  readonly repository: string | undefined;
  readonly engine: 'auto' | 'buildx' | 'buildctl' | 'embedded';
  readonly progress: 'auto' | 'plain' | 'tty' | 'quiet' | 'none' | 'rawjson';
  readonly format: 'text' | 'json';
  readonly 'log-level': 'debug' | 'info' | 'warning' | 'error';
}

/** A public key whose signatures are believed, as written: its form is checked here, its meaning is `trust/`'s. */
export interface TrustedKeySetting {
  /** `ed25519:<base64>` */
  readonly key: string;
  readonly name?: string | undefined;
  readonly scopes?: readonly string[] | undefined;
}

export type OptionName = keyof Settings;

export interface OptionSpec {
  readonly name: OptionName;
  readonly kind: 'text' | 'list' | 'switch' | 'seconds' | 'days' | 'choice' | 'keys';
  readonly choices?: readonly string[];
  readonly placeholder?: string;
  readonly help: string;
  /** Variables that set it, the first one set wins. */
  readonly variables: readonly string[];
}

/** Holds the text of the private key. It is no option: it is taken out of the environment before anything is started. */
export const SIGNING_KEY_VARIABLE = 'SLIPWAY_SIGNING_KEY';

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
  onOff('save-test-results', 'Save what `go test` keeps of its runs too: what the tests printed is in it'),
  onOff('allow-public', 'Save private code also where anybody can read it without a login'),
  onOff('strict-cache', 'Fail with exit code 3 when the cache fails'),
  choice('trust', ['auto', 'all', 'modules'], 'What is restored: all, or only modules, which go.sum proves'),
  onOff('guard', 'Restore less, or nothing, where a restore would cost more time than it saves (default: true)'),
  onOff(
    'layers-first',
    'Restore nothing for a build that may come from the layer cache as a whole, by what is on record (default: true)',
  ),
  choice(
    'modules',
    ['zips', 'trees'],
    'How `slipway build` moves modules: as zips, or (experimental) as the directories that this checkout imports',
  ),
  choice(
    'fetch',
    ['auto', 'client'],
    'Who fetches packs of the build cache: the builder by itself where it reaches the store, or always this machine',
  ),
  {
    name: 'cache-timeout',
    kind: 'seconds',
    placeholder: 'SECONDS',
    help: 'How long a store may stay silent before the build goes on without it',
    variables: ['SLIPWAY_CACHE_TIMEOUT'],
  },
  onOff(
    'require-signature',
    'Restore build caches only from snapshots that a trusted key signed (default: if there is one)',
  ),
  {
    name: 'trusted-keys',
    kind: 'keys',
    placeholder: 'KEYS',
    help: 'Public keys whose signatures count, each `ed25519:...` or `ed25519:...@SCOPE,SCOPE`',
    variables: ['SLIPWAY_TRUSTED_KEYS'],
  },
  {
    ...text(
      'signing-key',
      'FILE',
      'File with the private key that signs what is saved; in CI, SLIPWAY_SIGNING_KEY holds its text',
    ),
    variables: ['SLIPWAY_SIGNING_KEY_FILE'],
  },
  {
    name: 'signature-max-age',
    kind: 'days',
    placeholder: 'DAYS',
    help: 'How long a signature counts',
    variables: ['SLIPWAY_SIGNATURE_MAX_AGE'],
  },
  text(
    'repository',
    'NAME',
    'Repository that snapshots are signed for (default: from CI or git), as `github.com/owner/name`',
  ),
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
    'save-test-results': false,
    'allow-public': false,
    'strict-cache': false,
    trust: 'auto',
    guard: true,
    'layers-first': true,
    modules: 'zips',
    fetch: 'auto',
    'cache-timeout': 8,
    'require-signature': undefined,
    'trusted-keys': [],
    'signing-key': undefined,
    'signature-max-age': 30,
    repository: undefined,
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
