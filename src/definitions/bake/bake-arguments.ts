import type { BuildArgument } from '../types.ts';
import type { PlacedValue } from './bake-file.ts';
import type { Override } from './bake-overrides.ts';
import { bakeSetting, type BakeVariables } from './bake-values.ts';

/** `args`, and what is set for them. */
export function bakeArguments(
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

export function objectEntries(placed: PlacedValue | undefined): readonly (PlacedValue & { readonly name: string })[] {
  if (placed?.value.kind !== 'object') return [];
  return placed.value.entries.map(({ name, value, range }) => ({ file: placed.file, name, value, range }));
}
