import type { FileTree } from '../../core/file-tree.ts';
import { readCacheEntry } from '../cache-entry.ts';
import { commaParts } from '../commands/command-settings.ts';
import { type InvocationPlace, resolvePlace, toInvocation } from '../invocation.ts';
import type { BuildInvocation, CacheEntry, Setting } from '../types.ts';
import type { Known } from '../values/certainty.ts';
import { treePath } from '../values/tree-path.ts';
import { bakeArguments, objectEntries } from './bake-arguments.ts';
import { BAKE_FILES, readBakeFile } from './bake-file.ts';
import { type BakeModel, type BakeTarget, joinBakeFiles, resolveTargets } from './bake-model.ts';
import { type ListSetting, listSettings, overrideFor } from './bake-overrides.ts';
import { bakeList, bakeSetting } from './bake-values.ts';

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
