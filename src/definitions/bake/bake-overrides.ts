import type { Setting } from '../types.ts';
import type { PlacedValue } from './bake-file.ts';
import { bakeList, bakeSetting, type BakeVariables } from './bake-values.ts';

/** One `--set` that fits a target. */
export interface Override {
  readonly key: string;
  readonly isAppended: boolean;
  readonly setting: Setting;
}

/** `*.cache-to=type=gha`, `app.args.VERSION+=1` for the targets whose name fits. */
export function overrideFor(setting: Setting, target: string): Override | undefined {
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

export interface ListSetting {
  readonly value: Setting;
  readonly condition: string | undefined;
}

export interface ListContext {
  readonly key: string;
  readonly variables: BakeVariables;
}

/** The entries of a list attribute after what is set for it. */
export function listSettings(
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
