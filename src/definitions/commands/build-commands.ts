import { type InvocationPlace, resolvePlace, toInvocation } from '../invocation.ts';
import { readCacheEntry } from '../cache-entry.ts';
import type { BuildArgument, BuildInvocation, BuildTool, Setting } from '../types.ts';
import { type PlacedText, rangeWithin } from '../yaml/scalar-text.ts';
import { type Argument, type Flag, readFlags } from './flags.ts';
import type { ExpandedCommand } from './script-commands.ts';

/** What a command does for builds. */
export type CommandRole =
  | { readonly kind: 'build'; readonly tool: BuildTool; readonly rest: readonly Argument[]; readonly brings: Brings }
  | { readonly kind: 'bake' | 'compose'; readonly rest: readonly Argument[] }
  | { readonly kind: 'make' | 'script'; readonly rest: readonly Argument[] }
  | { readonly kind: 'prune'; readonly rest: readonly Argument[] }
  | undefined;

/** What the program itself settles: `slipway build` brings mounts back, `depot build` keeps them. */
export interface Brings {
  readonly restoresMounts?: boolean;
  readonly isPersistent?: boolean;
}

const DOCKER_GLOBALS = new Set(['--context', '-c', '--host', '-H', '--config', '-l', '--log-level', '--builder']);
const COMPOSE_BUILDING = new Set(['build', 'up', 'run', 'create']);

/** Tells builds, bakes, prunes and calls of other scripts from the rest. */
export function commandRole({ program, args }: ExpandedCommand): CommandRole {
  const rest = args.slice(1);
  switch (program) {
    case 'docker':
    case 'nerdctl':
      return dockerRole(rest);
    case 'docker-buildx':
      return buildxRole(rest);
    case 'docker-compose':
      return { kind: 'compose', rest };
    case 'buildctl':
      return rest[0]?.text === 'build'
        ? { kind: 'build', tool: 'buildctl', rest: rest.slice(1), brings: {} }
        : undefined;
    case 'slipway':
      return toolRole(rest, { restoresMounts: true });
    case 'depot':
      return toolRole(rest, { isPersistent: true });
    case 'make':
    case 'gmake':
      return { kind: 'make', rest };
    case 'sh':
    case 'bash':
    case 'source':
    case '.':
      return { kind: 'script', rest };
    default:
      if (args[0]?.text === '$(MAKE)' || args[0]?.text === '${MAKE}') return { kind: 'make', rest };
      return args[0]?.text.includes('/') === true ? { kind: 'script', rest: args } : undefined;
  }
}

function toolRole(rest: readonly Argument[], brings: Brings): CommandRole {
  return rest[0]?.text === 'build' ? { kind: 'build', tool: 'buildx', rest: rest.slice(1), brings } : undefined;
}

function dockerRole(words: readonly Argument[]): CommandRole {
  let rest = words;
  while (rest[0]?.text.startsWith('-')) rest = rest.slice(DOCKER_GLOBALS.has(rest[0].text) ? 2 : 1);
  const [first, second] = rest.map(({ text }) => text);
  if (first === 'build') return { kind: 'build', tool: 'docker', rest: rest.slice(1), brings: {} };
  if ((first === 'image' || first === 'builder') && second === 'build')
    return { kind: 'build', tool: 'docker', rest: rest.slice(2), brings: {} };
  if ((first === 'builder' || first === 'system') && second === 'prune') return { kind: 'prune', rest: rest.slice(2) };
  if (first === 'buildx') return buildxRole(rest.slice(1));
  return first === 'compose' ? { kind: 'compose', rest: rest.slice(1) } : undefined;
}

function buildxRole(words: readonly Argument[]): CommandRole {
  let rest = words;
  while (rest[0]?.text.startsWith('-')) rest = rest.slice(DOCKER_GLOBALS.has(rest[0].text) ? 2 : 1);
  const name = rest[0]?.text;
  if (name === 'build' || name === 'b') return { kind: 'build', tool: 'buildx', rest: rest.slice(1), brings: {} };
  if (name === 'bake' || name === 'f') return { kind: 'bake', rest: rest.slice(1) };
  return name === 'prune' ? { kind: 'prune', rest: rest.slice(1) } : undefined;
}

export function isComposeBuild(words: readonly string[]): boolean {
  return words.some((word) => COMPOSE_BUILDING.has(word));
}

export interface CommandSource {
  readonly place: InvocationPlace;
  /** The script the command stands in. */
  readonly placed: PlacedText;
  readonly label: string;
}

/** The build that a `docker build`, `docker buildx build` or `buildctl build` command states. */
export function readBuildCommand(
  command: ExpandedCommand,
  role: Extract<CommandRole, { kind: 'build' }>,
  source: CommandSource,
): BuildInvocation {
  const { place, placed, label } = source;
  const { flags, positionals, isOpen } = role.tool === 'buildctl' ? readBuildctl(role.rest) : readFlags(role.rest);
  const setting = (argument: Argument): Setting => argumentSetting(argument, source);
  const values = (name: string): readonly Argument[] =>
    flags.flatMap((flag) => (flag.name === name && flag.value !== undefined ? [flag.value] : []));
  const last = (name: string): Setting | undefined => {
    const value = values(name).at(-1);
    return value === undefined ? undefined : setting(value);
  };
  const context = positionals.at(-1);
  const platforms = values('--platform').flatMap((value) => commaParts(setting(value)));
  const where = resolvePlace({
    context: context === undefined ? undefined : setting(context),
    dockerfile: last('--file'),
    workingDirectory: command.directory,
    isDockerfileInContext: role.tool === 'buildctl',
  });
  const outputs = values('--output').some(({ text }) => text.includes('push=true'));
  return toInvocation(
    {
      ...place,
      restoresMounts: place.restoresMounts || role.brings.restoresMounts === true,
      builder: role.brings.isPersistent === true ? 'persistent' : place.builder,
    },
    {
      tool: role.tool,
      range: rangeWithin(placed, command.start, command.end),
      label,
      ...where,
      target: last('--target'),
      platforms: platforms.length === 0 ? undefined : platforms,
      buildArgs: flags.flatMap((flag) => buildArgument(flag, setting, source) ?? []),
      cacheFrom: values('--cache-from').map((value) => readCacheEntry(setting(value))),
      cacheTo: values('--cache-to').map((value) => readCacheEntry(setting(value))),
      noCache: noCacheFlag(flags, source),
      contextNames: values('--build-context').map(({ text }) => text.split('=', 1)[0] ?? ''),
      isPushed: outputs || flags.some(({ name, value }) => name === '--push' && value?.text !== 'false'),
      isOpen,
    },
  );
}

export function argumentSetting(argument: Argument, { place, placed }: CommandSource): Setting {
  const { text, certainty, isExact } = argument;
  const range = rangeWithin(placed, argument.start, argument.end);
  return { text, certainty, file: place.file, range, isExact: isExact && placed.isExact };
}

/** The parts of a comma list, each with the range of its own where the list stands in the file as it is. */
export function commaParts(setting: Setting): readonly Setting[] {
  let at = setting.range.start;
  return setting.text.split(',').flatMap((part) => {
    const start = at + (part.length - part.trimStart().length);
    at += part.length + 1;
    const text = part.trim();
    const certainty = /\$|`/.test(text) ? setting.certainty : 'known';
    const range = setting.isExact ? { start, end: start + text.length } : setting.range;
    return text === '' ? [] : [{ ...setting, text, certainty, range }];
  });
}

function buildArgument(
  flag: Flag,
  setting: (argument: Argument) => Setting,
  { placed }: CommandSource,
): BuildArgument | undefined {
  if (flag.name !== '--build-arg' || flag.value === undefined) return undefined;
  const { value } = flag;
  const equals = value.text.indexOf('=');
  const range = rangeWithin(placed, flag.range.start, flag.range.end);
  if (equals < 0) return { name: value.text, value: undefined, range };
  const text = value.text.slice(equals + 1);
  const start = value.isExact ? value.start + equals + 1 : value.start;
  const certainty = /\$|`/.test(text) ? value.certainty : 'known';
  return { name: value.text.slice(0, equals), value: setting({ ...value, text, certainty, start }), range };
}

function noCacheFlag(flags: readonly Flag[], { place, placed }: CommandSource): Setting | undefined {
  const flag = flags.findLast(({ name }) => name === '--no-cache');
  if (flag === undefined || flag.value?.text === 'false') return undefined;
  const range = rangeWithin(placed, flag.range.start, flag.range.end);
  const certainty = flag.value?.certainty ?? 'known';
  return { text: flag.value?.text ?? 'true', certainty, file: place.file, range, isExact: true };
}

/** `buildctl build` says the same with `--local`, `--opt`, `--import-cache` and `--export-cache`. */
function readBuildctl(words: readonly Argument[]): ReturnType<typeof readFlags> {
  const read = readFlags(words);
  const flags: Flag[] = [];
  const positionals: Argument[] = [];
  for (const flag of read.flags) {
    const [key = '', ...rest] = (flag.value?.text ?? '').split('=');
    const value = flag.value === undefined ? undefined : { ...flag.value, text: rest.join('='), isExact: false };
    if (flag.name === '--local' && key === 'context' && value !== undefined) positionals.push(value);
    else if (flag.name === '--opt' && key === 'filename') flags.push({ ...flag, name: '--file', value });
    else if (flag.name === '--opt' && (key === 'target' || key === 'platform'))
      flags.push({ ...flag, name: `--${key}`, value });
    else if (flag.name === '--opt' && key.startsWith('build-arg:') && value !== undefined)
      flags.push({ ...flag, name: '--build-arg', value: { ...value, text: `${key.slice(10)}=${value.text}` } });
    else if (flag.name === '--import-cache') flags.push({ ...flag, name: '--cache-from' });
    else if (flag.name === '--export-cache') flags.push({ ...flag, name: '--cache-to' });
    else flags.push(flag);
  }
  return { flags, positionals, isOpen: read.isOpen };
}
