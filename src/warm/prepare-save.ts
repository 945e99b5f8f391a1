import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { MountExtract } from '../buildkit/extract-entries.ts';
import type { MountKind } from '../core/mount-kind.ts';
import type { CompiledObject } from '../golang/object/read-object.ts';
import { joinModuleSums, type ModuleSums } from '../trust/module-sums.ts';
import type { GoCaches } from './caches.ts';
import { planSigning, reviewSigning, type SigningPlan } from './plan-signing.ts';
import { makeRunDirectory } from './run-directory.ts';
import type { Stopwatch } from './stopwatch.ts';
import { readStoredState, type StoredState } from './stored-state.ts';
import { makeTrees, type MadeTrees } from './trees/make-trees.ts';
import { readStoredTrees, type StoredTrees } from './trees/stored-trees.ts';
import { knownOf } from './trees/used-trees.ts';
import { watchZips } from './trees/watch-zips.ts';
import type { SaveContext, StoreContext } from './types.ts';
import { verifyExtract, type VerifiedExtract } from './verify-extract.ts';

export interface PrepareInput {
  /** What the store holds, where this process has read it. */
  readonly stored: StoredState | undefined;
  /** Seconds since the build began, on a clock that doesn't jump; undefined when that isn't known. */
  readonly ageSeconds: number | undefined;
}

/** What is to be saved, packed and verified on this machine: the store doesn't have it yet, and nobody was told of it. */
export interface PreparedSave {
  readonly stored: StoredState;
  readonly signing: SigningPlan;
  readonly extracts: readonly MountExtract[];
  readonly verified: VerifiedExtract;
  readonly trees: StoredTrees | undefined;
  readonly made: MadeTrees | undefined;
  /** Each package that the build compiled, where somebody wants to know. */
  readonly compiled: readonly CompiledObject[];
  /** Holds the packs; whoever is given it removes it. */
  readonly directory: string;
}

/** Takes what is new out of the caches, and verifies it. */
export async function prepareSave(
  context: SaveContext,
  caches: GoCaches,
  input: PrepareInput,
  watch: Stopwatch,
): Promise<PreparedSave> {
  const stored =
    input.stored ?? (await watch.time('read', () => readStoredState(context, context.options.scopes.read)));
  const sums = caches.places.some(({ kind }) => kind === 'gomodcache')
    ? await watch.time('read', () => caches.readSums())
    : joinModuleSums([]);
  const signingPlan = planSigning(context.options, stored);
  const { state } = signingPlan;
  const withTrees = caches.closeTrees !== undefined && sums.paths.length > 0;
  const trees = withTrees
    ? await watch.time('read', () => readStoredTrees(context, caches.checkout, { state, sums }))
    : undefined;
  const compiled: CompiledObject[] = [];
  const directory = await makeRunDirectory(context);
  try {
    const extracts = await watch.time('extract', () =>
      extract(context, caches, { signingPlan, sums, trees, input, directory, watch }),
    );
    const zips = trees && watchZips(sums);
    const verified = await watch.time('verify', () =>
      verifyExtract(extracts, state, {
        signal: context.signal,
        sums,
        withTestResults: context.options.withTestResults === true,
        scratchDirectory: directory,
        watchZip: zips?.watch,
        ...(context.onCompiled && { onObject: (object) => compiled.push(object) }),
      }),
    );
    const made =
      zips &&
      (await watch.time('trees', () =>
        makeTrees({
          ...trees,
          indexed: trees.modules,
          storedFiles: moduleFilesOf(state),
          packs: verified.packs,
          moduleOf: zips.moduleOf,
          sums,
          directory,
          signal: context.signal,
        }),
      ));
    const signing = reviewSigning(signingPlan, extracts);
    return { stored, signing, extracts, verified, trees, made, compiled, directory };
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

async function extract(
  context: StoreContext,
  caches: GoCaches,
  {
    signingPlan,
    sums,
    trees,
    input,
    directory,
    watch,
  }: {
    signingPlan: SigningPlan;
    sums: ModuleSums;
    trees: StoredTrees | undefined;
    input: PrepareInput;
    directory: string;
    watch: Stopwatch;
  },
): Promise<readonly MountExtract[]> {
  const { state, isSignedOnly } = signingPlan;
  const known: Record<MountKind, string[]> = { gocache: [], gomodcache: [] };
  const isKnown = knownOf(trees);
  for (const { kind, representation, digest } of state.packs) {
    if (representation !== 'files') continue;
    for (const { path: name } of state.entriesByPack.get(digest) ?? []) if (isKnown(name)) known[kind].push(name);
  }
  return caches.extract(
    { signal: context.signal, state, directory: path.join(directory, 'context') },
    {
      known,
      isSignedOnly,
      allowedModules: sums.paths,
      // It grew while the store was read.
      buildAgeSeconds: input.ageSeconds === undefined ? undefined : input.ageSeconds + watch.seconds(),
      exportTo: path.join(directory, 'out'),
    },
  );
}

/** Entry paths of the module files that are stored as they are. */
function moduleFilesOf({ packs, entriesByPack }: StoredState): ReadonlySet<string> {
  const mine = packs.filter(({ kind, representation }) => kind === 'gomodcache' && representation === 'files');
  return new Set(mine.flatMap(({ digest }) => entriesByPack.get(digest) ?? []).map(({ path: name }) => name));
}
