import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { buildsAt } from '../../../src/pack/build-place.ts';
import { countCases } from '../../helpers/count-cases.ts';
import { sized } from '../../helpers/suite-size.ts';
import { NOTHING_UNITED, uniteAll, uniteSnapshots } from '../../../src/pack/unite.ts';
import { buildRecord, packRecord, snapshotOf, snapshots } from './snapshot-fixtures.ts';

/** Reliability plan R15. */
const RUNS = sized({ slice: 3000, published: 10_000, torture: 100_000 });
let unions = 0;
const runs = { numRuns: RUNS };

describe('laws', { timeout: 600_000 }, () => {
  afterAll(() => {
    expect(unions).toBe(4 * RUNS);
    countCases({ suite: 'R15', what: 'unions by law', cases: unions });
  });

  const lists = fc.array(snapshots, { maxLength: 5 });

  const orders = lists.chain((list) =>
    fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
  );

  test('commutative', () => {
    fc.assert(
      fc.property(orders, ([list, shuffled]) => {
        unions += 1;
        expect(uniteSnapshots(shuffled)).toEqual(uniteSnapshots(list));
      }),
      runs,
    );
  });

  test('associative', () => {
    fc.assert(
      fc.property(lists, lists, lists, (a, b, c) => {
        unions += 1;
        const left = uniteAll([uniteAll([uniteSnapshots(a), uniteSnapshots(b)]), uniteSnapshots(c)]);
        const right = uniteAll([uniteSnapshots(a), uniteAll([uniteSnapshots(b), uniteSnapshots(c)])]);
        expect(left).toEqual(right);
        expect(left).toEqual(uniteSnapshots([...a, ...b, ...c]));
      }),
      runs,
    );
  });

  test('idempotent', () => {
    fc.assert(
      fc.property(lists, (list) => {
        unions += 1;
        const once = uniteSnapshots(list);
        expect(uniteSnapshots([...list, ...list])).toEqual(once);
        expect(uniteAll([once, once])).toEqual(once);
        expect(uniteAll([once, NOTHING_UNITED])).toEqual(once);
      }),
      runs,
    );
  });

  test('monotone: no pack is lost and none grows older', () => {
    fc.assert(
      fc.property(lists, snapshots, (list, more) => {
        unions += 1;
        const before = uniteSnapshots(list);
        const after = new Map(uniteSnapshots([...list, more]).packs.map((pack) => [pack.digest, pack]));
        for (const pack of before.packs) {
          const ages = after.get(pack.digest)?.ages;
          expect(ages?.every((age, index) => age <= (pack.ages[index] ?? 0))).toBe(true);
        }
      }),
      runs,
    );
  });
});

test('ages are the youngest of each entry', () => {
  const one = snapshotOf({ packs: [packRecord('a', { ages: [0, 9, 3] })] });
  const two = snapshotOf({ packs: [packRecord('a', { ages: [5, 1, 3] })], sequence: 8 });
  expect([...(uniteSnapshots([one, two]).packs[0]?.ages ?? [])]).toEqual([0, 1, 3]);
});

test('owners and facts are those of the highest sequence, whatever the clocks say', () => {
  const old = snapshotOf({ sequence: 1, createdAtMs: 9e12, owners: { gocache: '1:1' } });
  const young = snapshotOf({ sequence: 2, createdAtMs: 0, owners: { gocache: '2:2' } });
  expect(uniteSnapshots([old, young]).owners).toEqual({ gocache: '2:2' });
});

test('the history keeps 20 builds and the newest cold one among them', () => {
  const history = Array.from({ length: 20 }, (_, index) => buildRecord(1000 - index));
  const cold = snapshotOf({ history: [buildRecord(6, true), buildRecord(5, true)] });
  const united = uniteSnapshots([snapshotOf({ history }), cold]);
  expect(united.history).toEqual([...history.slice(0, 19), buildRecord(6, true)]);
});

test('the newest cold build of each place stays, since one says nothing of the other', () => {
  const history = Array.from({ length: 20 }, (_, index) => buildRecord(1000 - index));
  const [image, host] = [buildRecord(6, true), { ...buildRecord(7, true), place: 'host' as const }];
  const united = uniteSnapshots([snapshotOf({ history }), snapshotOf({ history: [image, host] })]);
  expect(united.history).toEqual([...history.slice(0, 18), host, image]);
  expect(buildsAt('host', united.history)).toEqual([host]);
  expect(buildsAt('builder', united.history)).toEqual([...history.slice(0, 18), image]);
});

test('two records of one pack that contradict each other become one of them, always the same', () => {
  const a = packRecord('a', { ages: [0, 0, 0] });
  const b = { ...packRecord('a', { ages: [1, 1] }) };
  const c = { ...a, entryList: packRecord('b').entryList, ages: Uint8Array.from([7, 0, 7]) };
  const of = (pack: typeof a) => snapshotOf({ packs: [pack] });
  expect(uniteSnapshots([of(a), of(b)]).packs).toEqual([b]);
  expect(uniteSnapshots([of(b), of(a), of(c)]).packs).toEqual([b]);
  expect(uniteSnapshots([of(a), of(c)])).toEqual(uniteSnapshots([of(c), of(a)]));
});
