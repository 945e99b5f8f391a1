import { errorMessage, isSlipwayError, SlipwayError } from '../core/errors.ts';
import type { Digest } from '../core/digest.ts';
import { decodeManifest, type BlobRecord } from '../pack/manifest.ts';
import type { Snapshot } from '../pack/types.ts';
import { forEachLimited } from '../store/each-limited.ts';
import { isStoreKeeper, type SnapshotName, type Store, type StoredBlob, type StoreKeeper } from '../store/port.ts';
import { compareSnapshots, formatSnapshotKey, parseSnapshotKey } from '../store/snapshot-key.ts';
import { readSnapshotDocument } from './read-document.ts';
import { checkName } from './read-heads.ts';

/** One snapshot of the store, whether it can be read or not. */
export interface SurveyedSnapshot {
  readonly name: SnapshotName;
  /** Undefined when `problem` says why it can't be read. */
  readonly snapshot: Snapshot | undefined;
  readonly problem: string | undefined;
  /** Config, packs and entry lists, as far as the manifest could be read. */
  readonly blobs: readonly BlobRecord[];
  /** Every digest that the manifest's bytes name, also where its format is unknown: what must not be deleted. */
  readonly references: ReadonlySet<Digest>;
  /** The newer snapshots of the scope that hold its entries too. */
  readonly mergedBy: readonly SnapshotName[];
}

export interface StoreSurvey {
  /** Sorted by scope, newest first. */
  readonly snapshots: readonly SurveyedSnapshot[];
  /** Undefined where the store can't list its blobs. */
  readonly blobs: readonly StoredBlob[] | undefined;
}

const READS_AT_ONCE = 8;

/** Reads every snapshot of every scope, and the list of blobs where there is one. */
export async function surveyStore(store: Store & StoreKeeper, signal: AbortSignal): Promise<StoreSurvey> {
  // Blobs before snapshots: one that is written in between is then at worst not listed, never taken for garbage.
  const blobs = await store.listBlobs({ signal });
  const scopes = [...(await store.listScopes({ signal }))].sort();
  const names = (await Promise.all(scopes.map((scope) => store.listSnapshots(scope, { signal })))).flat();
  const read = new Map<SnapshotName, Omit<SurveyedSnapshot, 'mergedBy'>>();
  await forEachLimited(names, { concurrency: READS_AT_ONCE, signal }, async (name, inner) => {
    const one = await readOne(store, name, inner);
    if (one !== undefined) read.set(name, one);
  });
  const ones = names.flatMap((name) => read.get(name) ?? []);
  return { snapshots: ones.map((one) => ({ ...one, mergedBy: mergersOf(one.name, ones) })), blobs };
}

/** A store that can be looked after, or an error that names it. */
export function asKeeper(store: Store): Store & StoreKeeper {
  if (isStoreKeeper(store)) return store;
  throw new SlipwayError('USAGE', `${store.description} can't be listed`, {
    hint: 'Name a store that can by `--store`. Caches of GitHub Actions are listed and deleted by `gh cache`.',
  });
}

async function readOne(
  store: Store,
  name: SnapshotName,
  signal: AbortSignal,
): Promise<Omit<SurveyedSnapshot, 'mergedBy'> | undefined> {
  const manifest = await store.readSnapshot(name, { signal });
  if (manifest === undefined) return undefined;
  const references = findDigests(manifest);
  let blobs: readonly BlobRecord[] = [];
  try {
    const { config, layers } = decodeManifest(manifest);
    blobs = [config, ...layers];
    const snapshot = await readSnapshotDocument(store, manifest, { config, signal });
    checkName(snapshot, name);
    return { name, snapshot, problem: undefined, blobs, references };
  } catch (error) {
    if (!isSlipwayError(error) || error.code.startsWith('STORE_')) throw error;
    return { name, snapshot: undefined, problem: errorMessage(error), blobs, references };
  }
}

function mergersOf(name: SnapshotName, all: readonly Omit<SurveyedSnapshot, 'mergedBy'>[]): readonly SnapshotName[] {
  const key = formatSnapshotKey(name);
  return all
    .filter(({ name: other, snapshot }) => {
      if (snapshot === undefined || other.scope !== name.scope || other.sequence <= name.sequence) return false;
      return snapshot.merged.some((merged) => parseSnapshotKey(name.scope, merged) !== undefined && merged === key);
    })
    .map((one) => one.name)
    .sort(compareSnapshots);
}

function findDigests(manifest: Uint8Array): ReadonlySet<Digest> {
  const text = Buffer.from(manifest).toString('latin1');
  return new Set((text.match(/sha256:[0-9a-f]{64}/g) ?? []) as Digest[]);
}
