import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Digest } from '../../../src/core/digest.ts';
import type { MountKind } from '../../../src/core/mount-kind.ts';
import { choosePacks, compactSnapshot, planCompaction } from '../../../src/pack/plan-compaction.ts';
import { type NewPack, planSnapshot } from '../../../src/pack/plan-snapshot.ts';
import type { Entry, PackRecord, Snapshot } from '../../../src/pack/types.ts';
import { uniteSnapshots } from '../../../src/pack/unite.ts';
import { entriesOf, packRecord, snapshotOf } from './snapshot-fixtures.ts';

const MB = 1_000_000;

interface Stored {
  readonly packs: readonly PackRecord[];
  readonly entries: ReadonlyMap<Digest, readonly Entry[]>;
}

interface PackSpec {
  readonly name: string;
  readonly kind?: MountKind;
  readonly sizeBytes?: number;
  /** Name of an entry -> its age. */
  readonly entries: Readonly<Record<string, number>>;
}

function stored(specs: readonly PackSpec[]): Stored {
  const entries = new Map<Digest, readonly Entry[]>();
  const packs = specs.map((spec) => {
    const byPath = new Map(Object.entries(spec.entries).map(([name, age]) => [entriesOf([name])[0]?.path, age]));
    const list = entriesOf(Object.keys(spec.entries));
    const ages = list.map((entry) => byPath.get(entry.path) ?? 0);
    const pack = packRecord(spec.name, { kind: spec.kind, sizeBytes: spec.sizeBytes ?? MB, ages });
    entries.set(pack.digest, list);
    return pack;
  });
  return { packs, entries };
}

function plan({ packs, entries }: Stored, options = {}) {
  return planCompaction(packs, entries, options);
}

/** Names, for assertions that can be read. */
function namesOf(digests: readonly Digest[], names: readonly string[]): string[] {
  return digests.map((digest) => names.find((name) => packRecord(name).digest === digest) ?? '?').sort();
}

function agesWith(dead: number, alive: number, prefix = ''): Record<string, number> {
  const pairs = Array.from(
    { length: dead + alive },
    (_, index) => [`${prefix}${index}`, index < dead ? 9 : 0] as const,
  );
  return Object.fromEntries(pairs);
}

describe('waste', () => {
  test('nothing is done up to 12 %, and something above', () => {
    expect(plan(stored([{ name: 'a', entries: agesWith(12, 88) }]))).toBeUndefined();
    const found = plan(stored([{ name: 'a', entries: agesWith(13, 87) }]));
    expect(found?.waste).toBeCloseTo(0.13);
    expect(found?.groups).toHaveLength(1);
    expect(found?.groups[0]?.keep.size).toBe(87);
    expect(found?.groups[0]?.estimatedBytes).toBeCloseTo(0.87 * MB, -1);
  });

  test('an entry is dead after eight builds without use, not after seven', () => {
    const entries = (age: number): Record<string, number> => ({ a: age, b: 0 });
    expect(plan(stored([{ name: 'a', entries: entries(7) }]))).toBeUndefined();
    expect(plan(stored([{ name: 'a', entries: entries(8) }]))?.groups[0]?.keep).toEqual(
      new Set(entriesOf(['b']).map((e) => e.path)),
    );
  });

  test('only packs with much waste are written anew', () => {
    const found = plan(
      stored([
        { name: 'good', sizeBytes: 60 * MB, entries: agesWith(1, 99, 'g') },
        { name: 'bad', sizeBytes: 50 * MB, entries: agesWith(80, 20, 'b') },
      ]),
    );
    expect(namesOf(found?.groups.flatMap((group) => group.sources) ?? [], ['good', 'bad'])).toEqual(['bad']);
  });

  test('entries that two savers both wrote count as waste, and one copy stays', () => {
    const same = agesWith(0, 10);
    const both = stored([
      { name: 'one', sizeBytes: 2 * MB, entries: { ...same, extra: 0 } },
      { name: 'two', sizeBytes: 2 * MB - 1, entries: { ...same, other: 0 } },
    ]);
    const found = plan(both);
    expect(found?.waste).toBeGreaterThan(0.4);
    const sources = new Set([...(found?.groups.flatMap((group) => group.sources) ?? []), ...(found?.dropped ?? [])]);
    expect(livingPaths(both, sources, found?.groups ?? [])).toEqual(
      new Set(entriesOf([...Object.keys(same), 'extra', 'other']).map((e) => e.path)),
    );
  });

  test('a used copy keeps an entry alive in whichever pack', () => {
    const found = plan(
      stored([
        { name: 'one', entries: { a: 9, ...agesWith(0, 30, 'b') } },
        { name: 'two', entries: { a: 0, ...agesWith(0, 30, 'c') } },
      ]),
    );
    expect(found).toBeUndefined();
  });

  test('of a pack and what it was written anew as, the new one stays and the old one leaves for nothing', () => {
    // The old one is the larger, and half of it is dead.
    const both = stored([
      { name: 'old', sizeBytes: 80 * MB, entries: agesWith(50, 50) },
      { name: 'new', sizeBytes: 40 * MB, entries: Object.fromEntries(Object.entries(agesWith(50, 50)).slice(50)) },
    ]);
    const found = plan(both);
    expect(found?.groups).toEqual([]);
    expect(namesOf(found?.dropped ?? [], ['old', 'new'])).toEqual(['old']);
    expect(
      namesOf(
        choosePacks(both.packs, both.entries).map(({ digest }) => digest),
        ['old', 'new'],
      ),
    ).toEqual(['new']);
  });

  test('a restore leaves out what is dead or elsewhere, and nothing that may be used', () => {
    const state = stored([
      { name: 'base', sizeBytes: 60 * MB, entries: { a: 0, b: 7 } },
      { name: 'dead', entries: { c: 8, d: 9 } },
      { name: 'copy', entries: { a: 0 } },
      { name: 'edit', entries: { e: 7 } },
    ]);
    const chosen = choosePacks(state.packs, state.entries).map(({ digest }) => digest);
    expect(namesOf(chosen, ['base', 'dead', 'copy', 'edit'])).toEqual(['base', 'edit']);
    const unread = new Map([...state.entries].filter(([digest]) => digest !== packRecord('dead').digest));
    expect(choosePacks(state.packs, unread)).toHaveLength(3);
  });

  test('packs that are all waste leave for nothing, whatever the share', () => {
    const found = plan(
      stored([
        { name: 'base', sizeBytes: 300 * MB, entries: agesWith(0, 50) },
        { name: 'dead', sizeBytes: 0.4 * MB, entries: { x: 8, y: 9 } },
        { name: 'copy', sizeBytes: 0.4 * MB, entries: { 1: 0, 2: 0 } },
      ]),
    );
    expect(found?.groups).toEqual([]);
    expect(namesOf(found?.dropped ?? [], ['base', 'dead', 'copy'])).toEqual(['copy', 'dead']);
  });

  test('a rewrite is split so that packs still move side by side', () => {
    const specs = Array.from({ length: 8 }, (_, index) => ({
      name: `${index}`,
      sizeBytes: 80 * MB,
      entries: agesWith(5, 5, `${index}-`),
    }));
    const found = plan(stored(specs));
    expect(found?.groups.length).toBeGreaterThan(3);
    expect(found?.groups.every((group) => group.estimatedBytes <= 64 * 1024 ** 2)).toBe(true);
  });

  test('kinds are not mixed', () => {
    const found = plan(
      stored([
        { name: 'a', entries: agesWith(9, 1, 'a') },
        { name: 'b', kind: 'gomodcache', entries: agesWith(9, 1, 'b') },
      ]),
    );
    expect(found?.groups.map((group) => group.kind).sort()).toEqual(['gocache', 'gomodcache']);
  });

  test('a pack without its entry list is left alone', () => {
    const { packs, entries } = stored([
      { name: 'known', entries: agesWith(9, 1, 'a') },
      { name: 'unknown', entries: agesWith(9, 1, 'b') },
    ]);
    const known = new Map([...entries].slice(0, 1));
    expect(
      namesOf(planCompaction(packs, known)?.groups.flatMap((group) => group.sources) ?? [], ['known', 'unknown']),
    ).toEqual(['known']);
  });
});

describe('the number of packs', () => {
  const many = (count: number, sizeBytes: number, prefix: string): PackSpec[] =>
    Array.from({ length: count }, (_, index) => ({
      name: `${prefix}${index}`,
      sizeBytes: sizeBytes + index,
      entries: { [`${prefix}${index}`]: 0, [`${prefix}${index}'`]: 0 },
    }));
  const uploads = (found: ReturnType<typeof plan>): number =>
    (found?.groups ?? []).reduce((sum, group) => sum + group.estimatedBytes, 0);

  test('16 are fine, 17 are not', () => {
    expect(plan(stored(many(16, 0.4 * MB, 's')))).toBeUndefined();
    const found = plan(stored(many(17, 0.4 * MB, 's')));
    expect(found?.groups).toHaveLength(1);
    expect(found?.groups[0]?.sources.length).toBeGreaterThan(4);
  });

  test('small packs are merged, the base is left where it is', () => {
    const found = plan(stored([...many(12, 37 * MB, 'base'), ...many(13, 0.4 * MB, 's')]));
    expect(found?.groups).toHaveLength(1);
    expect(found?.groups[0]?.sources).toHaveLength(13);
    expect(uploads(found)).toBeLessThan(5.3 * MB);
  });

  test('beside large packs twelve small ones wait for company', () => {
    const base = many(16, 20 * MB, 'base');
    expect(plan(stored([...base, ...many(1, 0.4 * MB, 's')]))).toBeUndefined();
    expect(plan(stored([...base, ...many(12, 0.4 * MB, 's')]))).toBeUndefined();
    expect(uploads(plan(stored([...base, ...many(13, 0.4 * MB, 's')])))).toBeLessThan(5.3 * MB);
  });

  test('what a fallback names stays as it is, and leaves only when nothing of it is needed', () => {
    const state = stored([
      { name: 'fallback', sizeBytes: 50 * MB, entries: agesWith(40, 60, 'f') },
      { name: 'dead', entries: { x: 9 } },
      ...many(17, 0.4 * MB, 's'),
    ]);
    const names = ['fallback', 'dead', ...many(17, 0, 's').map(({ name }) => name)];
    const fixed = new Set([packRecord('fallback').digest, packRecord('dead').digest, packRecord('s0').digest]);
    expect(namesOf(plan(state)?.groups.flatMap(({ sources }) => sources) ?? [], names)).toContain('fallback');
    const found = plan(state, { fixed });
    const rewritten = found?.groups.flatMap(({ sources }) => sources) ?? [];
    expect(rewritten.length).toBeGreaterThan(4);
    expect(rewritten.filter((digest) => fixed.has(digest))).toEqual([]);
    expect(namesOf(found?.dropped ?? [], names)).toEqual(['dead']);
  });

  test('17 packs of one size: only as many as needed', () => {
    const found = plan(stored(many(17, 10 * MB, 'base')));
    expect(uploads(found)).toBeLessThan(7 * 10 * MB);
    expect(found?.groups[0]?.sources).toHaveLength(6);
  });

  test('large packs stay as they are, however many: the next Go makes a second set of them', () => {
    const two = many(24, 37 * MB, 'base');
    expect(plan(stored(two))).toBeUndefined();
    const found = plan(stored([...two, ...many(13, 0.4 * MB, 's')]));
    expect(found?.groups[0]?.sources).toHaveLength(13);
    expect(uploads(found)).toBeLessThan(5.3 * MB);
  });

  test('twice as many as allowed are merged whatever it costs', () => {
    const one = many(1, 1.2 * MB, 'small');
    expect(plan(stored([...one, ...many(31, 10 * MB, 'x')]))).toBeUndefined();
    expect(plan(stored([...one, ...many(32, 10 * MB, 'x')]))?.groups[0]?.sources.length).toBeGreaterThan(20);
  });

  test('the cost of a year of one-line edits stays small', () => {
    // Each save adds 0.4 MB of which two thirds are used once more; every seventh edit touches something that stays.
    let state = stored(many(12, 37 * MB, 'base'));
    let uploaded = 0;
    let worst = 0;
    let most = 0;
    for (let build = 0; build < 365; build++) {
      const fresh = stored([
        {
          name: `edit${build}`,
          sizeBytes: 0.4 * MB,
          entries: { [`k${build}`]: 0, [`x${build}`]: 0, [`y${build}`]: 0 },
        },
      ]);
      const used = new Set(
        [...state.entries.values()]
          .flat()
          .filter((entry) => isStillUsed(entry, build))
          .map((entry) => entry.path),
      );
      state = grow(state, fresh, used);
      const found = plan(state);
      if (found !== undefined) state = carryOut(state, found, `merge${build}`);
      const bytes = uploads(found);
      uploaded += bytes;
      worst = Math.max(worst, bytes);
      most = Math.max(most, state.packs.length);
    }
    expect(most).toBeLessThanOrEqual(24);
    expect(worst).toBeLessThan(10 * MB);
    // The edits themselves upload 146 MB; compaction may cost twice that, in small pieces.
    expect(uploaded).toBeLessThan(300 * MB);
  });
});

const keptNames = new Map<string, number>();
for (let build = 0; build < 365; build++) {
  const path = entriesOf([`k${build}`])[0]?.path ?? '';
  keptNames.set(path, build);
}

/** Base entries always; of the edits, the kept one of every seventh for ever, and those of the last build. */
function isStillUsed(entry: Entry, build: number): boolean {
  const kept = keptNames.get(entry.path);
  if (kept !== undefined) return kept % 7 === 0 || kept >= build - 1;
  return !editPaths(build).has(entry.path);
}

const editCache = new Set<string>();
function editPaths(build: number): Set<string> {
  for (const name of [`x${build - 1}`, `y${build - 1}`]) editCache.add(entriesOf([name])[0]?.path ?? '');
  return editCache;
}

function grow(state: Stored, fresh: Stored, used: ReadonlySet<string>): Stored {
  const snapshot = planSnapshot({
    ...snapshotOf(),
    merged: [],
    united: uniteSnapshots([snapshotOf({ packs: state.packs })]),
    entriesByPack: state.entries,
    used: { gocache: used },
    newPacks: fresh.packs.map((pack) => ({
      facts: { ...pack, entries: fresh.entries.get(pack.digest) ?? [] },
      entryList: pack.entryList,
    })),
  });
  return { packs: snapshot.packs, entries: new Map([...state.entries, ...fresh.entries]) };
}

/** As a save does it: each group becomes one pack with the entries to keep, of the size that was estimated. */
function carryOut(state: Stored, found: NonNullable<ReturnType<typeof plan>>, name: string): Stored {
  const rewritten = found.groups.map((group, index): NewPack => {
    const entries = [
      ...new Map(
        group.sources
          .flatMap((digest) => state.entries.get(digest) ?? [])
          .filter((entry) => group.keep.has(entry.path))
          .map((entry) => [entry.path, entry]),
      ).values(),
    ].sort((a, b) => (a.path < b.path ? -1 : 1));
    const record = packRecord(`${name}.${index}`, { kind: group.kind, sizeBytes: group.estimatedBytes });
    return { facts: { ...record, entries }, entryList: record.entryList };
  });
  const snapshot: Snapshot = snapshotOf({ packs: state.packs });
  const after = compactSnapshot(snapshot, state.entries, { plan: found, rewritten });
  const entries = new Map(state.entries);
  for (const pack of rewritten) entries.set(pack.facts.digest, pack.facts.entries);
  const packs = new Set(after.packs.map((pack) => pack.digest));
  return { packs: after.packs, entries: new Map([...entries].filter(([digest]) => packs.has(digest))) };
}

function livingPaths(
  state: Stored,
  gone: ReadonlySet<Digest>,
  groups: readonly { readonly keep: ReadonlySet<string> }[],
): Set<string> {
  const kept = [...state.entries]
    .filter(([digest]) => !gone.has(digest))
    .flatMap(([, entries]) => entries.map((entry) => entry.path));
  return new Set([...kept, ...groups.flatMap((group) => [...group.keep])]);
}

describe('laws', () => {
  const specs = fc.uniqueArray(
    fc.record({
      name: fc.string({ minLength: 1, maxLength: 4 }),
      kind: fc.constantFrom<MountKind>('gocache', 'gomodcache'),
      sizeBytes: fc.integer({ min: 1, max: 90 * MB }),
      entries: fc.dictionary(fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz'), fc.integer({ min: 0, max: 9 }), {
        minKeys: 1,
      }),
    }),
    { maxLength: 40, selector: (spec) => spec.name },
  );

  test('no living entry is lost, none is there twice in what is rewritten, ages stay, and it comes to rest', () => {
    fc.assert(
      fc.property(specs, (list) => {
        const before = stored(list);
        const found = plan(before);
        if (found === undefined) return;
        const after = carryOut(before, found, 'new');
        const ageOf = (state: Stored): Map<string, number> => {
          const ages = new Map<string, number>();
          for (const pack of state.packs) {
            for (const [index, entry] of (state.entries.get(pack.digest) ?? []).entries()) {
              const key = `${pack.kind} ${entry.path}`;
              ages.set(key, Math.min(pack.ages[index] ?? 0, ages.get(key) ?? 999));
            }
          }
          return ages;
        };
        const [old, young] = [ageOf(before), ageOf(after)];
        for (const [key, age] of old) if (age < 5) expect(young.get(key)).toBe(age);
        const keys = found.groups.flatMap((group) => [...group.keep].map((path) => `${group.kind} ${path}`));
        expect(new Set(keys).size).toBe(keys.length);
        const again = plan(after);
        expect(again === undefined || after.packs.length < before.packs.length || again.waste < found.waste).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
