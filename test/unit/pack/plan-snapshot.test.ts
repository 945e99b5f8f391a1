import { describe, expect, test } from 'vitest';
import type { Digest } from '../../../src/core/digest.ts';
import { type NewPack, type PlanSnapshotInput, planSnapshot } from '../../../src/pack/plan-snapshot.ts';
import { decodeSnapshot, encodeSnapshot } from '../../../src/pack/snapshot.ts';
import type { Entry, PackRecord } from '../../../src/pack/types.ts';
import { uniteSnapshots } from '../../../src/pack/unite.ts';
import { buildRecord, entriesOf, packRecord, snapshotOf } from './snapshot-fixtures.ts';

const oldEntries = entriesOf(['a', 'b', 'c']);
const oldPack = packRecord('old', { ages: [0, 4, 255] });
const moduleEntries: Entry[] = [{ path: 'cache/download/a.b/@v/v1.0.0.zip', sizeBytes: 5 }];
const modulePack = packRecord('modules', { kind: 'gomodcache', ages: [3] });

function newPack(name: string, entries: readonly Entry[]): NewPack {
  const { kind, representation, digest, sizeBytes, diffId, uncompressedBytes, entryList } = packRecord(name);
  return { facts: { kind, representation, digest, sizeBytes, diffId, uncompressedBytes, entries }, entryList };
}

function input(change: Partial<PlanSnapshotInput> = {}): PlanSnapshotInput {
  return {
    scope: 'main',
    sequence: 8,
    nonce: 'deadbeef',
    createdAtMs: 5,
    merged: ['7-0123abcd', '6-00000000', '7-0123abcd'],
    united: uniteSnapshots([snapshotOf({ packs: [oldPack, modulePack] })]),
    entriesByPack: new Map<Digest, readonly Entry[]>([
      [oldPack.digest, oldEntries],
      [modulePack.digest, moduleEntries],
    ]),
    used: {},
    newPacks: [],
    owners: {},
    facts: { writer: 'test' },
    ...change,
  };
}

function agesOf(packs: readonly PackRecord[], pack: { readonly digest: Digest }): number[] | undefined {
  const found = packs.find((one) => one.digest === pack.digest);
  return found === undefined ? undefined : [...found.ages];
}

describe('ages', () => {
  test('used entries become young, the others a build older, up to 255', () => {
    const used = { gocache: new Set([oldEntries[1]?.path ?? '']), gomodcache: new Set<string>() };
    const { packs } = planSnapshot(input({ used }));
    expect(agesOf(packs, oldPack)).toEqual([1, 0, 255]);
    expect(agesOf(packs, modulePack)).toEqual([4]);
  });

  test('stay where the use is unknown', () => {
    const { packs } = planSnapshot(input({ used: { gocache: new Set() } }));
    expect(agesOf(packs, oldPack)).toEqual([1, 5, 255]);
    expect(agesOf(packs, modulePack)).toEqual([3]);
  });

  test('stay where the entries of a pack are not at hand', () => {
    const { packs } = planSnapshot(input({ used: { gocache: new Set() }, entriesByPack: new Map() }));
    expect(agesOf(packs, oldPack)).toEqual([0, 4, 255]);
  });

  test('of new entries are 0, even when the pack was there already', () => {
    const pack = newPack('new', entriesOf(['x', 'y']));
    const again = newPack('old', oldEntries);
    const { packs } = planSnapshot(input({ newPacks: [pack, again], used: { gocache: new Set() } }));
    expect(agesOf(packs, pack.facts)).toEqual([0, 0]);
    expect(agesOf(packs, oldPack)).toEqual([0, 0, 0]);
    expect(packs).toHaveLength(3);
  });
});

test('the rest of the snapshot', () => {
  const build = buildRecord(9e12);
  const plan = planSnapshot(input({ build, owners: { gocache: '5:5' }, newPacks: [newPack('new', entriesOf(['x']))] }));
  expect(plan).toMatchObject({
    scope: 'main',
    sequence: 8,
    nonce: 'deadbeef',
    createdAtMs: 5,
    facts: { writer: 'test' },
  });
  expect(plan.merged).toEqual(['6-00000000', '7-0123abcd']);
  expect(plan.history).toEqual([build, ...snapshotOf().history]);
  expect(plan.owners).toEqual({ gocache: '5:5', gomodcache: '1000:1000' });
  const { manifest, config } = encodeSnapshot(plan);
  expect(decodeSnapshot(manifest, config)).toEqual(plan);
});
