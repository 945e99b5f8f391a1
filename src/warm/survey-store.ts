import { errorMessage, isSlipwayError, SlipwayError } from '../core/errors.ts';
import type { Digest } from '../core/digest.ts';
import { decodeManifest, type BlobRecord } from '../pack/manifest.ts';
import type { Snapshot } from '../pack/types.ts';
import { forEachLimited } from '../store/each-limited.ts';
import { isStoreKeeper, type SnapshotName, type Store, type StoredBlob, type StoreKeeper } from '../store/port.ts';
import { compareSnapshots, formatSnapshotKey, parseSnapshotKey } from '../store/snapshot-key.ts';
import { isReservedScope, readPins, type Pin } from './keep/pins.ts';
import { readSnapshotDocument } from './read-document.ts';
import { checkName } from './read-heads.ts';

/** One snapshot of the store, whether it can be read or not. */
export interface SurveyedSnapshot {
  readonly name: SnapshotName;
  /** Undefined when `problem` says why it can't be read. */
  readonly snapshot: Snapshot | undefined;
  readonly problem: string | undefined;
  /** It can't be read here, but a newer slipway may: hands off. */
  readonly isUnknownFormat?: boolean;
  /** Config, packs and entry lists, as far as the manifest could be read. */
  readonly blobs: readonly BlobRecord[];
  /** Every digest that the manifest's bytes name, also where its format is unknown: what must not be deleted. */
  readonly references: ReadonlySet<Digest>;
  /** The newer snapshots of the scope that hold its entries too. */
  readonly mergedBy: readonly SnapshotName[];
  readonly isPinned: boolean;
  /** What its signatures are worth; undefined where nobody asked. */
  readonly trust: SurveyedTrust | undefined;
}

export interface SurveyedTrust {
  readonly isSigned: boolean;
  /** False where signatures are required and it has none: for readers it isn't there. */
  readonly isBelieved: boolean;
  /** Who vouches for it, or why nobody does. */
  readonly text: string;
}

export interface SurveyOptions {
  readonly signal: AbortSignal;
  /** Judges signatures. One that isn't believed makes no other unnecessary. */
  readonly judge?: (manifest: Uint8Array, snapshot: Snapshot) => SurveyedTrust;
}

export interface StoreSurvey {
  /** Sorted by scope, newest first. */
  readonly snapshots: readonly SurveyedSnapshot[];
  /** What keeps snapshots, also of those that are gone. */
  readonly pins: readonly Pin[];
  /** Undefined where the store can't list its blobs. */
  readonly blobs: readonly StoredBlob[] | undefined;
}

const READS_AT_ONCE = 8;

/** Reads every snapshot of every scope, and the list of blobs where there is one. */
export async function surveyStore(store: Store & StoreKeeper, options: SurveyOptions): Promise<StoreSurvey> {
  const { signal } = options;
  // Blobs before snapshots: one that is written in between is then at worst not listed, never taken for garbage.
  const blobs = await store.listBlobs({ signal });
  const scopes = (await store.listScopes({ signal })).filter((scope) => !isReservedScope(scope)).sort();
  const names = (await Promise.all(scopes.map((scope) => store.listSnapshots(scope, { signal })))).flat();
  // Pins after snapshots: one that is set meanwhile is seen.
  const pins = await readPins(store, signal);
  const read = new Map<SnapshotName, ReadSnapshot>();
  await forEachLimited(names, { concurrency: READS_AT_ONCE, signal }, async (name, inner) => {
    const one = await readOne(store, name, { ...options, signal: inner });
    if (one !== undefined) read.set(name, one);
  });
  const ones = names.flatMap((name) => read.get(name) ?? []);
  const pinned = new Set(pins.map(({ key }) => key));
  const snapshots = ones.map((one) => ({
    ...one,
    mergedBy: mergersOf(one.name, ones),
    isPinned: pinned.has(formatSnapshotKey(one.name)),
  }));
  return { snapshots, pins, blobs };
}

type ReadSnapshot = Omit<SurveyedSnapshot, 'mergedBy' | 'isPinned'>;

/** A store that can be looked after, or an error that names it. */
export function asKeeper(store: Store): Store & StoreKeeper {
  if (isStoreKeeper(store)) return store;
  throw new SlipwayError('USAGE', `${store.description} can't be looked after: it neither lists nor deletes`, {
    hint: "GitHub's cache is seen with `gh cache list`, and cleans itself. For other stores name one by `--store`.",
  });
}

async function readOne(
  store: Store,
  name: SnapshotName,
  { signal, judge }: SurveyOptions,
): Promise<ReadSnapshot | undefined> {
  const manifest = await store.readSnapshot(name, { signal });
  if (manifest === undefined) return undefined;
  const references = findDigests(manifest);
  let blobs: readonly BlobRecord[] = [];
  try {
    const { config, layers } = decodeManifest(manifest);
    blobs = [config, ...layers];
    const snapshot = await readSnapshotDocument(store, manifest, { config, signal });
    checkName(snapshot, name);
    return { name, snapshot, problem: undefined, blobs, references, trust: judge?.(manifest, snapshot) };
  } catch (error) {
    if (!isSlipwayError(error) || error.code.startsWith('STORE_')) throw error;
    const isUnknownFormat = isSlipwayError(error, 'FORMAT_UNKNOWN');
    const problem = errorMessage(error);
    return { name, snapshot: undefined, problem, isUnknownFormat, blobs, references, trust: undefined };
  }
}

function mergersOf(name: SnapshotName, all: readonly ReadSnapshot[]): readonly SnapshotName[] {
  const key = formatSnapshotKey(name);
  return all
    .filter(({ name: other, snapshot, trust }) => {
      if (
        snapshot === undefined ||
        trust?.isBelieved === false ||
        other.scope !== name.scope ||
        other.sequence <= name.sequence
      )
        return false;
      return snapshot.merged.some((merged) => parseSnapshotKey(name.scope, merged) !== undefined && merged === key);
    })
    .map((one) => one.name)
    .sort(compareSnapshots);
}

/** Every digest in a document's bytes. */
export function findDigests(manifest: Uint8Array): ReadonlySet<Digest> {
  const text = Buffer.from(manifest).toString('latin1');
  return new Set((text.match(/sha256:[0-9a-f]{64}/g) ?? []) as Digest[]);
}
