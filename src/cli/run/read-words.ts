import { SlipwayError } from '../../core/errors.ts';
import { lastValue, type FoundFlag, type ParsedWords } from '../flag-words.ts';
import { readUserBuild } from '../read-user-build.ts';
import { readCommand } from './read-command.ts';
import { nameOf } from './to-build.ts';
import type { Client, CommandReading } from './types.ts';

type Env = Readonly<Record<string, string | undefined>>;

export interface RunWords {
  readonly command: readonly string[];
  readonly reading: CommandReading;
}

/** Flags that say which build is meant; the others of the same kind say how it is shown, and by whom it is built. */
const NAMING_FLAGS = new Set(['file', 'target', 'build-arg', 'build-context', 'platform']);

/** Splits a command line of `slipway run` at `--`, and reads what the command builds, or what is named in its place. */
export function readRunWords(parsed: ParsedWords, ownFlags: ReadonlySet<string>, env: Env): RunWords {
  const { command, named } = splitWords(parsed);
  const isNamed = named.positionals.length > 0 || named.flags.some(isNaming);
  const reading = readCommand(command, env);
  const builder = lastValue(named, 'builder') || undefined;
  if (!isNamed) return { command, reading: withBuilder(reading, builder) };
  const build = readUserBuild({ parsed: named, ownFlags, env, defaultContext: '.' });
  if (build.file === '-' || build.context === '-') {
    throw new SlipwayError('USAGE', 'standard input belongs to the command, so `-` names no Dockerfile or context', {
      hint: 'Name a file by `--file` and a directory as PATH.',
    });
  }
  const client = reading.kind === 'none' ? guessClient(env) : reading.client;
  return {
    command,
    reading: withBuilder({ kind: 'builds', client, builds: [{ name: nameOf(build), build }] }, builder),
  };
}

/** The same with `--host`, where no build is meant. */
export function readHostWords(parsed: ParsedWords): readonly string[] {
  const { command, named } = splitWords(parsed);
  const [flag] = named.flags.filter((found) => isNaming(found) || found.spec.name === 'builder');
  const [wrong] = [...named.positionals, ...(flag === undefined ? [] : [`--${flag.spec.name}`])];
  if (wrong === undefined) return command;
  throw new SlipwayError(
    'USAGE',
    `\`${wrong}\` names an image build, and \`--host\` is for go commands on this machine`,
    {
      hint: 'Leave one of them out: `slipway run --host -- go test ./...`, or `slipway run PATH -- make image`.',
    },
  );
}

function splitWords(parsed: ParsedWords): { command: readonly string[]; named: ParsedWords } {
  const { positionals, dashAt } = parsed;
  const command = dashAt === undefined ? [] : positionals.slice(dashAt);
  if (command.length === 0) {
    throw new SlipwayError('USAGE', 'the command to run is missing', {
      hint: 'Write it behind `--`, for example `slipway run -- docker buildx build -t app .`',
    });
  }
  return { command, named: { flags: parsed.flags, positionals: positionals.slice(0, dashAt) } };
}

function isNaming({ spec }: FoundFlag): boolean {
  return NAMING_FLAGS.has(spec.name);
}

/** `--builder` of slipway's own says where a script builds; where the command's words say it, they count. */
function withBuilder(reading: CommandReading, builder: string | undefined): CommandReading {
  if (reading.kind === 'none' || builder === undefined || reading.client.builder !== undefined) return reading;
  return { ...reading, client: { ...reading.client, engine: 'buildx', builder } };
}

/** A script builds with whatever the environment names. */
function guessClient(env: Env): Client {
  const isBuildctl = (env['BUILDX_BUILDER'] ?? '') === '' && (env['BUILDKIT_HOST'] ?? '') !== '';
  return { engine: isBuildctl ? 'buildctl' : 'buildx', builder: undefined, env: {} };
}
