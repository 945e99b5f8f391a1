import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Digest } from '../core/digest.ts';
import { createLimit } from '../core/limit.ts';
import { layerBlob } from '../pack/manifest.ts';
import type { PackRecord } from '../pack/types.ts';
import { forEachLimited } from '../store/each-limited.ts';
import { blobFile, downloadToDirectory } from '../store/transfer.ts';
import { checkPack, type ModuleRules } from './check-pack.ts';
import type { StoredState } from './stored-state.ts';
import { countByKind, sumByKind } from './count-by-kind.ts';
import { createTransferCounter, type TransferCounter } from './transfer-counter.ts';
import { sumFileOf } from './trees/check-trees.ts';
import type { TreePlan } from './trees/plan-trees.ts';
import type { BytesByKind, StoreContext } from './types.ts';

export interface FetchedPack {
  readonly record: PackRecord;
  /** The pack as it is stored, or one without the entries that may not be restored. */
  readonly file: string;
  /** What `file` holds. */
  readonly names: readonly string[];
  /** By path, the h1 of each module zip in it. */
  readonly zipSums: ReadonlyMap<string, string>;
  /** Of a pack of trees: the entry paths that are wanted and right. */
  readonly treePaths?: readonly string[];
}

export interface FetchResult {
  readonly packs: readonly FetchedPack[];
  /** Bytes that came from the store, without packs that were here already. */
  readonly bytesMoved: number;
  readonly bytesByKind: BytesByKind;
  /** What of it the builder fetched by itself; absent: nothing. */
  readonly bytesByBuilder?: number;
  readonly packsMoved: number;
  /** Packs that the store doesn't have as it should: the next save must not count on them. */
  readonly lost: ReadonlySet<Digest>;
  /** Some packs were not waited for. */
  readonly isCutShort: boolean;
  readonly warnings: readonly string[];
}

export interface FetchOptions {
  readonly signal: AbortSignal;
  /** Aborted when no more packs are wanted: what is here by then is the result. */
  readonly enough?: AbortSignal;
  readonly onBytes?: (bytes: number) => void;
  /** Module packs are held against these; without them they are only checked for damage. */
  readonly modules?: ModuleRules | undefined;
  /** Where more comes than these packs. */
  readonly counter?: TransferCounter | undefined;
  /** Packs are checked when it is over, and downloaded before: a check leaves nothing of this process to anybody else. */
  readonly checkAfter?: Promise<void> | undefined;
  /** Called with each pack when it may be used. */
  readonly onPack?: (pack: FetchedPack) => void;
}

const DOWNLOADS_AT_ONCE = 4;
/** Checks take computing and memory, and no waiting: more of them at once are not sooner done. */
const CHECKS_AT_ONCE = 2;

/**
 * Brings packs here, each checked member by member before anybody may use it. A pack that is gone or wrong is left out
 * with a warning, a module that is wrong alone: the build is colder then, never different.
 */
export async function fetchPacks(
  context: StoreContext,
  state: StoredState,
  wanted: readonly PackRecord[],
  fetching: FetchOptions,
): Promise<FetchResult> {
  const { signal, enough, onBytes, onPack, modules, checkAfter } = fetching;
  const { counter = createTransferCounter(context, 'down', wanted) } = fetching;
  const warnings: string[] = [];
  const byKind = countByKind();
  const count = (bytes: number): void => {
    counter.onBytes(bytes);
    onBytes?.(bytes);
  };
  let packsMoved = 0;
  let settled = 0;
  const packs: FetchedPack[] = [];
  const lost = new Set<Digest>();
  const directory = packDirectory(context);
  const inTurn = createLimit(CHECKS_AT_ONCE);
  const fetchOne = async (record: PackRecord, inner: AbortSignal): Promise<void> => {
    const blob = layerBlob(record);
    const options = { directory, signal: inner, clock: context.clock, onBytes: byKind.with(record.kind, count) };
    const outcome = await downloadToDirectory(context.store, blob, options);
    if (outcome === 'missing' || outcome === 'corrupt') {
      settled += 1;
      lost.add(record.digest);
      warnings.push(
        `pack ${record.digest.slice(0, 19)}… is ${outcome === 'corrupt' ? 'corrupt in' : 'gone from'} the store`,
      );
      return;
    }
    const file = blobFile(directory, record.digest);
    const listed = state.entriesByPack.get(record.digest) ?? [];
    await checkAfter;
    const checked = await inTurn(() => checkPack({ record, file, listed, modules }, inner));
    counter.onPack();
    settled += 1;
    if (outcome === 'done') packsMoved += 1;
    if ('refused' in checked) {
      await rm(file, { force: true });
      lost.add(record.digest);
      warnings.push(`pack ${record.digest.slice(0, 19)}… is refused: ${checked.refused}`);
      return;
    }
    // The next save stores anew what the pack should have held, and names it no more.
    if (checked.wrong.length > 0) lost.add(record.digest);
    warnings.push(...checked.wrong.map((what) => `a module is not restored: ${what}`));
    if (checked.names.length === 0) return;
    const pack = { record, ...checked };
    packs.push(pack);
    onPack?.(pack);
  };
  const either = enough === undefined ? signal : AbortSignal.any([signal, enough]);
  try {
    await forEachLimited(wanted, { concurrency: DOWNLOADS_AT_ONCE, signal: either }, fetchOne);
  } catch (error) {
    if (signal.aborted || enough?.aborted !== true) throw error;
  }
  const isCutShort = settled < wanted.length;
  return {
    packs: withWholeTrees(packs, modules?.trees),
    bytesMoved: sumByKind(byKind.bytes()),
    bytesByKind: byKind.bytes(),
    packsMoved,
    lost,
    isCutShort,
    warnings,
  };
}

/** What several fetches of different packs brought. */
export function joinFetched(results: readonly FetchResult[]): FetchResult {
  const bytesByKind = countByKind();
  for (const result of results) {
    for (const kind of ['gocache', 'gomodcache'] as const)
      bytesByKind.with(kind, () => {})(result.bytesByKind[kind] ?? 0);
  }
  const bytesByBuilder = results.reduce((sum, { bytesByBuilder: bytes = 0 }) => sum + bytes, 0);
  return {
    ...(bytesByBuilder > 0 && { bytesByBuilder }),
    packs: results.flatMap(({ packs }) => packs),
    bytesMoved: results.reduce((sum, { bytesMoved }) => sum + bytesMoved, 0),
    bytesByKind: bytesByKind.bytes(),
    packsMoved: results.reduce((sum, { packsMoved }) => sum + packsMoved, 0),
    lost: new Set(results.flatMap(({ lost }) => [...lost])),
    isCutShort: results.some(({ isCutShort }) => isCutShort),
    warnings: results.flatMap(({ warnings }) => warnings),
  };
}

/** A tree may lie in several packs: where a file of it didn't come, none of it is to be put in place. */
function withWholeTrees(packs: readonly FetchedPack[], plan: TreePlan | undefined): readonly FetchedPack[] {
  if (plan === undefined) return packs;
  const here = new Set(packs.flatMap(({ treePaths }) => treePaths ?? []));
  const broken = [...plan.covered.values()].filter(({ paths }) => !paths.every((path) => here.has(path)));
  const isBroken = new Set(broken.flatMap((tree) => [sumFileOf(tree), `${tree.module.stem}.zip`]));
  return packs.map((pack) => {
    if (pack.record.representation !== 'trees') return pack;
    const zipSums = new Map([...pack.zipSums].filter(([zip]) => !isBroken.has(zip)));
    return { ...pack, zipSums, names: pack.names.filter((name) => !isBroken.has(name)) };
  });
}

/** Where packs lie on this machine, each under the hex digits of its digest. */
export function packDirectory(context: StoreContext): string {
  return path.join(context.workDirectory, 'packs');
}
