import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { PackNames } from '../buildkit/name-lists.ts';
import type { Digest } from '../core/digest.ts';
import { isSlipwayError } from '../core/errors.ts';
import { decodeEntryList } from '../pack/entry-list.ts';
import { layerBlob } from '../pack/manifest.ts';
import type { Entry, PackRecord } from '../pack/types.ts';
import { NOTHING_UNITED, uniteAll, uniteSnapshots, type UnitedSnapshots } from '../pack/unite.ts';
import { forEachLimited } from '../store/each-limited.ts';
import type { SnapshotName } from '../store/port.ts';
import { formatSnapshotKey } from '../store/snapshot-key.ts';
import { blobFile, downloadToDirectory } from '../store/transfer.ts';
import { readHeads, type StoredHead, type UntrustedSnapshot } from './read-heads.ts';
import type { StoreContext } from './types.ts';

/** What the store holds for a chain of scopes: the union of every snapshot that no other one has merged. */
export interface StoredState {
  readonly heads: readonly StoredHead[];
  readonly united: UnitedSnapshots;
  /** Packs whose entry list could be read; one that couldn't is as good as missing. */
  readonly packs: readonly PackRecord[];
  readonly entriesByPack: ReadonlyMap<Digest, readonly Entry[]>;
  /** Packs that turned out to be damaged or gone: they are not in `packs`, and must not come back by a second reading. */
  readonly lost: ReadonlySet<Digest>;
  /** Keys of the written scope's snapshots that need not be read beside the next one, which says that it merged them. */
  readonly covered: ReadonlySet<string>;
  /** Snapshots that can be read but aren't believed, since signatures are required. */
  readonly untrusted: readonly UntrustedSnapshot[];
  /** Packs that no signed snapshot names. */
  readonly unsigned: ReadonlySet<Digest>;
  readonly warnings: readonly string[];
}

/** Reads the newest snapshots of every scope and their entry lists. Lists are kept on disk by digest. */
export async function readStoredState(context: StoreContext, scopes: readonly string[]): Promise<StoredState> {
  const readings = await Promise.all(scopes.map((scope) => readHeads(context, scope)));
  const warnings = readings.flatMap((reading) => reading.warnings);
  const heads = readings.flatMap((reading) => reading.heads);
  const untrusted = readings.flatMap((reading) => reading.untrusted);
  const own = uniteSnapshots(heads.map(({ snapshot }) => snapshot));
  const modules = context.options.trust?.areModulesProven === true ? modulePacks(untrusted, own.packs) : [];
  const united = uniteAll([own, { ...NOTHING_UNITED, packs: modules }]);
  const entriesByPack = new Map<Digest, readonly Entry[]>();
  await forEachLimited(united.packs, { concurrency: 6, signal: context.signal }, async (pack) => {
    const entries = await readEntries(context, pack);
    if (typeof entries === 'string') warnings.push(`pack ${pack.digest.slice(0, 19)}… is left out: ${entries}`);
    else entriesByPack.set(pack.digest, entries);
  });
  const signed = new Set(heads.filter(isSigned).flatMap(({ snapshot }) => snapshot.packs.map(({ digest }) => digest)));
  return {
    heads,
    united,
    packs: united.packs.filter(({ digest }) => entriesByPack.has(digest)),
    entriesByPack,
    lost: new Set(),
    covered: coveredBy(heads, untrusted, context.options.scopes.write),
    untrusted,
    unsigned: new Set(united.packs.map(({ digest }) => digest).filter((digest) => !signed.has(digest))),
    warnings,
  };
}

/**
 * Modules prove themselves by go.sum, whoever stored them, so those of untrusted snapshots may be used where that is
 * checked. What a signed snapshot says of a pack counts more than what they say of it.
 */
function modulePacks(untrusted: readonly UntrustedSnapshot[], known: readonly PackRecord[]): readonly PackRecord[] {
  const isKnown = new Set(known.map(({ digest }) => digest));
  const packs = uniteSnapshots(untrusted.map(({ snapshot }) => snapshot)).packs;
  return packs.filter(({ kind, digest }) => kind === 'gomodcache' && !isKnown.has(digest));
}

/**
 * The state as its signed snapshots alone tell it: what may go into a snapshot that is signed. Whatever else the mounts
 * hold counts as new.
 */
export function signedPart(state: StoredState, writeScope: string): StoredState {
  const heads = state.heads.filter(isSigned);
  const here = new Set(state.packs.map(({ digest }) => digest));
  const united = uniteSnapshots(heads.map(({ snapshot }) => snapshot));
  return {
    ...state,
    heads,
    united,
    packs: united.packs.filter(({ digest }) => here.has(digest)),
    covered: coveredBy(heads, state.untrusted, writeScope),
    unsigned: new Set(),
  };
}

/** What no trusted key ever vouched for, or not lately, is passed over for good; what a signature fails on stays to be seen. */
const SUPERSEDED = new Set(['unsigned', 'expired']);

function coveredBy(
  heads: readonly StoredHead[],
  untrusted: readonly UntrustedSnapshot[],
  scope: string,
): ReadonlySet<string> {
  const written = heads.filter(({ name }) => name.scope === scope);
  const passed = untrusted.filter(({ name, problem }) => name.scope === scope && SUPERSEDED.has(problem));
  return new Set([
    ...written.flatMap(({ name, snapshot }) => [formatSnapshotKey(name), ...snapshot.merged]),
    ...passed.map(({ name }) => formatSnapshotKey(name)),
  ]);
}

function isSigned(head: StoredHead): boolean {
  return head.isSigned;
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

/** The entries of a pack, or why they can't be had. */
async function readEntries(context: StoreContext, pack: PackRecord): Promise<readonly Entry[] | string> {
  const directory = path.join(context.workDirectory, 'lists');
  const blob = layerBlob(pack.entryList);
  const options = { directory, signal: context.signal, clock: context.clock };
  const outcome = await downloadToDirectory(context.store, blob, options);
  if (outcome === 'missing' || outcome === 'corrupt') return `its entry list is ${outcome}`;
  try {
    const bytes = await readFile(blobFile(directory, blob.digest));
    const { kind, representation, entryCount } = pack;
    return decodeEntryList(bytes, { packDigest: pack.digest, kind, representation, entryCount });
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
