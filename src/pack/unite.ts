import { buildsAt } from './build-place.ts';
import type { BuildRecord, PackRecord, Snapshot } from './types.ts';

/** Several snapshots seen as one. */
export interface UnitedSnapshots {
  /** Of distinct digests, sorted by digest; an entry is as old as the youngest of its records. */
  readonly packs: readonly PackRecord[];
  readonly history: readonly BuildRecord[];
  /** Of the newest snapshot. */
  readonly owners: Snapshot['owners'];
  readonly facts: Snapshot['facts'];
  /** The snapshot that `owners` and `facts` are from. */
  readonly newest: Stamp | undefined;
}

export interface Stamp {
  readonly scope: string;
  readonly sequence: number;
  readonly nonce: string;
  readonly createdAtMs: number;
}

export const NOTHING_UNITED: UnitedSnapshots = { packs: [], history: [], owners: {}, facts: {}, newest: undefined };

const MAX_HISTORY = 20;

/** The union of snapshots: the order, the grouping and repetitions don't matter, so writers need no lock. */
export function uniteSnapshots(snapshots: readonly Snapshot[]): UnitedSnapshots {
  return uniteAll(
    snapshots.map(({ packs, history, owners, facts, scope, sequence, nonce, createdAtMs }) => ({
      packs,
      history,
      owners,
      facts,
      newest: { scope, sequence, nonce, createdAtMs },
    })),
  );
}

export function uniteAll(parts: readonly UnitedSnapshots[]): UnitedSnapshots {
  const packs = new Map<string, PackRecord>();
  for (const pack of parts.flatMap((part) => part.packs)) {
    const other = packs.get(pack.digest);
    packs.set(pack.digest, other === undefined ? pack : unitePacks(other, pack));
  }
  const newest = parts.reduce<UnitedSnapshots>((a, b) => (compareStamps(a, b) >= 0 ? a : b), NOTHING_UNITED);
  return {
    packs: [...packs.values()].sort((a, b) => compareText(a.digest, b.digest)),
    history: uniteHistories(parts.flatMap((part) => part.history)),
    owners: newest.owners,
    facts: newest.facts,
    newest: newest.newest,
  };
}

/** The newest 20 builds, and always the newest cold one of each place, which the others are compared with. Newest first. */
export function uniteHistories(builds: readonly BuildRecord[]): readonly BuildRecord[] {
  const distinct = new Map(builds.map((build) => [keyOf(build), build]));
  const sorted = [...distinct]
    .sort(([a, x], [b, y]) => y.finishedAtMs - x.finishedAtMs || compareText(b, a))
    .map(([, build]) => build);
  const places = (['builder', 'host'] as const).map((place) => buildsAt(place, sorted));
  const cold = places.flatMap((atPlace) => atPlace.find(({ isCold }) => isCold) ?? []);
  const others = sorted.filter((build) => !cold.includes(build)).slice(0, MAX_HISTORY - cold.length);
  const kept = new Set([...cold, ...others]);
  return sorted.filter((build) => kept.has(build));
}

/**
 * Two records of one digest differ in their ages only, or one of them is wrong. Which one can't be told here, so the
 * choice is a fixed one; the entry list and the pack's own bytes are checked when they are read.
 */
function unitePacks(a: PackRecord, b: PackRecord): PackRecord {
  if (a.entryCount !== b.entryCount) return a.entryCount < b.entryCount ? a : b;
  const base = compareText(recordKey(a), recordKey(b)) <= 0 ? a : b;
  return { ...base, ages: a.ages.map((age, index) => Math.min(age, b.ages[index] ?? age)) };
}

function recordKey(pack: PackRecord): string {
  const { kind, representation, sizeBytes, diffId, uncompressedBytes, entryList } = pack;
  return JSON.stringify([
    kind,
    representation,
    sizeBytes,
    diffId,
    uncompressedBytes,
    entryList.digest,
    entryList.sizeBytes,
    entryList.diffId,
  ]);
}

function keyOf(build: BuildRecord): string {
  const { finishedAtMs, buildSeconds, restoreSeconds, restoredBytes, isCold } = build;
  const { restored, downloadSeconds, injectedBytes, injectSeconds } = build;
  const more = [restored, downloadSeconds, injectedBytes, injectSeconds, build.place];
  return JSON.stringify([finishedAtMs, buildSeconds, restoreSeconds, restoredBytes, isCold, ...more]);
}

/** By sequence first: clocks differ between workers. */
function compareStamps(a: UnitedSnapshots, b: UnitedSnapshots): number {
  if (a.newest === undefined || b.newest === undefined)
    return (a.newest === undefined ? 0 : 1) - (b.newest === undefined ? 0 : 1);
  return (
    a.newest.sequence - b.newest.sequence ||
    a.newest.createdAtMs - b.newest.createdAtMs ||
    compareText(a.newest.nonce, b.newest.nonce) ||
    compareText(a.newest.scope, b.newest.scope)
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
