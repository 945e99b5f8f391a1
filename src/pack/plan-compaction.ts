import type { Digest } from '../core/digest.ts';
import type { MountKind } from '../core/mount-kind.ts';
import { type NewPack, recordOf } from './plan-snapshot.ts';
import type { Entry, PackRecord, Representation, Snapshot } from './types.ts';

export interface CompactionOptions {
  /** An entry that this many saved builds running did not use is dead. */
  readonly unusedBuilds: number;
  /** Share of the bytes a restore moves that may be dead or there twice. */
  readonly maxWaste: number;
  readonly maxPacks: number;
  /** A rewrite makes no larger packs than this, so that they still move side by side. */
  readonly maxPackBytes: number;
  /** Packs that stay as they are, unless nothing of them is needed: a scope that this one falls back to sees to them. */
  readonly fixed: ReadonlySet<Digest>;
}

export const DEFAULT_COMPACTION: CompactionOptions = {
  unusedBuilds: 8,
  maxWaste: 0.12,
  maxPacks: 16,
  maxPackBytes: 64 * 1024 ** 2,
  fixed: new Set(),
};

export interface CompactionPlan {
  /** Each is rewritten into one pack of the entries in `keep`. */
  readonly groups: readonly CompactionGroup[];
  /** Packs without a living entry: they leave the snapshot and cost nothing. */
  readonly dropped: readonly Digest[];
  /** Share of waste before, 0 to 1, without that of packs that are fixed. */
  readonly waste: number;
}

export interface CompactionGroup {
  readonly kind: MountKind;
  readonly representation: Representation;
  readonly sources: readonly Digest[];
  readonly keep: ReadonlySet<string>;
  /** What the new pack will have, from the old ones' rates of compression. */
  readonly estimatedBytes: number;
}

/**
 * Which packs to write anew, or undefined when all is well. Two reasons, each with a brake, since every byte rewritten
 * is a byte uploaded:
 * - Waste above `maxWaste`: the worst packs first, until a third of the allowance is left, so that it lasts a while.
 * - More than `maxPacks`: small packs are merged as in a log-structured merge tree. A pack joins a merge only if it is
 *   not much larger than what is merged already, so one small save never drags a large pack along.
 */
export function planCompaction(
  packs: readonly PackRecord[],
  entriesByPack: ReadonlyMap<Digest, readonly Entry[]>,
  options: Partial<CompactionOptions> = {},
): CompactionPlan | undefined {
  const rules = { ...DEFAULT_COMPACTION, ...options };
  const facts = weighPacks(packs, entriesByPack, rules);
  const total = sum(facts.map((fact) => fact.pack.sizeBytes));
  const own = facts.filter(({ pack }) => !rules.fixed.has(pack.digest));
  const waste = total === 0 ? 0 : sum(own.map((fact) => fact.wasteBytes)) / total;
  const dropped = facts.filter((fact) => fact.keep?.size === 0);
  const rest = without(own, dropped);
  const wasteful = waste > rules.maxWaste ? chooseWasteful(rest, rules) : [];
  const groups = groupBySize(wasteful, rules.maxPackBytes);
  const others = groups.length + without(facts, [...dropped, ...rest]).length;
  const merges = planMerges(without(rest, wasteful), others, rules);
  const rewritten = [...groups, ...merges];
  const all = decideKeeps(rewritten, without(facts, [...dropped, ...rewritten.flat()]));
  const useful = all.filter((group) => group.keep.size > 0);
  const gone = [
    ...dropped.map((fact) => fact.pack.digest),
    ...all.filter((group) => group.keep.size === 0).flatMap((group) => group.sources),
  ];
  return useful.length + gone.length === 0 ? undefined : { groups: useful, dropped: gone, waste };
}

/** The snapshot after the plan was carried out: `rewritten` holds one pack per group. An entry is as old as its youngest record was. */
export function compactSnapshot(
  snapshot: Snapshot,
  entriesByPack: ReadonlyMap<Digest, readonly Entry[]>,
  change: { readonly plan: CompactionPlan; readonly rewritten: readonly NewPack[] },
): Snapshot {
  const gone = new Set([...change.plan.dropped, ...change.plan.groups.flatMap((group) => group.sources)]);
  // A pack that stays may hold the only copy left of an entry whose younger record was in a pack that goes.
  const ages = youngestAges(snapshot.packs, entriesByPack);
  const agesOf = (kind: MountKind, entries: readonly Entry[]): Uint8Array =>
    Uint8Array.from(entries, (entry) => ages.get(keyOf(kind, entry.path)) ?? 0);
  const rewritten = change.rewritten.map((pack) => recordOf(pack, agesOf(pack.facts.kind, pack.facts.entries)));
  const isRewritten = new Set(rewritten.map((pack) => pack.digest));
  const kept = snapshot.packs
    .filter((pack) => !gone.has(pack.digest) && !isRewritten.has(pack.digest))
    .map((pack) => {
      const entries = entriesByPack.get(pack.digest);
      return entries === undefined ? pack : { ...pack, ages: agesOf(pack.kind, entries) };
    });
  return { ...snapshot, packs: [...kept, ...rewritten] };
}

/**
 * The packs that a restore needs: without those of which every entry is dead or in a better pack too. A branch that fell
 * behind names packs that the default branch has written anew, and both hold the same.
 */
export function choosePacks(
  packs: readonly PackRecord[],
  entriesByPack: ReadonlyMap<Digest, readonly Entry[]>,
  options: Partial<CompactionOptions> = {},
): readonly PackRecord[] {
  const weighed = weighPacks(packs, entriesByPack, { ...DEFAULT_COMPACTION, ...options });
  const needless = new Set(weighed.filter(({ keep }) => keep?.size === 0).map(({ pack }) => pack.digest));
  return packs.filter(({ digest }) => !needless.has(digest));
}

/** Bytes of these packs that are dead or there twice, by the rules of compaction. */
export function measureWaste(
  packs: readonly PackRecord[],
  entriesByPack: ReadonlyMap<Digest, readonly Entry[]>,
): number {
  return Math.round(sum(weighPacks(packs, entriesByPack, DEFAULT_COMPACTION).map((fact) => fact.wasteBytes)));
}

interface WeighedPack {
  readonly pack: PackRecord;
  /** Living entries that no better pack has too; undefined where the entry list is not at hand, so hands off. */
  readonly keep: ReadonlySet<string> | undefined;
  /** Living entries, those that a better pack has too included. */
  readonly living: readonly Entry[];
  /** Bytes of the pack per byte of its tar. */
  readonly rate: number;
  readonly wasteBytes: number;
}

function weighPacks(
  packs: readonly PackRecord[],
  entriesByPack: ReadonlyMap<Digest, readonly Entry[]>,
  rules: CompactionOptions,
): WeighedPack[] {
  const ages = youngestAges(packs, entriesByPack);
  const isAlive = (pack: PackRecord, entry: Entry): boolean =>
    (ages.get(keyOf(pack.kind, entry.path)) ?? 0) < rules.unusedBuilds;
  const taken = new Set<string>();
  return orderByWorth(packs, entriesByPack, isAlive).map((pack) => {
    const entries = entriesByPack.get(pack.digest);
    if (entries === undefined) return { pack, keep: undefined, living: [], rate: 1, wasteBytes: 0 };
    const living = entries.filter((entry) => isAlive(pack, entry));
    const keep = new Set<string>();
    let keptBytes = 0;
    for (const entry of living) {
      const key = keyOf(pack.kind, entry.path);
      if (taken.has(key)) continue;
      taken.add(key);
      keep.add(entry.path);
      keptBytes += tarBytes(entry);
    }
    const allBytes = sum(entries.map(tarBytes));
    const rate = pack.sizeBytes / Math.max(1, allBytes);
    const wasteBytes = allBytes === 0 ? pack.sizeBytes : (pack.sizeBytes * (allBytes - keptBytes)) / allBytes;
    return { pack, keep, living, rate, wasteBytes };
  });
}

/** Steps of a twentieth: two packs that hardly differ in what is alive are told apart by their size. */
const WORTH_STEPS = 20;

/**
 * An entry that is there twice is kept by the pack with the larger share of living ones: the other is an old pack of
 * which this one was written anew. Of equals the larger one keeps it, which is the last to be rewritten.
 */
function orderByWorth(
  packs: readonly PackRecord[],
  entriesByPack: ReadonlyMap<Digest, readonly Entry[]>,
  isAlive: (pack: PackRecord, entry: Entry) => boolean,
): readonly PackRecord[] {
  const worths = new Map(
    packs.map((pack) => {
      const entries = entriesByPack.get(pack.digest) ?? [];
      const living = sum(entries.filter((entry) => isAlive(pack, entry)).map(tarBytes));
      return [pack.digest, Math.round((WORTH_STEPS * living) / Math.max(1, sum(entries.map(tarBytes))))];
    }),
  );
  const worthOf = (pack: PackRecord): number => worths.get(pack.digest) ?? 0;
  return packs.toSorted(
    (a, b) => worthOf(b) - worthOf(a) || b.sizeBytes - a.sizeBytes || (a.digest < b.digest ? -1 : 1),
  );
}

/** Worst share of waste first, until what is left is a third of what is allowed. */
function chooseWasteful(facts: readonly WeighedPack[], rules: CompactionOptions): WeighedPack[] {
  const total = sum(facts.map((fact) => fact.pack.sizeBytes));
  let waste = sum(facts.map((fact) => fact.wasteBytes));
  let bytes = total;
  const chosen: WeighedPack[] = [];
  const worstFirst = facts
    .filter((fact) => fact.keep !== undefined && fact.wasteBytes > 0)
    .sort((a, b) => b.wasteBytes / b.pack.sizeBytes - a.wasteBytes / a.pack.sizeBytes);
  for (const fact of worstFirst) {
    if (waste <= (bytes * rules.maxWaste) / 3) break;
    chosen.push(fact);
    waste -= fact.wasteBytes;
    bytes -= fact.wasteBytes;
  }
  return chosen;
}

/** Only packs of one kind and representation can be written into one. */
function groupAlike(facts: readonly WeighedPack[]): readonly (readonly WeighedPack[])[] {
  const groups = SORTS.map(([kind, representation]) =>
    facts.filter(({ pack }) => pack.kind === kind && pack.representation === representation),
  );
  return groups.filter(({ length }) => length > 0);
}

const SORTS: readonly (readonly [MountKind, Representation])[] = [
  ['gocache', 'files'],
  ['gomodcache', 'files'],
  ['gomodcache', 'trees'],
  ['gomodcache', 'tree-index'],
];

/** Fills groups of one kind up to `maxBytes`, small packs first. */
function groupBySize(facts: readonly WeighedPack[], maxBytes: number): WeighedPack[][] {
  const groups: WeighedPack[][] = [];
  for (const alike of groupAlike(facts)) {
    let group: WeighedPack[] = [];
    for (const fact of alike.toSorted((a, b) => livingBytes(a) - livingBytes(b))) {
      if (group.length > 0 && sum(group.map(livingBytes)) + livingBytes(fact) > maxBytes) {
        groups.push(group);
        group = [];
      }
      group.push(fact);
    }
    if (group.length > 0) groups.push(group);
  }
  return groups;
}

/** A merge of fewer packs that doesn't bring the count down to what is allowed would come again with the next save. */
const MIN_MERGE = 4;
/** So many small packs may lie beside large ones, however many those are. */
const FEW_SMALL = 12;
/** A pack joins a merge while it is at most this many times what is in it already. */
const MAX_GROWTH = 2;
/** A pack of a quarter of what a rewrite makes at most is large: to merge it costs more than its requests ever will. */
const LARGE_PART = 4;
/** Packs up to this are small whatever they are merged with. */
const SMALL_BYTES = 1024 ** 2;

/**
 * Merges per kind, until the count is three quarters of what is allowed: then a while nothing needs to be done. Where
 * there are many large packs, as after a new Go, their number is left as it is, with room for a few small ones.
 */
function planMerges(all: readonly WeighedPack[], otherPacks: number, rules: CompactionOptions): WeighedPack[][] {
  const facts = all.filter(({ pack }) => pack.sizeBytes < rules.maxPackBytes / LARGE_PART);
  const large = all.length - facts.length + otherPacks;
  const limit = Math.max(rules.maxPacks, large + FEW_SMALL);
  let count = facts.length + large;
  if (count <= limit) return [];
  const target = Math.max(Math.ceil(rules.maxPacks * 0.75), large + 1);
  const isUrgent = facts.length > 2 * rules.maxPacks;
  const merges: WeighedPack[][] = [];
  const runs = groupAlike(facts.filter(({ keep }) => keep !== undefined))
    .map(ascending)
    .sort((a, b) => b.length - a.length);
  for (const candidates of runs) {
    if (count <= target) break;
    const merge = takeRun(candidates, count - target + 1, isUrgent);
    const isWorth = merge.length >= MIN_MERGE || (merge.length > 1 && count - merge.length + 1 <= limit);
    if (!isWorth && !(isUrgent && merge.length > 1)) continue;
    merges.push(merge);
    count -= merge.length - 1;
  }
  return merges;
}

function takeRun(candidates: readonly WeighedPack[], most: number, isUrgent: boolean): WeighedPack[] {
  const run: WeighedPack[] = [];
  let bytes = 0;
  for (const fact of candidates) {
    const isSmall = fact.pack.sizeBytes <= SMALL_BYTES;
    if (run.length >= most && !isSmall) break;
    if (run.length > 0 && !isUrgent && !isSmall && fact.pack.sizeBytes > MAX_GROWTH * bytes) break;
    run.push(fact);
    bytes += livingBytes(fact);
  }
  return run;
}

function ascending(facts: readonly WeighedPack[]): WeighedPack[] {
  return [...facts].sort((a, b) => a.pack.sizeBytes - b.pack.sizeBytes || (a.pack.digest < b.pack.digest ? -1 : 1));
}

/**
 * What each group shall hold: its living entries, less those that a pack which stays has too, or a group before it.
 * So every living entry is in the next snapshot, and those that were written anew only once.
 */
function decideKeeps(groups: readonly WeighedPack[][], staying: readonly WeighedPack[]): CompactionGroup[] {
  const taken = new Set<string>();
  for (const { pack, living } of staying) for (const entry of living) taken.add(keyOf(pack.kind, entry.path));
  return groups.map((facts) => {
    const { kind = 'gocache', representation = 'files' } = facts[0]?.pack ?? {};
    const keep = new Set<string>();
    let estimatedBytes = 0;
    for (const fact of facts) {
      for (const entry of fact.living) {
        const key = keyOf(kind, entry.path);
        if (taken.has(key)) continue;
        taken.add(key);
        keep.add(entry.path);
        estimatedBytes += tarBytes(entry) * fact.rate;
      }
    }
    return {
      kind,
      representation,
      sources: facts.map((fact) => fact.pack.digest),
      keep,
      estimatedBytes: Math.round(estimatedBytes),
    };
  });
}

function without(facts: readonly WeighedPack[], some: readonly WeighedPack[]): WeighedPack[] {
  return facts.filter((fact) => !some.includes(fact));
}

function youngestAges(
  packs: readonly PackRecord[],
  entriesByPack: ReadonlyMap<Digest, readonly Entry[]>,
): Map<string, number> {
  const ages = new Map<string, number>();
  for (const pack of packs) {
    for (const [index, entry] of (entriesByPack.get(pack.digest) ?? []).entries()) {
      const key = keyOf(pack.kind, entry.path);
      ages.set(key, Math.min(pack.ages[index] ?? 0, ages.get(key) ?? Number.POSITIVE_INFINITY));
    }
  }
  return ages;
}

function keyOf(kind: MountKind, path: string): string {
  return `${kind}/${path}`;
}

/** What an entry takes in the tar: its header and its content, padded. */
function tarBytes(entry: Entry): number {
  return 512 + Math.ceil(entry.sizeBytes / 512) * 512;
}

function livingBytes(fact: WeighedPack): number {
  return fact.pack.sizeBytes - fact.wasteBytes;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
