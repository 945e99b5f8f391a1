import { readCacheEntry } from '../cache-entry.ts';
import { commaParts } from '../commands/command-settings.ts';
import { expandShell } from '../commands/shell-values.ts';
import { type InvocationPlace, resolvePlace, toInvocation } from '../invocation.ts';
import type { BuildArgument, BuildInvocation, Setting } from '../types.ts';
import type { Known } from '../values/certainty.ts';
import { toSetting } from '../values/placed-value.ts';
import { directoryOf } from '../../core/file-tree.ts';
import type { PlacedText } from '../yaml/scalar-text.ts';
import {
  entries,
  entry,
  field,
  isMapping,
  scalar,
  scalars,
  type YamlEntry,
  type YamlFile,
  type YamlValue,
} from '../yaml/read-yaml.ts';

export function isComposePath(path: string): boolean {
  return /(?:^|\/)(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml$/.test(path);
}

/** The services of a Compose file that are built. */
export function composeBuilds(
  file: YamlFile,
  place: InvocationPlace,
  options: ComposeOptions = {},
): readonly BuildInvocation[] {
  const { services = [], directory = directoryOf(file.path) } = options;
  const reader = { file, place: { ...place, file: file.path, kind: 'compose' as const }, options, directory };
  return entries(field(file.documents[0], 'services'))
    .filter(({ key }) => services.length === 0 || services.includes(key))
    .flatMap((service) => readService(service, reader) ?? []);
}

export interface ComposeOptions {
  /** All when empty. */
  readonly services?: readonly string[];
  readonly directory?: string;
  readonly variables?: ReadonlyMap<string, Known>;
  readonly noCache?: Setting | undefined;
  readonly labelPrefix?: string;
}

interface Reader {
  readonly file: YamlFile;
  readonly place: InvocationPlace;
  readonly options: ComposeOptions;
  readonly directory: string;
}

function readService({ key, range, value }: YamlEntry, reader: Reader): BuildInvocation | undefined {
  const build = field(value, 'build');
  if (build === undefined) return undefined;
  const at = (name: string): Setting | undefined => toValue(scalar(field(build, name)), reader);
  const list = (name: string): readonly Setting[] =>
    scalars(field(build, name)).flatMap((each) => toValue(each, reader) ?? []);
  const platforms = list('platforms').flatMap(commaParts);
  const single = toValue(scalar(field(value, 'platform')), reader);
  const where = resolvePlace({
    context: isMapping(build) ? at('context') : toValue(scalar(build), reader),
    dockerfile: at('dockerfile'),
    workingDirectory: reader.directory,
    isDockerfileInContext: true,
  });
  const noCache = reader.options.noCache ?? at('no_cache');
  return toInvocation(reader.place, {
    tool: 'compose',
    range: entry(value, 'build')?.range ?? range,
    label: `${reader.options.labelPrefix ?? ''}service \`${key}\``,
    context: where.context,
    dockerfile: field(build, 'dockerfile_inline') === undefined ? where.dockerfile : undefined,
    target: at('target'),
    platforms: platforms.length > 0 ? platforms : single === undefined ? undefined : [single],
    buildArgs: readArguments(field(build, 'args'), reader),
    cacheFrom: list('cache_from').map((each) => readCacheEntry(each)),
    cacheTo: list('cache_to').map((each) => readCacheEntry(each)),
    noCache: noCache === undefined || noCache.text === 'false' ? undefined : noCache,
    contextNames: mapKeys(field(build, 'additional_contexts')),
    isOpen: field(value, 'extends') !== undefined,
  });
}

/** `args` is a mapping or a list of `NAME=value`. */
function readArguments(value: YamlValue | undefined, reader: Reader): readonly BuildArgument[] {
  if (isMapping(value)) {
    return entries(value).map((each) => ({
      name: each.key,
      value: toValue(scalar(each.value), reader),
      range: each.range,
    }));
  }
  return scalars(value).map((placed) => {
    const equals = placed.text.indexOf('=');
    const name = equals < 0 ? placed.text : placed.text.slice(0, equals);
    const inner = equals < 0 ? undefined : toValue(placed, reader, equals + 1);
    return { name, value: inner, range: placed.range };
  });
}

function mapKeys(value: YamlValue | undefined): readonly string[] {
  return isMapping(value)
    ? entries(value).map(({ key }) => key)
    : scalars(value).map(({ text }) => text.split('=', 1)[0] ?? '');
}

function toValue(placed: PlacedText | undefined, { file, options }: Reader, start = 0): Setting | undefined {
  if (placed === undefined) return undefined;
  const scope = {
    variables: options.variables ?? new Map(),
    template: (text: string) => ({ text, certainty: 'unknown' as const }),
    isMakefile: false,
  };
  const known = expandShell(placed.text.slice(start), scope);
  return toSetting(file.path, placed, { start, end: placed.text.length }, known);
}
