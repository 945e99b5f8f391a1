import { SlipwayError } from '../core/errors.ts';
import { streamsResult } from '../buildkit/build-outputs.ts';
import type { UserBuild } from '../buildkit/types.ts';
import { allValues, isSwitchedOn, lastValue, type ParsedWords } from './flag-words.ts';

/** Flags that have a field of their own in `UserBuild`, or that slipway answers itself. All others pass through. */
const READ_FLAGS = new Set(
  [
    'build-arg build-context builder cache-from cache-to file iidfile label load metadata-file no-cache output platform',
    'progress pull push quiet secret ssh tag target',
  ].flatMap((line) => line.split(' ')),
);

export interface UserBuildInput {
  readonly parsed: ParsedWords;
  /** Names of slipway's own flags: they never reach buildx. */
  readonly ownFlags: ReadonlySet<string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Text of standard input when `-f -` was given. */
  readonly fileText?: string;
  /** What stands for PATH when none was written; without it PATH is required. */
  readonly defaultContext?: string;
}

/** Turns a parsed command line into the build it means. */
export function readUserBuild(input: UserBuildInput): UserBuild {
  const { parsed } = input;
  const passthrough = parsed.flags
    .filter((flag) => !READ_FLAGS.has(flag.spec.name) && !input.ownFlags.has(flag.spec.name))
    .flatMap((flag) => flag.words);
  return {
    context: readContext(parsed.positionals, input.defaultContext),
    file: lastValue(parsed, 'file') || undefined,
    ...(input.fileText === undefined ? {} : { fileText: input.fileText }),
    target: lastValue(parsed, 'target') || undefined,
    platforms: readPlatforms(parsed, input.env),
    tags: allValues(parsed, 'tag'),
    labels: allValues(parsed, 'label'),
    buildArgs: allValues(parsed, 'build-arg'),
    buildContexts: allValues(parsed, 'build-context'),
    secrets: allValues(parsed, 'secret'),
    ssh: allValues(parsed, 'ssh'),
    outputs: allValues(parsed, 'output'),
    push: isSwitchedOn(parsed, 'push'),
    load: isSwitchedOn(parsed, 'load'),
    pull: isSwitchedOn(parsed, 'pull'),
    quiet: isSwitchedOn(parsed, 'quiet'),
    noCache: isSwitchedOn(parsed, 'no-cache'),
    cacheFrom: allValues(parsed, 'cache-from'),
    cacheTo: allValues(parsed, 'cache-to'),
    metadataFile: lastValue(parsed, 'metadata-file') || undefined,
    iidFile: lastValue(parsed, 'iidfile') || undefined,
    builder: lastValue(parsed, 'builder') || undefined,
    passthrough,
  };
}

/** Does the build only ask a question (`--check`, `--call=outline`) instead of building? */
export function isQuestion(parsed: ParsedWords): boolean {
  const method = lastValue(parsed, 'call') ?? lastValue(parsed, 'print');
  return isSwitchedOn(parsed, 'check') || (method !== undefined && method !== '' && !/^build(,|$)/.test(method));
}

/** Does the build itself write to standard output? */
export function writesToStdout(build: UserBuild, parsed: ParsedWords): boolean {
  return build.quiet || isQuestion(parsed) || streamsResult(build.outputs, 'buildx');
}

function readContext(positionals: readonly string[], fallback: string | undefined): string {
  const [context, extra] = positionals;
  if (extra !== undefined) {
    throw new SlipwayError('USAGE', `one PATH is expected, but \`${extra}\` follows \`${context}\``, {
      hint: 'Flags that take a value are written `--flag VALUE` or `--flag=VALUE`; switches take none.',
    });
  }
  if (context !== undefined) return context;
  if (fallback !== undefined) return fallback;
  throw new SlipwayError('USAGE', 'the build context is missing', {
    hint: 'Write the directory to build last, for example `slipway build -t app .`',
  });
}

/** `--platform a,b` and repeated flags are one list; without any, DOCKER_DEFAULT_PLATFORM as buildx does (build.go#L551). */
function readPlatforms(parsed: ParsedWords, env: UserBuildInput['env']): readonly string[] {
  const written = parsed.flags.some((flag) => flag.spec.name === 'platform')
    ? allValues(parsed, 'platform')
    : [env['DOCKER_DEFAULT_PLATFORM'] ?? ''];
  return written
    .flatMap((value) => value.split(','))
    .map((value) => value.trim())
    .filter((value) => value !== '');
}
