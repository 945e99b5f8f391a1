import { createReadStream } from 'node:fs';
import path from 'node:path';
import { hexOf } from '../core/digest.ts';
import { errorMessage, SlipwayError } from '../core/errors.ts';
import { type PackContent, readPackContent } from '../pack/read-pack.ts';
import type { Entry, PackRecord } from '../pack/types.ts';
import { createModuleChecker } from '../trust/module-check.ts';
import type { ModuleSums } from '../trust/module-sums.ts';
import { createTreeChecker } from './trees/check-trees.ts';
import type { TreePlan } from './trees/plan-trees.ts';
import { rewriteTo } from './verify-extract.ts';

/** What modules are held against. */
export interface ModuleRules {
  readonly sums: ModuleSums;
  readonly scratchDirectory: string;
  /** Which modules are wanted as trees; without it none are. */
  readonly trees?: TreePlan | undefined;
}

export interface PackToCheck {
  readonly record: PackRecord;
  /** Has the digest that the record names. */
  readonly file: string;
  /** What its entry list names. */
  readonly listed: readonly Entry[];
  readonly modules: ModuleRules | undefined;
}

export interface CheckedPack {
  /** The same file, or one without the entries that may not be restored. */
  readonly file: string;
  readonly names: readonly string[];
  /** By path, the h1 of each module zip; of a pack of trees, of the zips that the wanted ones come from. */
  readonly zipSums: ReadonlyMap<string, string>;
  /** Of a pack of trees: the entry paths that are wanted and right. */
  readonly treePaths?: readonly string[];
  /** `path reason` of the modules that were left out because their content is wrong. */
  readonly wrong: readonly string[];
}

/**
 * Looks at the name, type, size and content of each member. A pack that breaks its format, or holds a build cache entry
 * that can't be right, is refused whole; of a module pack only those entries are left out that no go.sum vouches for.
 */
export async function checkPack(
  pack: PackToCheck,
  signal: AbortSignal,
): Promise<CheckedPack | { readonly refused: string }> {
  try {
    const { record, modules } = pack;
    if (modules?.trees !== undefined && record.representation === 'trees') {
      return await checkTrees(pack, modules.trees, signal);
    }
    const isChecked = record.kind === 'gomodcache' && record.representation === 'files' && modules !== undefined;
    return isChecked ? await checkModules(pack, modules, signal) : await checkWhole(pack, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof SlipwayError) return { refused: errorMessage(error) };
    throw error;
  }
}

async function checkWhole(
  { record, file, listed }: PackToCheck,
  signal: AbortSignal,
): Promise<CheckedPack | { readonly refused: string }> {
  const { kind, representation } = record;
  const reading = await readPackContent(readFrom(file), { kind, representation, signal });
  const [bad] = reading.damaged;
  if (bad !== undefined) return { refused: `\`${bad.path}\` ${bad.reason}` };
  if (!isSameList(reading, listed)) return { refused: OTHER_LIST };
  return { file, names: listed.map((entry) => entry.path), zipSums: new Map(), wrong: [] };
}

async function checkModules(
  { record, file, listed }: PackToCheck,
  { sums, scratchDirectory }: ModuleRules,
  signal: AbortSignal,
): Promise<CheckedPack | { readonly refused: string }> {
  using checker = createModuleChecker(sums, { scratchDirectory, signal });
  const { createCheck, zipSums } = checker;
  const reading = await readPackContent(readFrom(file), { kind: record.kind, signal, createCheck });
  if (!isSameList(reading, listed)) return { refused: OTHER_LIST };
  const bad = new Set(reading.damaged.map((entry) => entry.path));
  const wrong = reading.damaged.filter((entry) => sums.isListed(entry.path));
  const kept = {
    names: listed.map((entry) => entry.path).filter((name) => !bad.has(name)),
    zipSums,
    wrong: wrong.map((entry) => `\`${entry.path}\` ${entry.reason}`),
  };
  if (bad.size === 0 || kept.names.length === 0) return { ...kept, file };
  const rewritten = await rewriteTo(path.join(scratchDirectory, `${hexOf(record.digest)}.tar.gz`), {
    kind: record.kind,
    sources: [file],
    keep: (name) => !bad.has(name),
    signal,
    // Zips don't get smaller, and the file goes no further than to the builder.
    level: -7,
  });
  return { ...kept, file: rewritten.file };
}

/** Files of wanted trees are held against what go.sum says of their module; the others don't get out of the pack. */
async function checkTrees(
  { record, file, listed }: PackToCheck,
  plan: TreePlan,
  signal: AbortSignal,
): Promise<CheckedPack | { readonly refused: string }> {
  const { kind, representation } = record;
  const checker = createTreeChecker(plan);
  const reading = await readPackContent(readFrom(file), {
    kind,
    representation,
    signal,
    createCheck: checker.createCheck,
  });
  if (!isSameList(reading, listed)) return { refused: OTHER_LIST };
  const wrong = reading.damaged.map((entry) => `\`${entry.path}\` ${entry.reason}`);
  return { file, wrong, ...checker.found() };
}

const OTHER_LIST = 'its entry list names other entries';

function isSameList(reading: PackContent, listed: readonly Entry[]): boolean {
  return (
    reading.entries.length === listed.length &&
    reading.entries.every(
      ({ path: name, sizeBytes }, i) => name === listed[i]?.path && sizeBytes === listed[i]?.sizeBytes,
    )
  );
}

function readFrom(file: string): AsyncIterable<Uint8Array> {
  return createReadStream(file, { highWaterMark: 1 << 18 });
}
