import { readCacheEntry } from '../cache-entry.ts';
import { commaParts } from '../commands/command-settings.ts';
import { resolvePlace, toInvocation } from '../invocation.ts';
import type { BuildArgument, BuildInvocation, CacheEntry, Setting } from '../types.ts';
import { treePath } from '../values/tree-path.ts';
import { labelOf, type StepContext } from './step-context.ts';
import { inputList, inputValue, type ListItem, mayBeTrue } from './step-inputs.ts';

/**
 * The build of a docker/build-push-action step. Source: github.com/docker/build-push-action/blob/v6/action.yml
 */
export function actionBuild(context: StepContext): BuildInvocation {
  const { running, place, root } = context;
  const inputs = { file: place.file, running };
  const { text, certainty } = inputValue(inputs, 'context') ?? { text: '', certainty: 'known' as const };
  const platforms = inputList(inputs, 'platforms', /[,\n]/g).flatMap(platformSettings);
  const noCache = inputValue(inputs, 'no-cache');
  const caches = (name: string): readonly CacheEntry[] =>
    inputList(inputs, name).map(({ setting, condition }) => readCacheEntry(setting, condition));
  // The default context is the commit of the run as a git address: its root. A `file` is then a path in it.
  const subdirectory = /^\{\{\s*defaultContext\s*\}\}(?::(.*))?$/.exec(text)?.[1];
  const isDefault = text === '' || text.startsWith('{{');
  const contextSetting = inputValue(inputs, 'context');
  const where = resolvePlace({
    context: isDefault ? undefined : contextSetting,
    dockerfile: inputValue(inputs, 'file'),
    workingDirectory: isDefault && subdirectory !== undefined ? treePath(root, subdirectory) : root,
    isDockerfileInContext: isDefault,
  });
  return toInvocation(place, {
    tool: 'build-push-action',
    range: running.step.range,
    label: labelOf(context),
    context: certainty === 'known' ? where.context : undefined,
    dockerfile: where.dockerfile,
    target: inputValue(inputs, 'target'),
    platforms: platforms.length === 0 ? undefined : platforms,
    buildArgs: inputList(inputs, 'build-args').map(({ setting }) => buildArgument(setting)),
    cacheFrom: caches('cache-from'),
    cacheTo: caches('cache-to'),
    noCache: noCache === undefined || noCache.text === 'false' ? undefined : noCache,
    contextNames: inputList(inputs, 'build-contexts').map(({ setting }) => setting.text.split('=', 1)[0] ?? ''),
    isPushed:
      mayBeTrue(inputValue(inputs, 'push')) ||
      inputList(inputs, 'outputs').some(({ setting }) => /push=true|type=registry/.test(setting.text)),
    isOpen: running.step.hasUnreadInputs,
  });
}

/** Platforms that depend on the event are all there, none of them for sure. */
function platformSettings({ setting, condition }: ListItem): readonly Setting[] {
  const isChoice = condition !== undefined || setting.text.includes(',');
  return commaParts(setting).map((part) => (isChoice ? { ...part, certainty: 'unknown' } : part));
}

function buildArgument(setting: Setting): BuildArgument {
  const equals = setting.text.indexOf('=');
  if (equals < 0) return { name: setting.text, value: undefined, range: setting.range };
  const text = setting.text.slice(equals + 1);
  const certainty = text.includes('${{') || setting.certainty !== 'known' ? setting.certainty : 'known';
  const start = setting.isExact ? setting.range.start + equals + 1 : setting.range.start;
  const range = { start, end: setting.range.end };
  return { name: setting.text.slice(0, equals), value: { ...setting, text, certainty, range }, range: setting.range };
}
