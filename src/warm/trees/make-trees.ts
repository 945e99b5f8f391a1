import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { CheckoutNeeds } from '../../golang/trees/close-imports.ts';
import { formatModulePackages } from '../../golang/trees/module-packages.ts';
import { formatModuleFiles, sumOfModuleFiles } from '../../trust/module-files.ts';
import type { ModuleSums } from '../../trust/module-sums.ts';
import { rewriteTo, type VerifiedPack } from '../verify-extract.ts';
import { canTravel, neededPaths, planTrees, type IndexedModule } from './plan-trees.ts';
import { readZipModule } from './read-zip-module.ts';
import { takeZips, type TakenZip } from './take-zips.ts';
import { type TreeToWrite, writeTrees } from './write-trees.ts';
import { openZipFile } from './zip-file.ts';

export interface MakeTreesInput {
  /** What is new, checked against go.sum. */
  readonly packs: readonly VerifiedPack[];
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
  const { packs, sums, directory, signal } = input;
  const scratch = path.join(directory, 'zips');
  await mkdir(scratch);
  const zips: TakenZip[] = [];
  for (const { facts, file } of packs.filter(isOfModules)) {
    if (facts.entries.some((entry) => entry.path.endsWith('.zip')))
      zips.push(...(await takeZips(file, scratch, signal)));
  }
  const fresh = new Map<string, { readonly module: IndexedModule; readonly zip: string }>();
  for (const zip of zips) {
    const module = await indexZip(zip, sums, signal);
    if (module !== undefined) fresh.set(module.directory, { module, zip: zip.file });
  }
  const known = input.indexed.filter((module) => !fresh.has(module.directory));
  const modules = [...known, ...[...fresh.values()].map(({ module }) => module)];
  const { needed } = planTrees({ ...input, modules, stored: new Set() });
  const trees = [...fresh.values()].flatMap(({ module, zip }) => planTree(module, zip, needed.get(module.directory)));
  const withFiles = trees.filter(({ paths }) => paths.length > 0);
  const made = new Set(withFiles.map(({ module }) => module.directory));
  const gone = new Set([...withFiles.map(({ module }) => `${module.stem}.zip`), ...input.storedFiles]);
  const kept: VerifiedPack[] = [];
  for (const [index, pack] of packs.entries()) kept.push(...(await without(pack, gone, { ...input, index })));
  const written = await writeTrees(trees, directory, signal);
  await rm(scratch, { recursive: true });
  return { packs: [...kept, ...written], modules, made };
}

async function indexZip(zip: TakenZip, sums: ModuleSums, signal: AbortSignal): Promise<IndexedModule | undefined> {
  using source = openZipFile(zip.file);
  const prefix = `${zip.name.path}@${zip.name.version}/`;
  const read = await readZipModule(source, prefix, signal);
  const [sum] = sums.sumsOf(`${zip.name.stem}.zip`);
  if (read === undefined || sum === undefined) return undefined;
  // The zip has this sum; that the list has it too is what makes the list worth storing.
  return sumOfModuleFiles(formatModuleFiles(prefix, read.files)) === sum ? { ...zip.name, ...read, sum } : undefined;
}

/**
 * Without files where nothing is needed, or where a name can't travel: that module keeps its zip. That it was looked at is
 * stored all the same, so that no later save asks for the zip again.
 */
function planTree(
  module: IndexedModule,
  zip: string,
  directories: ReadonlySet<string> | undefined,
): readonly TreeToWrite[] {
  const packages = formatModulePackages(module.packages);
  if (packages === undefined) return [];
  const paths = directories === undefined ? [] : neededPaths(module, directories);
  return [{ module, zip, paths: canTravel(paths) ? paths : [], packages }];
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
