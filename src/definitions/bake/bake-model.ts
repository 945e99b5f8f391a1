import type { Range } from '../../dockerfile/tree.ts';
import type { Known } from '../values/certainty.ts';
import type { BakeBlock, BakeFile, PlacedValue } from './bake-file.ts';
import { bakeList, bakeSetting, type BakeVariables } from './bake-values.ts';
import type { HclAttribute, HclValue } from './hcl-types.ts';

/** Bake files read together: a target that several of them name is one target. */
export interface BakeModel {
  readonly targets: ReadonlyMap<string, BakeBlock>;
  readonly groups: ReadonlyMap<string, BakeBlock>;
  /** Defaults. */
  readonly variables: BakeVariables;
  readonly declared: readonly string[];
}

/** A target with what it inherits, for one row of its matrix. */
export interface BakeTarget {
  readonly name: string;
  readonly file: string;
  readonly range: Range;
  readonly attributes: ReadonlyMap<string, PlacedValue>;
  readonly variables: BakeVariables;
  readonly row: ReadonlyMap<string, string>;
  /** It inherits from something that isn't there, or its matrix can't be read. */
  readonly isOpen: boolean;
}

export function joinBakeFiles(files: readonly BakeFile[]): BakeModel {
  const byType = { target: new Map<string, BakeBlock>(), group: new Map(), variable: new Map<string, BakeBlock>() };
  for (const block of files.flatMap(({ blocks }) => blocks)) {
    const known: BakeBlock | undefined = byType[block.type].get(block.name);
    byType[block.type].set(
      block.name,
      known === undefined ? block : { ...known, attributes: merge(known.attributes, block.attributes) },
    );
  }
  const variables = new Map<string, Known>();
  for (const [name, block] of byType.variable) {
    const value = block.attributes.get('default');
    const known = value === undefined ? undefined : bakeSetting(value, variables);
    if (known !== undefined) variables.set(name, { text: known.text, certainty: known.certainty });
  }
  return { targets: byType.target, groups: byType.group, variables, declared: [...byType.variable.keys()] };
}

/** Maps are merged key by key and `cache-from` grows; the others are replaced. Source: Target.Merge in github.com/docker/buildx/blob/v0.38.2/bake/bake.go */
function merge(
  base: ReadonlyMap<string, PlacedValue>,
  own: ReadonlyMap<string, PlacedValue>,
): ReadonlyMap<string, PlacedValue> {
  const merged = new Map(base);
  for (const [key, value] of own) {
    const old = merged.get(key);
    merged.set(key, old === undefined ? value : { ...value, value: joined(key, old.value, value.value) });
  }
  return merged;
}

function joined(key: string, old: HclValue, value: HclValue): HclValue {
  if (old.kind === 'object' && value.kind === 'object') {
    const names = new Set(value.entries.map(({ name }) => name));
    const kept: readonly HclAttribute[] = old.entries.filter(({ name }) => !names.has(name));
    return { ...value, entries: [...kept, ...value.entries] };
  }
  if (key === 'cache-from' && old.kind === 'list' && value.kind === 'list')
    return { ...value, items: [...old.items, ...value.items] };
  return value;
}

const MAX_TARGETS = 500;

/** The targets that names stand for, groups and matrices unfolded; `default` where no name is given. */
export function resolveTargets(
  model: BakeModel,
  names: readonly string[],
  environment: (name: string) => Known | undefined,
): readonly BakeTarget[] {
  const variables = new Map(model.variables);
  // Only what a variable block declares can be set from the environment.
  for (const name of model.declared) {
    const value = environment(name);
    if (value !== undefined) variables.set(name, value);
  }
  const found = new Map<string, BakeTarget>();
  const seen = new Set<string>();
  const visit = (name: string): void => {
    if (seen.has(name) || found.size > MAX_TARGETS) return;
    seen.add(name);
    const group = model.groups.get(name);
    for (const { placed } of bakeList(group?.attributes.get('targets')).items)
      visit(bakeSetting(placed, variables)?.text ?? '');
    const target = model.targets.get(name);
    if (target === undefined) return;
    for (const each of unfold(model, target, variables)) found.set(`${name} ${each.name}`, each);
  };
  for (const name of names.length === 0 ? ['default'] : names) visit(name);
  return [...found.values()];
}

function unfold(model: BakeModel, target: BakeBlock, variables: BakeVariables): readonly BakeTarget[] {
  const inherited = withParents(model, target, variables, new Set());
  const matrix = target.attributes.get('matrix');
  const { rows, isOpen } = matrixRows(matrix, variables);
  return rows.map((row) => {
    const own = new Map([...variables, ...[...row].map(([key, text]) => [key, { text, certainty: 'known' }] as const)]);
    const name = inherited.attributes.get('name');
    const shown = name === undefined ? undefined : bakeSetting(name, own);
    return {
      name: shown?.text ?? target.name,
      file: target.file,
      range: target.range,
      attributes: inherited.attributes,
      variables: own,
      row,
      isOpen: isOpen || inherited.isOpen,
    };
  });
}

interface Inherited {
  readonly attributes: ReadonlyMap<string, PlacedValue>;
  readonly isOpen: boolean;
}

function withParents(
  model: BakeModel,
  target: BakeBlock,
  variables: BakeVariables,
  path: ReadonlySet<string>,
): Inherited {
  const parents = bakeList(target.attributes.get('inherits'));
  let attributes: ReadonlyMap<string, PlacedValue> = new Map();
  let { isOpen } = parents;
  for (const { placed } of parents.items) {
    const name = bakeSetting(placed, variables)?.text ?? '';
    const parent = model.targets.get(name);
    if (parent === undefined || path.has(name)) {
      isOpen = true;
      continue;
    }
    const read = withParents(model, parent, variables, new Set([...path, target.name]));
    attributes = merge(attributes, read.attributes);
    isOpen ||= read.isOpen;
  }
  const withoutMatrix = new Map([...attributes].filter(([key]) => key !== 'matrix' && key !== 'name'));
  return { attributes: merge(withoutMatrix, target.attributes), isOpen };
}

function matrixRows(
  matrix: PlacedValue | undefined,
  variables: BakeVariables,
): { readonly rows: readonly ReadonlyMap<string, string>[]; readonly isOpen: boolean } {
  if (matrix === undefined) return { rows: [new Map()], isOpen: false };
  if (matrix.value.kind !== 'object') return { rows: [new Map()], isOpen: true };
  let rows: readonly ReadonlyMap<string, string>[] = [new Map()];
  let isOpen = false;
  for (const { name, value } of matrix.value.entries) {
    const list = bakeList({ ...matrix, value });
    isOpen ||= list.isOpen;
    if (list.items.length === 0) continue;
    rows = rows
      .flatMap((row) => list.items.map(({ placed }) => new Map([...row, ...flatten(name, placed, variables)])))
      .slice(0, MAX_TARGETS);
  }
  return { rows, isOpen };
}

function flatten(name: string, placed: PlacedValue, variables: BakeVariables): readonly (readonly [string, string])[] {
  if (placed.value.kind !== 'object') {
    const setting = bakeSetting(placed, variables);
    return setting === undefined ? [] : [[name, setting.text]];
  }
  return placed.value.entries.flatMap((each) =>
    flatten(`${name}.${each.name}`, { ...placed, value: each.value }, variables),
  );
}
