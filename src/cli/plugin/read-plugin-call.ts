import { SlipwayError } from '../../core/errors.ts';
import type { FlagSpec } from '../flag-words.ts';
import { parseWords } from '../flag-words.ts';

/** What the docker command asks of its plugin, in the terms of slipway alone. */
export interface PluginCall {
  readonly words: readonly string[];
  /** Variables that say the same as docker's global flags, for slipway and for every docker that it starts. */
  readonly env: Readonly<Record<string, string>>;
}

/** Docker's own variable: set in each plugin that it starts. Source: docker/cli v28.2.2, cli-plugins/metadata/metadata.go */
const CALLED_BY_DOCKER = 'DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND';

const text = (name: string, short?: string): FlagSpec => ({
  name,
  ...(short === undefined ? {} : { short }),
  arity: 'value',
  help: '',
});
const onOff = (name: string, short?: string): FlagSpec => ({ ...text(name, short), arity: 'switch' });

/** Source: docker/cli v28.2.2, cli/flags/options.go, InstallFlags */
const GLOBAL_FLAGS: readonly FlagSpec[] = [
  text('config'),
  text('context', 'c'),
  onOff('debug', 'D'),
  text('host', 'H'),
  text('log-level', 'l'),
  onOff('tls'),
  text('tlscacert'),
  text('tlscert'),
  text('tlskey'),
  onOff('tlsverify'),
];

const VARIABLES: Readonly<Record<string, string>> = {
  config: 'DOCKER_CONFIG',
  context: 'DOCKER_CONTEXT',
  host: 'DOCKER_HOST',
};

/**
 * The call behind `docker-slipway [GLOBAL FLAGS] slipway …`; undefined when docker is not the caller. Throws USAGE for a
 * global flag that can't be handed on. Source of the calls: the CLI plugin spec, docs/extend/cli_plugins.md in docker/cli.
 */
export function readPluginCall(
  words: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): PluginCall | undefined {
  if (env[CALLED_BY_DOCKER] === undefined) return undefined;
  // `docker help slipway` and the shell's completion come with the name behind the word.
  const [first = '', second, ...rest] = words;
  if (['help', '__complete'].includes(first)) {
    return second === 'slipway' ? { words: [first, ...rest], env: {} } : undefined;
  }
  const at = commandIndex(words);
  if (words[at] !== 'slipway') return undefined;
  return { words: words.slice(at + 1), env: variablesOf(words.slice(0, at)) };
}

/** Where the first word stands that is neither a global flag nor the value of one. */
function commandIndex(words: readonly string[]): number {
  let index = 0;
  for (; index < words.length && words[index]?.startsWith('-') === true; index += 1) {
    const word = words[index] as string;
    const spec = GLOBAL_FLAGS.find(({ name, short }) => word === `--${name}` || word === `-${short}`);
    if (spec !== undefined && spec.arity !== 'switch') index += 1;
  }
  return index;
}

function variablesOf(words: readonly string[]): Readonly<Record<string, string>> {
  const env: Record<string, string> = {};
  for (const { spec, value } of parseWords(words, GLOBAL_FLAGS).flags) {
    const variable = VARIABLES[spec.name];
    if (variable !== undefined) env[variable] = value;
    else if (spec.name === 'debug' || (spec.name === 'log-level' && value === 'debug')) env['SLIPWAY_DEBUG'] = '1';
    else if (spec.name === 'tlsverify' && value === 'true') env['DOCKER_TLS_VERIFY'] = '1';
    else if (spec.name.startsWith('tls') && value !== 'false') throw noVariable(spec.name);
  }
  return env;
}

function noVariable(name: string): SlipwayError {
  return new SlipwayError('USAGE', `\`docker --${name}\` can't be handed on to the docker that slipway calls`, {
    hint: 'Make a context of it by `docker context create`, or set DOCKER_CERT_PATH.',
  });
}
