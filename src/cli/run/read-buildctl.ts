import { join } from 'node:path';
import { isDockerfileFrontend } from '../../dockerfile/frontend.ts';
import { allValues, isSwitchedOn, lastValue, parseLeadingFlags, parseWords, type FlagSpec } from '../flag-words.ts';
import { flagWords, nameOf, toBuild } from './to-build.ts';
import { nothingFor, unread, type CommandReading } from './types.ts';

type Env = Readonly<Record<string, string | undefined>>;

const specs = (arity: FlagSpec['arity'], names: string): readonly FlagSpec[] =>
  names.split(' ').map((name) => ({ name, arity, help: '' }));

/** Flags of buildctl 0.33.1; a test holds them against the real binary's help. */
export const BUILDCTL_FLAGS: readonly FlagSpec[] = [
  ...specs('value', 'addr log-format timeout tlscacert tlscert tlsdir tlskey tlsservername'),
  ...specs('switch', 'debug wait'),
];
export const BUILDCTL_BUILD_FLAGS: readonly FlagSpec[] = [
  ...specs('list', 'allow export-cache import-cache local oci-layout opt registry-auth-tlscontext secret ssh'),
  ...specs('value', 'debug-json-cache-metrics frontend metadata-file progress ref-file source-policy-file trace'),
  ...specs('switch', 'no-cache proxy-network'),
  { name: 'output', short: 'o', arity: 'list', help: '' },
];

/** Where buildctl looks for its daemon. Source: github.com/moby/buildkit/blob/v0.33.1/util/appdefaults/appdefaults_unix.go */
const DEFAULT_ADDRESS = 'unix:///run/buildkit/buildkitd.sock';

/** `buildctl [--addr ADDRESS] build --frontend dockerfile.v0 --local context=… --local dockerfile=… --opt …` */
export function readBuildctl(words: readonly string[], env: Env): CommandReading {
  const { flags, rest } = parseLeadingFlags(words.map(withTwoDashes), BUILDCTL_FLAGS);
  const [verb = '', ...after] = rest;
  if (verb !== 'build' && verb !== 'b') return unread(`\`buildctl ${verb}\` is not a command that builds`);
  if (flags.some(({ spec }) => spec.name.startsWith('tls'))) return unread('its daemon is named by TLS flags');
  const parsed = parseWords(after, BUILDCTL_BUILD_FLAGS);
  const options = keyValues(allValues(parsed, 'opt'));
  const locals = new Map(keyValues(allValues(parsed, 'local')));
  const frontend = lastValue(parsed, 'frontend');
  if (frontend === undefined) return nothingFor('its build comes from standard input');
  const source = new Map(options).get('source');
  if (
    frontend !== 'dockerfile.v0' &&
    !(frontend === 'gateway.v0' && source !== undefined && isDockerfileFrontend(source))
  )
    return nothingFor(`the frontend \`${source ?? frontend}\` is not docker/dockerfile`);
  const context = locals.get('context');
  if (context === undefined) return nothingFor('its context is remote');
  const one = new Map(options);
  const directory = locals.get('dockerfile') ?? context;
  const starting = (prefix: string): readonly string[] =>
    options.flatMap(([key, text]) => (key.startsWith(prefix) ? [`${key.slice(prefix.length)}=${text}`] : []));
  const build = toBuild(
    [
      ...['--file', join(directory, one.get('filename') ?? 'Dockerfile')],
      ...flagWords('target', one.has('target') ? [one.get('target') ?? ''] : []),
      ...flagWords('platform', one.has('platform') ? [one.get('platform') ?? ''] : []),
      ...flagWords('network', one.has('force-network-mode') ? [one.get('force-network-mode') ?? ''] : []),
      ...flagWords('build-arg', starting('build-arg:')),
      ...flagWords(
        'build-context',
        starting('context:').map((text) => localContext(text, locals)),
      ),
      ...flagWords('secret', allValues(parsed, 'secret')),
      ...flagWords('ssh', allValues(parsed, 'ssh')),
      ...(isSwitchedOn(parsed, 'no-cache') || one.has('no-cache') ? ['--no-cache'] : []),
      ...['--', context],
    ],
    // DOCKER_DEFAULT_PLATFORM is buildx's alone.
    {},
  );
  const address =
    flags.findLast(({ spec }) => spec.name === 'addr')?.value ?? (env['BUILDKIT_HOST'] || DEFAULT_ADDRESS);
  return {
    kind: 'builds',
    client: { engine: 'buildctl', builder: undefined, env: { BUILDKIT_HOST: address } },
    builds: [{ name: nameOf(build), build }],
  };
}

/** `-frontend x` is `--frontend x` there; letters are never joined. */
function withTwoDashes(word: string): string {
  return /^-[a-z]{2}/.test(word) ? `-${word}` : word;
}

function keyValues(words: readonly string[]): readonly (readonly [string, string])[] {
  return words.map((word) => {
    const at = word.indexOf('=');
    return at < 0 ? [word, ''] : [word.slice(0, at), word.slice(at + 1)];
  });
}

/** `name=local:other` is the directory that `--local other=…` names. */
function localContext(text: string, locals: ReadonlyMap<string, string>): string {
  const [name = '', source = ''] = text.split(/=(.*)/s);
  return source.startsWith('local:') ? `${name}=${locals.get(source.slice('local:'.length)) ?? source}` : text;
}
