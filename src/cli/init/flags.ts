import { SlipwayError } from '../../core/errors.ts';
import { AUTH_KINDS, BASES, CI_KINDS, type InitWishes, STRATEGIES } from '../../generate/types.ts';
import { parsePlatform } from '../../dockerfile/platform.ts';
import { allValues, isSwitchedOn, lastValue, type FlagSpec, type ParsedWords } from '../flag-words.ts';

const value = (name: string, placeholder: string, help: string): FlagSpec => ({
  name,
  arity: 'value',
  placeholder,
  help,
});

export const PROGRAM_FLAGS: readonly FlagSpec[] = [
  value('main', 'PACKAGE', 'The program, as `./cmd/api` or its import path, where there are several'),
  { name: 'cgo', arity: 'switch', help: 'Build with cgo; `--cgo=false` without (default: as the imports need)' },
  {
    name: 'port',
    arity: 'list',
    placeholder: 'PORT',
    help: 'Port to EXPOSE; may be repeated (default: what the program listens on)',
  },
  value(
    'version-variable',
    'NAME',
    'String variable that VERSION sets, as `main.version` (default: found by its name)',
  ),
];

export const IMAGE_FLAGS: readonly FlagSpec[] = [
  value('strategy', STRATEGIES.join('|'), 'Cache mounts, or a layer with the modules (default: mounts)'),
  value('base', BASES.join('|'), 'The final image (default: scratch, and debian for cgo)'),
  value('go-image', 'IMAGE', "The builder image (default: golang at go.mod's Go line)"),
  {
    name: 'platform',
    arity: 'list',
    placeholder: 'PLATFORMS',
    help: 'Platforms for bake file and workflow, as `linux/amd64,linux/arm64`',
  },
  value('image', 'NAME', "The image's name (default: the program's)"),
];

export const PRIVATE_FLAGS: readonly FlagSpec[] = [
  value('private', 'PATTERNS', 'Private modules, as in GOPRIVATE (default: where GOPRIVATE names a required module)'),
  value('auth', AUTH_KINDS.join('|'), 'How the build reaches them: a .netrc file, or an ssh agent'),
  value('goproxy', 'URL', 'Module proxy of the build'),
];

export const OUTPUT_FLAGS: readonly FlagSpec[] = [
  value('ci', CI_KINDS.join('|'), 'Write a workflow too'),
  { name: 'bake', arity: 'switch', help: 'Write docker-bake.hcl too' },
  { name: 'force', arity: 'switch', help: 'Overwrite files that differ' },
];

/** What the flags say. Throws USAGE for a value that can't be. */
export function readWishes(parsed: ParsedWords, slipwayVersion: string): InitWishes {
  const ports = allValues(parsed, 'port').flatMap((words) => words.split(','));
  const platforms = allValues(parsed, 'platform').flatMap((words) => words.split(','));
  return {
    main: lastValue(parsed, 'main'),
    strategy: readChoice(parsed, 'strategy', STRATEGIES),
    base: readChoice(parsed, 'base', BASES),
    ports: ports.length === 0 ? undefined : ports.map(readPort),
    platforms: platforms.length === 0 ? undefined : platforms.map(readPlatform),
    goImage: readWord(parsed, 'go-image'),
    image: readWord(parsed, 'image'),
    isCgo: lastValue(parsed, 'cgo') === undefined ? undefined : isSwitchedOn(parsed, 'cgo'),
    privatePatterns: readWord(parsed, 'private'),
    auth: readChoice(parsed, 'auth', AUTH_KINDS),
    goProxy: readProxy(parsed),
    versionVariable: readVariable(parsed),
    ci: readChoice(parsed, 'ci', CI_KINDS),
    withBake: isSwitchedOn(parsed, 'bake'),
    slipwayVersion,
  };
}

/** The same wishes with the answer to one question. */
export function addAnswer(wishes: InitWishes, flag: string, answer: string): InitWishes {
  switch (flag) {
    case '--main':
      return { ...wishes, main: answer };
    case '--cgo':
      return { ...wishes, isCgo: answer === 'true' };
    case '--auth':
      return { ...wishes, auth: AUTH_KINDS.find((kind) => kind === answer) };
    case '--port':
      return { ...wishes, ports: answer.split(',').map(readPort) };
    default:
      throw new Error(`no wish for \`${flag}\``);
  }
}

function readChoice<T extends string>(parsed: ParsedWords, name: string, choices: readonly T[]): T | undefined {
  const written = lastValue(parsed, name);
  const found = choices.find((choice) => choice === written);
  if (written === undefined || found !== undefined) return found;
  throw usage(
    `\`--${name} ${written}\` is none of its values`,
    `Write ${choices.map((one) => `\`${one}\``).join(' or ')}.`,
  );
}

/** One word, as everything that goes into an instruction of a Dockerfile without quotes. */
function readWord(parsed: ParsedWords, name: string): string | undefined {
  const written = lastValue(parsed, name);
  if (written === undefined || /^[^\s"'`$\\]+$/.test(written)) return written;
  throw usage(
    `\`--${name}\` needs one word without quotes, \`$\` or backslashes, and has \`${written}\``,
    'Write it plainly.',
  );
}

/** It becomes part of the image's history, so credentials can't be in it. */
function readProxy(parsed: ParsedWords): string | undefined {
  const written = readWord(parsed, 'goproxy');
  if (written === undefined || !/:\/\/[^/]*@/.test(written)) return written;
  throw usage(
    '`--goproxy` holds credentials, which would stay in the Dockerfile and the image',
    'Put them into .netrc.',
  );
}

function readVariable(parsed: ParsedWords): string | undefined {
  const written = readWord(parsed, 'version-variable');
  if (written === undefined || /^[\w./~-]+\.[A-Za-z_]\w*$/.test(written)) return written;
  throw usage(
    `\`--version-variable ${written}\` names no variable`,
    'Write package and variable, such as `main.version`.',
  );
}

function readPort(written: string): number {
  const port = /^[0-9]{1,5}$/.test(written.trim()) ? Number(written) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw usage(`\`${written}\` is no port`, 'Write a number from 1 to 65535, such as `--port 8080`.');
}

function readPlatform(written: string): string {
  const platform = parsePlatform(written.trim());
  if (platform?.os === 'linux') return written.trim();
  throw usage(`\`${written}\` is no platform of Linux`, 'Write `--platform linux/amd64,linux/arm64`.');
}

function usage(message: string, hint: string): SlipwayError {
  return new SlipwayError('USAGE', message, { hint });
}
