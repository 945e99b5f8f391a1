import { isRemoteContext } from '../../buildkit/buildctl-arguments.ts';
import { BUILDX_FLAGS } from '../buildx-flags.ts';
import { allValues, isSwitchedOn, lastValue, parseLeadingFlags, parseWords, type FlagSpec } from '../flag-words.ts';
import { isQuestion } from '../read-user-build.ts';
import { readBakeAnswer } from './read-definition.ts';
import { nameOf, toBuild } from './to-build.ts';
import { nothingFor, unread, type Client, type CommandReading } from './types.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** A command of a program that has others too. */
export interface SubCommand {
  /** The program and what stands before its command: enough to ask it something else. */
  readonly command: readonly string[];
  readonly words: readonly string[];
  readonly env: Env;
  /** Variables that say what the program's flags say. */
  readonly overrides: Env;
}

const BUILDER_FLAGS: readonly FlagSpec[] = BUILDX_FLAGS.filter(({ name }) => name === 'builder' || name === 'debug');

/** Flags of `buildx bake` 0.38.2; a test holds them against the real binary's help. */
export const BAKE_FLAGS: readonly FlagSpec[] = [
  ...['allow', 'policy', 'set', 'var'].map((name): FlagSpec => ({ name, arity: 'list', help: '' })),
  ...['call', 'list', 'metadata-file', 'progress', 'provenance', 'sbom'].map(
    (name): FlagSpec => ({ name, arity: 'value', help: '' }),
  ),
  ...['check', 'load', 'no-cache', 'print', 'pull', 'push'].map(
    (name): FlagSpec => ({ name, arity: 'switch', help: '' }),
  ),
  { name: 'file', short: 'f', arity: 'list', help: '' },
  { name: 'jobs', short: 'j', arity: 'value', help: '' },
  ...BUILDER_FLAGS,
];

/** `docker buildx [--builder NAME] build | bake …` */
export function readBuildx(call: SubCommand): CommandReading {
  const { flags, rest } = parseLeadingFlags(call.words, BUILDER_FLAGS);
  const [verb = '', ...words] = rest;
  const before = flags.flatMap((flag) => flag.words);
  if (verb === 'build' || verb === 'b') return readBuild({ ...call, words: [...before, ...words] });
  if (verb === 'bake' || verb === 'f') return readBake({ ...call, words: [...before, ...words] });
  return unread(`\`buildx ${verb}\` is not a command whose builds slipway can tell`);
}

/** The words behind `build`. */
export function readBuild(
  call: Pick<SubCommand, 'words' | 'env' | 'overrides'> & Pick<Client, 'isPlainDocker'>,
): CommandReading {
  const build = toBuild(call.words, call.env);
  if (isQuestion(parseWords(call.words, BUILDX_FLAGS))) return nothingFor('it only asks a question');
  if (build.context === '-') return nothingFor('its context comes from standard input');
  if (build.file === '-') return nothingFor('its Dockerfile comes from standard input');
  if (isRemoteContext(build.context)) return nothingFor('its context is remote');
  const { builder } = build;
  const client: Client = {
    engine: 'buildx',
    builder,
    env: call.overrides,
    ...(call.isPlainDocker === true ? { isPlainDocker: true } : {}),
  };
  return { kind: 'builds', client, builds: [{ name: nameOf(build), build }] };
}

/** bake itself says what it would build: its files have functions, variables, matrices and overrides. */
function readBake({ command, words, env, overrides }: SubCommand): CommandReading {
  const parsed = parseWords(words, BAKE_FLAGS);
  const asks = isQuestion(parsed) || isSwitchedOn(parsed, 'print') || lastValue(parsed, 'list') !== undefined;
  if (asks) return nothingFor('it only asks a question');
  const files = allValues(parsed, 'file');
  if (files.includes('-')) return nothingFor('its bake file comes from standard input');
  if ([...files, ...parsed.positionals.slice(0, 1)].some(isRemoteContext)) return nothingFor('its bake file is remote');
  return {
    kind: 'definition',
    client: { engine: 'buildx', builder: lastValue(parsed, 'builder') || undefined, env: overrides },
    question: [...command, 'bake', '--print', ...words],
    read: (answer) => readBakeAnswer(answer, env),
  };
}
