import { parseLeadingFlags, type FlagSpec } from '../flag-words.ts';
import { readBuild, readBuildx } from './read-buildx.ts';
import { readCompose } from './read-compose.ts';
import { unread, type CommandReading } from './types.ts';

type Env = Readonly<Record<string, string | undefined>>;

const TLS_FLAGS = ['tlscacert', 'tlscert', 'tlskey'];

/** What stands before docker's command. Source: github.com/docker/cli/blob/v28.2.2/cli/flags/options.go */
const GLOBAL_FLAGS: readonly FlagSpec[] = [
  { name: 'config', arity: 'value', help: '' },
  { name: 'context', short: 'c', arity: 'value', help: '' },
  { name: 'host', short: 'H', arity: 'value', help: '' },
  { name: 'log-level', short: 'l', arity: 'value', help: '' },
  { name: 'debug', short: 'D', arity: 'switch', help: '' },
  { name: 'tls', arity: 'switch', help: '' },
  { name: 'tlsverify', arity: 'switch', help: '' },
  ...TLS_FLAGS.map((name): FlagSpec => ({ name, arity: 'value', help: '' })),
];

/** Flags that say where docker's daemon and its configuration are, and the variable that says the same. */
const VARIABLES: Readonly<Record<string, string>> = {
  config: 'DOCKER_CONFIG',
  context: 'DOCKER_CONTEXT',
  host: 'DOCKER_HOST',
};

/** `docker [FLAGS] build | image build | builder build | buildx … | compose …` */
export function readDocker(program: string, words: readonly string[], env: Env): CommandReading {
  const { flags, rest } = parseLeadingFlags(words, GLOBAL_FLAGS);
  if (flags.some(({ spec }) => spec.name.startsWith('tls'))) return unread('its daemon is named by TLS flags');
  const overrides = Object.fromEntries(
    flags.flatMap(({ spec, value }) => {
      const variable = VARIABLES[spec.name];
      return variable === undefined ? [] : [[variable, value]];
    }),
  );
  const globals = flags.flatMap((flag) => flag.words);
  const [first, second] = rest;
  const call = { env: { ...env, ...overrides }, overrides };
  if (first === 'build') return readPlainBuild(rest.slice(1), call);
  if ((first === 'image' || first === 'builder') && second === 'build') return readPlainBuild(rest.slice(2), call);
  const inside = { ...call, command: [program, ...globals, first ?? ''], words: rest.slice(1) };
  if (first === 'buildx') return readBuildx(inside);
  if (first === 'compose') return readCompose(inside);
  return unread(`\`docker ${first ?? ''}\` is not a command whose builds slipway can tell`);
}

function readPlainBuild(
  words: readonly string[],
  call: { readonly env: Env; readonly overrides: Env },
): CommandReading {
  if (call.env['DOCKER_BUILDKIT'] === '0') return unread("`DOCKER_BUILDKIT=0` means docker's old builder");
  return readBuild({ ...call, words, isPlainDocker: true });
}
