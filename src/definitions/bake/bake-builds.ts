import type { FileTree } from '../../core/file-tree.ts';
import { readCacheEntry } from '../cache-entry.ts';
import { commaParts } from '../commands/build-commands.ts';
import { type Argument, readFlags } from '../commands/flags.ts';
import type { ScriptSource } from '../commands/read-script.ts';
import type { ExpandedCommand } from '../commands/script-commands.ts';
import { type InvocationPlace, resolvePlace, toInvocation } from '../invocation.ts';
import type { BuildArgument, BuildInvocation, CacheEntry, Setting } from '../types.ts';
import type { Known } from '../values/certainty.ts';
import { treePath } from '../values/tree-path.ts';
import { rangeWithin } from '../yaml/scalar-text.ts';
import { BAKE_FILES, type PlacedValue, readBakeFile } from './bake-file.ts';
import { bakeList, bakeSetting, type BakeVariables } from './bake-values.ts';
import { type BakeModel, type BakeTarget, joinBakeFiles, resolveTargets } from './bake-model.ts';

/** What a call of bake adds to the files: `--set`, `--file`, environment. */
export interface BakeCall {
  readonly tree: FileTree;
  readonly place: InvocationPlace;
  /** Directory of the tree that bake runs in. */
  readonly directory: string;
  /** Files as written; bake's own names when empty. */
  readonly files: readonly string[];
  /** Names of targets and groups; `default` when empty. */
  readonly targets: readonly string[];
  /** `target.key=value` each. */
  readonly overrides: readonly Setting[];
  /** Value of a variable in the environment; only those that the files declare are asked for. */
  readonly environment: (name: string) => Known | undefined;
  readonly noCache?: Setting | undefined;
  readonly isPushed?: boolean;
  /** Put before each label: `job build, step 3, `. */
  readonly labelPrefix?: string;
}

export function bakeBuilds(call: BakeCall): readonly BuildInvocation[] {
  const model = joinBakeFiles(bakeFilesOf(call).map((path) => readBakeFile(call.tree, path)));
  return resolveTargets(model, call.targets, call.environment).map((target) => toBuild(target, call));
}

/** The bake files of a call that are there. */
function bakeFilesOf({ tree, directory, files }: BakeCall): readonly string[] {
  const names = files.length > 0 ? files : BAKE_FILES;
  return names.flatMap((name) => {
    const path = treePath(directory, name);
    return path !== undefined && tree.hasFile(path) && /\.(?:hcl|json)$/.test(path) ? [path] : [];
  });
}

/** Builds of the bake files of a directory, as nobody in particular calls them: every target that isn't only inherited from. */
export function looseBakeBuilds(
  tree: FileTree,
  directory: string,
  files: readonly string[],
  place: InvocationPlace,
): readonly BuildInvocation[] {
  const model = joinBakeFiles(files.map((path) => readBakeFile(tree, path)));
  const call = {
    tree,
    place,
    directory,
    files,
    targets: leafTargets(model),
    overrides: [],
    environment: () => undefined,
  };
  return resolveTargets(model, call.targets, call.environment).map((target) => toBuild(target, call));
}

function leafTargets(model: BakeModel): readonly string[] {
  const inherited = new Set<string>();
  const grouped = new Set<string>();
  for (const target of model.targets.values()) {
    for (const { placed } of bakeList(target.attributes.get('inherits')).items) {
      inherited.add(bakeSetting(placed, new Map())?.text ?? '');
    }
  }
  for (const group of model.groups.values()) {
    for (const { placed } of bakeList(group.attributes.get('targets')).items) {
      grouped.add(bakeSetting(placed, new Map())?.text ?? '');
    }
  }
  return [...model.targets.keys()].filter((name) => grouped.has(name) || !inherited.has(name));
}

function toBuild(target: BakeTarget, call: BakeCall): BuildInvocation {
  const { variables, attributes, name } = target;
  const overrides = call.overrides.flatMap((setting) => overrideFor(setting, name) ?? []);
  const setting = (key: string): Setting | undefined => {
    const own = attributes.get(key);
    return (
      overrides.findLast((each) => each.key === key)?.setting ??
      (own === undefined ? undefined : bakeSetting(own, variables))
    );
  };
  const lists = (key: string, overrideKey = key): readonly ListSetting[] =>
    listSettings(attributes.get(key), overrides, { key: overrideKey, variables });
  const caches = (key: string): readonly CacheEntry[] =>
    lists(key).map(({ value, condition }) => readCacheEntry(value, condition));
  const platforms = lists('platforms', 'platform').flatMap(({ value }) => commaParts(value));
  const inline = attributes.has('dockerfile-inline');
  const place = resolvePlace({
    context: setting('context'),
    dockerfile: setting('dockerfile'),
    workingDirectory: call.directory,
    isDockerfileInContext: true,
  });
  const noCache = call.noCache ?? setting('no-cache');
  return toInvocation(
    { ...call.place, file: target.file, kind: 'bake', matrixRow: new Map([...call.place.matrixRow, ...target.row]) },
    {
      tool: 'bake',
      range: target.range,
      label: `${call.labelPrefix ?? ''}target \`${name}\``,
      context: place.context,
      dockerfile: inline ? undefined : place.dockerfile,
      target: setting('target'),
      platforms: platforms.length === 0 ? undefined : platforms,
      buildArgs: bakeArguments(attributes.get('args'), overrides, variables),
      cacheFrom: caches('cache-from'),
      cacheTo: caches('cache-to'),
      noCache: noCache === undefined || noCache.text === 'false' ? undefined : noCache,
      contextNames: objectEntries(attributes.get('contexts')).map((each) => each.name),
      isPushed:
        call.isPushed === true || lists('output').some(({ value }) => /type=registry|push=true/.test(value.text)),
      isOpen:
        target.isOpen || ['cache-to', 'cache-from', 'platforms'].some((key) => bakeList(attributes.get(key)).isOpen),
    },
  );
}

interface Override {
  readonly key: string;
  readonly isAppended: boolean;
  readonly setting: Setting;
}

/** `*.cache-to=type=gha`, `app.args.VERSION+=1` for the targets whose name fits. */
function overrideFor(setting: Setting, target: string): Override | undefined {
  const match = /^([^.=]+)\.([^=+]+)(\+?)=([^]*)$/.exec(setting.text);
  if (match === null) return undefined;
  const [, pattern = '', key = '', plus = '', value = ''] = match;
  const regexp = new RegExp(`^${pattern.replace(/[^\w*-]/g, '.').replaceAll('*', '.*')}$`);
  if (!regexp.test(target)) return undefined;
  const start = setting.isExact ? setting.range.end - value.length : setting.range.start;
  const certainty = /\$/.test(value) ? setting.certainty : 'known';
  const own = { ...setting, text: value, certainty, range: { start, end: setting.range.end } };
  return { key, isAppended: plus === '+', setting: own };
}

interface ListSetting {
  readonly value: Setting;
  readonly condition: string | undefined;
}

interface ListContext {
  readonly key: string;
  readonly variables: BakeVariables;
}

function listSettings(
  own: PlacedValue | undefined,
  overrides: readonly Override[],
  { key, variables }: ListContext,
): readonly ListSetting[] {
  const set = overrides.filter((each) => each.key === key || each.key === `${key}s`);
  const added = set.flatMap(({ setting }) =>
    setting.text.trim() === '' ? [] : [{ value: setting, condition: undefined }],
  );
  if (set.some(({ isAppended }) => !isAppended)) return added;
  const written = bakeList(own).items.flatMap(({ placed, condition }) => {
    const value = cacheObject(placed, variables) ?? bakeSetting(placed, variables);
    return value === undefined || value.text === '' ? [] : [{ value, condition }];
  });
  return [...written, ...added];
}

/** `cache-to = [{ type = "gha", mode = "max" }]` says the same as the CSV form. */
function cacheObject(placed: PlacedValue, variables: BakeVariables): Setting | undefined {
  if (placed.value.kind !== 'object') return undefined;
  const parts = placed.value.entries.map((each) => ({
    name: each.name,
    value: bakeSetting({ ...placed, value: each.value }, variables),
  }));
  const text = parts.map(({ name, value }) => `${name}=${value?.text ?? ''}`).join(',');
  const certainty = parts.every(({ value }) => value?.certainty === 'known') ? 'known' : 'unknown';
  return { text, certainty, file: placed.file, range: placed.value.range, isExact: false };
}

function objectEntries(placed: PlacedValue | undefined): readonly (PlacedValue & { readonly name: string })[] {
  if (placed?.value.kind !== 'object') return [];
  return placed.value.entries.map(({ name, value, range }) => ({ file: placed.file, name, value, range }));
}

function bakeArguments(
  own: PlacedValue | undefined,
  overrides: readonly Override[],
  variables: BakeVariables,
): readonly BuildArgument[] {
  const args = new Map<string, BuildArgument>();
  for (const entry of objectEntries(own)) {
    const value = bakeSetting(entry, variables);
    // A variable's default is only a default: the environment may hold another value.
    const isVariable =
      entry.value.kind !== 'literal' &&
      !(entry.value.kind === 'template' && entry.value.parts.every((part) => typeof part === 'string'));
    const certainty = isVariable && value?.certainty === 'known' ? 'unknown' : value?.certainty;
    args.set(entry.name, {
      name: entry.name,
      value: value === undefined || certainty === undefined ? undefined : { ...value, certainty },
      range: entry.range,
    });
  }
  for (const { key, setting } of overrides) {
    if (key.startsWith('args.')) args.set(key.slice(5), { name: key.slice(5), value: setting, range: setting.range });
  }
  return [...args.values()];
}

/** The builds of a `docker buildx bake` command. */
export function bakeFromCommand(
  command: ExpandedCommand,
  words: readonly Argument[],
  source: ScriptSource,
): readonly BuildInvocation[] {
  const { directory } = command;
  if (directory === undefined) return [];
  const { flags, positionals } = readFlags(words);
  const texts = (name: string): readonly string[] =>
    flags.flatMap((flag) => (flag.name === name ? [flag.value?.text ?? ''] : []));
  const toSetting = (argument: Argument): Setting => {
    const range = rangeWithin(source.placed, argument.start, argument.end);
    return {
      text: argument.text,
      certainty: argument.certainty,
      file: source.place.file,
      range,
      isExact: argument.isExact,
    };
  };
  const noCache = flags.findLast((flag) => flag.name === '--no-cache' && flag.value?.text !== 'false');
  return bakeBuilds({
    tree: source.tree,
    place: source.place,
    directory,
    files: texts('--file'),
    targets: positionals.map(({ text }) => text),
    overrides: flags.flatMap((flag) =>
      flag.name === '--set' && flag.value !== undefined ? [toSetting(flag.value)] : [],
    ),
    environment: (name) => source.variables.get(name),
    noCache:
      noCache === undefined
        ? undefined
        : { ...toSetting({ text: 'true', certainty: 'known', isExact: true, ...noCache.range }) },
    isPushed: flags.some(({ name }) => name === '--push'),
    labelPrefix: `${source.label}, `,
  });
}
