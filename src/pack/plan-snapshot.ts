import type { Digest } from '../core/digest.ts';
import type { MountKind } from '../core/mount-kind.ts';
import { MAX_AGE } from './ages.ts';
import type { BuildRecord, Entry, LayerRecord, PackFacts, PackRecord, Snapshot } from './types.ts';
import { type UnitedSnapshots, uniteHistories } from './unite.ts';

/** A pack that was just made, with its entry list. */
export interface NewPack {
  readonly facts: PackFacts;
  readonly entryList: LayerRecord;
}

export interface PlanSnapshotInput {
  readonly scope: string;
  readonly sequence: number;
  readonly nonce: string;
  readonly createdAtMs: number;
  readonly merged: readonly string[];
  /** What the builder's mounts were filled from, and what else the scope holds. */
  readonly united: UnitedSnapshots;
  /** By pack digest; a pack that is not in it keeps its ages. */
  readonly entriesByPack: ReadonlyMap<Digest, readonly Entry[]>;
  /** Paths the build used, by kind. Where a kind is absent the use is unknown, and its ages stay. */
  readonly used: { readonly [kind in MountKind]?: ReadonlySet<string> };
  readonly newPacks: readonly NewPack[];
  readonly build?: BuildRecord;
  readonly owners: Snapshot['owners'];
  readonly facts: Snapshot['facts'];
}

/** The next snapshot: all packs at hand, used entries young again, the others one build older, new ones of age 0. */
export function planSnapshot(input: PlanSnapshotInput): Snapshot {
  const newPacks = input.newPacks.map((pack) => recordOf(pack, new Uint8Array(pack.facts.entries.length)));
  const isNew = new Set(newPacks.map((pack) => pack.digest));
  const oldPacks = input.united.packs
    .filter((pack) => !isNew.has(pack.digest))
    .map((pack) => ({ ...pack, ages: nextAges(pack, input.entriesByPack.get(pack.digest), input.used[pack.kind]) }));
  return {
    formatVersion: 1,
    scope: input.scope,
    sequence: input.sequence,
    nonce: input.nonce,
    createdAtMs: input.createdAtMs,
    merged: [...new Set(input.merged)].sort(),
    packs: [...oldPacks, ...newPacks],
    history: uniteHistories([...input.united.history, ...(input.build === undefined ? [] : [input.build])]),
    owners: { ...input.united.owners, ...input.owners },
    facts: input.facts,
  };
}

/** What a snapshot records of a pack. `ages` are in the order of the pack's entries. */
export function recordOf(pack: NewPack, ages: Uint8Array): PackRecord {
  const { kind, representation, compression, digest, sizeBytes, diffId, uncompressedBytes, entries } = pack.facts;
  return {
    kind,
    representation,
    ...(compression === undefined ? {} : { compression }),
    digest,
    sizeBytes,
    diffId,
    uncompressedBytes,
    entryCount: entries.length,
    entryList: pack.entryList,
    ages,
  };
}

function nextAges(
  pack: PackRecord,
  entries: readonly Entry[] | undefined,
  used: ReadonlySet<string> | undefined,
): Uint8Array {
  if (entries === undefined || used === undefined) return pack.ages;
  return pack.ages.map((age, index) => (used.has(entries[index]?.path ?? '') ? 0 : Math.min(age + 1, MAX_AGE)));
}
