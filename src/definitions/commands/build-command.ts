import { readCacheEntry } from '../cache-entry.ts';
import { resolvePlace, toInvocation } from '../invocation.ts';
import type { BuildArgument, BuildInvocation, Setting } from '../types.ts';
import { rangeWithin } from '../yaml/scalar-text.ts';
import { readBuildctl } from './buildctl.ts';
import type { CommandRole } from './command-role.ts';
import { argumentSetting, type CommandSource, commaParts } from './command-settings.ts';
import { type Argument, type Flag, readFlags } from './flags.ts';
import type { ExpandedCommand } from './script-commands.ts';

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
