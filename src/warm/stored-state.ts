import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { PackNames } from '../buildkit/probe-mounts.ts';
import type { Digest } from '../core/digest.ts';
import { isSlipwayError } from '../core/errors.ts';
import { decodeEntryList } from '../pack/entry-list.ts';
import { decodeManifest, LAYER_MEDIA_TYPE } from '../pack/manifest.ts';
import type { Entry, PackRecord, Snapshot } from '../pack/types.ts';
import { uniteSnapshots, type UnitedSnapshots } from '../pack/unite.ts';
import { forEachLimited } from '../store/each-limited.ts';
import { findHeads } from '../store/find-heads.ts';
import type { SnapshotName } from '../store/port.ts';
import { formatSnapshotKey } from '../store/snapshot-key.ts';
import { blobFile, downloadToDirectory } from '../store/transfer.ts';
import { readSnapshotDocument } from './read-document.ts';
import type { WarmContext } from './types.ts';

export interface StoredHead {
  readonly name: SnapshotName;
  readonly snapshot: Snapshot;
}

/** What the store holds for a chain of scopes: the union of every snapshot that no other one has merged. */
export interface StoredState {
  readonly heads: readonly StoredHead[];
  readonly united: UnitedSnapshots;
  /** Packs whose entry list could be read; one that couldn't is as good as missing. */
  readonly packs: readonly PackRecord[];
  readonly entriesByPack: ReadonlyMap<Digest, readonly Entry[]>;
  /** Packs that turned out to be damaged or gone: they are not in `packs`, and must not come back by a second reading. */
  readonly lost: ReadonlySet<Digest>;
  /** Keys of the written scope's snapshots whose entries are in the union: the next one may say that it merged them. */
  readonly covered: ReadonlySet<string>;
  readonly warnings: readonly string[];
}

/** Reads the newest snapshots of every scope and their entry lists. Lists are kept on disk by digest. */
export async function readStoredState(context: WarmContext, scopes: readonly string[]): Promise<StoredState> {
  const warnings: string[] = [];
  const perScope = await Promise.all(scopes.map((scope) => readHeads(context, scope, warnings)));
  const heads = perScope.flat();
  const united = uniteSnapshots(heads.map(({ snapshot }) => snapshot));
  const entriesByPack = new Map<Digest, readonly Entry[]>();
  await forEachLimited(united.packs, { concurrency: 6, signal: context.signal }, async (pack) => {
    const entries = await readEntries(context, pack);
    if (typeof entries === 'string') warnings.push(`pack ${pack.digest.slice(0, 19)}… is left out: ${entries}`);
    else entriesByPack.set(pack.digest, entries);
  });
  const packs = united.packs.filter(({ digest }) => entriesByPack.has(digest));
  const written = heads.filter(({ name }) => name.scope === context.options.scopes.write);
  const covered = new Set(written.flatMap(({ name, snapshot }) => [formatSnapshotKey(name), ...snapshot.merged]));
  return { heads, united, packs, entriesByPack, lost: new Set(), covered, warnings };
}

/** The state as if these packs weren't stored: what they held counts as new, and the next snapshot doesn't name them. */
export function withoutPacks(state: StoredState, lost: ReadonlySet<Digest>): StoredState {
  if (lost.size === 0) return state;
  return {
    ...state,
    packs: state.packs.filter(({ digest }) => !lost.has(digest)),
    lost: new Set([...state.lost, ...lost]),
  };
}

/** The snapshots of one scope that no other one has merged. */
async function readHeads(context: WarmContext, scope: string, warnings: string[]): Promise<StoredHead[]> {
  const { store, signal } = context;
  const heads = await findHeads(store, scope, {
    signal,
    // What is left out is a fault of the cache like the others, which the caller tells.
    logger: { ...context.logger, warning: (text) => void warnings.push(text) },
    decode: (manifest) => readSnapshotDocument(store, manifest, { config: decodeManifest(manifest).config, signal }),
  });
  return heads.map(({ name, snapshot }) => ({ name, snapshot }));
}

/** The entries of a pack, or why they can't be had. */
async function readEntries(context: WarmContext, pack: PackRecord): Promise<readonly Entry[] | string> {
  const directory = path.join(context.workDirectory, 'lists');
  const blob = { ...pack.entryList, mediaType: LAYER_MEDIA_TYPE };
  const options = { directory, signal: context.signal, clock: context.clock };
  const outcome = await downloadToDirectory(context.store, blob, options);
  if (outcome === 'missing' || outcome === 'corrupt') return `its entry list is ${outcome}`;
  try {
    const bytes = await readFile(blobFile(directory, blob.digest));
    return decodeEntryList(bytes, { packDigest: pack.digest, kind: pack.kind, entryCount: pack.entryCount });
  } catch (error) {
    if (isSlipwayError(error)) return error.message;
    throw error;
  }
}

/** The entries of a pack by name, as helper builds are told them. */
export function packNames(pack: PackRecord, state: StoredState): PackNames {
  return { kind: pack.kind, names: (state.entriesByPack.get(pack.digest) ?? []).map((entry) => entry.path) };
}

export function formatSnapshotName(name: SnapshotName): string {
  return `${name.scope}@${formatSnapshotKey(name)}`;
}
