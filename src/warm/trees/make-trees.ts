import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { CheckoutNeeds } from '../../golang/trees/close-imports.ts';
import { formatModulePackages } from '../../golang/trees/module-packages.ts';
import type { ModuleSums } from '../../trust/module-sums.ts';
import { rewriteTo, type VerifiedPack } from '../verify-extract.ts';
import { canTravel, neededPaths, planTrees, type IndexedModule } from './plan-trees.ts';
import { takeZips } from './take-zips.ts';
import { type TreeToWrite, writeTrees } from './write-trees.ts';

export interface MakeTreesInput {
  /** What is new, checked against go.sum. */
  readonly packs: readonly VerifiedPack[];
  /** What the check saw in the zip of this entry path. */
  readonly moduleOf: (path: string) => IndexedModule | undefined;
  readonly checkout: CheckoutNeeds;
  /** What the stored trees are trees of. */
  readonly indexed: readonly IndexedModule[];
  /** Entry paths of module files that are stored as they are. A zip of these that is here all the same came to be made a tree. */
  readonly storedFiles: ReadonlySet<string>;
  readonly sums: ModuleSums;
  readonly directory: string;
  readonly signal: AbortSignal;
}

export interface MadeTrees {
  /** What is to be stored: the packs without the zips of which trees were made, the trees, and their index. */
  readonly packs: readonly VerifiedPack[];
  /** Every module known now, stored or new. */
  readonly modules: readonly IndexedModule[];
  /** Of these modules there are trees among `packs`. */
  readonly made: ReadonlySet<string>;
}

/**
 * Makes trees of the module zips that are new: of each module the directories that this checkout may import. Everything is
 * read from the zips, which go.sum vouches for; what the builder unpacked is never looked at.
 */
export async function makeTrees(input: MakeTreesInput): Promise<MadeTrees> {
  const { packs, moduleOf, directory, signal } = input;
  const paths = packs.filter(isOfModules).flatMap(({ facts }) => facts.entries.map((entry) => entry.path));
  const fresh = paths.filter((each) => each.endsWith('.zip')).flatMap((each) => moduleOf(each) ?? []);
  const isFresh = new Set(fresh.map((module) => module.directory));
  const modules = [...input.indexed.filter((module) => !isFresh.has(module.directory)), ...fresh];
  const { needed } = planTrees({ ...input, modules, stored: new Set() });
  const trees = fresh.flatMap((module) => planTree(module, needed.get(module.directory)));
  const withFiles = trees.filter((tree) => tree.paths.length > 0);
  const zipsOfTrees = withFiles.map(({ module }) => `${module.stem}.zip`);
  const gone = new Set([...zipsOfTrees, ...input.storedFiles]);
  const kept: VerifiedPack[] = [];
  for (const [index, pack] of packs.entries()) kept.push(...(await without(pack, gone, { ...input, index })));
  const scratch = path.join(directory, 'zips');
  const zips = await takeZips(packs.filter(isOfModules), new Set(zipsOfTrees), { directory: scratch, signal });
  const written = await writeTrees(trees, { zips, directory, signal });
  await rm(scratch, { recursive: true });
  return { packs: [...kept, ...written], modules, made: new Set(withFiles.map(({ module }) => module.directory)) };
}

/**
 * Without files where nothing is needed, or where a name can't travel: that module keeps its zip. That it was looked at is
 * stored all the same, so that no later save asks for the zip again.
 */
function planTree(module: IndexedModule, directories: ReadonlySet<string> | undefined): readonly TreeToWrite[] {
  const packages = formatModulePackages(module.packages);
  if (packages === undefined) return [];
  const paths = directories === undefined ? [] : neededPaths(module, directories);
  return [{ module, paths: canTravel(paths) ? paths : [], packages }];
}

async function without(
  pack: VerifiedPack,
  gone: ReadonlySet<string>,
  { directory, signal, index }: { readonly directory: string; readonly signal: AbortSignal; readonly index: number },
): Promise<readonly VerifiedPack[]> {
  const isKept = (entryPath: string): boolean => !gone.has(entryPath);
  const count = pack.facts.entries.filter((entry) => isKept(entry.path)).length;
  if (!isOfModules(pack) || count === pack.facts.entries.length) return [pack];
  if (count === 0) return [];
  const { kind } = pack.facts;
  const file = path.join(directory, `without-zips-${index}.tar.gz`);
  return [await rewriteTo(file, { kind, sources: [pack.file], keep: isKept, signal })];
}

function isOfModules({ facts }: VerifiedPack): boolean {
  return facts.kind === 'gomodcache';
}
