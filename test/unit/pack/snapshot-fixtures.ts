import fc from 'fast-check';
import { digestOf } from '../../../src/core/digest.ts';
import type { MountKind } from '../../../src/core/mount-kind.ts';
import type { BuildRecord, Entry, PackRecord, Snapshot } from '../../../src/pack/types.ts';
import { sha256Hex } from './pack-fixtures.ts';

export interface PackOptions {
  readonly kind?: MountKind;
  readonly sizeBytes?: number;
  readonly ages?: readonly number[];
}

/** A record that is well formed, of a pack that need not exist. Everything about it follows from its name. */
export function packRecord(name: string, options: PackOptions = {}): PackRecord {
  const { kind = 'gocache', sizeBytes = 1000, ages = [0, 1, 2] } = options;
  const list = digestOf(`list of ${name}`);
  return {
    kind,
    representation: 'files',
    digest: digestOf(`pack ${name}`),
    sizeBytes,
    diffId: digestOf(`tar of ${name}`),
    uncompressedBytes: sizeBytes * 4,
    entryCount: ages.length,
    entryList: { digest: list, sizeBytes: 200, diffId: digestOf(`tar of list of ${name}`) },
    ages: Uint8Array.from(ages),
  };
}

export function buildRecord(finishedAtMs: number, isCold = false): BuildRecord {
  return { finishedAtMs, buildSeconds: 12.5, restoreSeconds: 3.25, restoredBytes: 1_000_000, isCold };
}

export function snapshotOf(change: Partial<Snapshot> = {}): Snapshot {
  return {
    formatVersion: 1,
    scope: 'main',
    sequence: 7,
    nonce: '0123abcd',
    createdAtMs: 1_763_000_000_000,
    merged: ['5-00000000', '6-ffffffff'],
    packs: [packRecord('one'), packRecord('two', { kind: 'gomodcache', sizeBytes: 5000, ages: [0] })],
    history: [buildRecord(1_763_000_000_000), buildRecord(1_762_000_000_000, true)],
    owners: { gocache: '0:0', gomodcache: '1000:1000' },
    facts: { goVersion: 'go1.26.8', ref: 'refs/heads/main', platform: 'linux/arm64' },
    ...change,
  };
}

/** Entries of a pack as a list: `names` decide their ids, so that packs may share some. */
export function entriesOf(names: readonly string[], sizeBytes = 100_000): Entry[] {
  return names
    .map((name) => {
      const hex = sha256Hex(name);
      return { path: `${hex.slice(0, 2)}/${hex}-d`, sizeBytes };
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

const builds: fc.Arbitrary<BuildRecord> = fc.record(
  {
    finishedAtMs: fc.integer({ min: 0, max: 40 }),
    buildSeconds: fc.integer({ min: 0, max: 3 }),
    restoreSeconds: fc.constant(1),
    restoredBytes: fc.constant(2),
    isCold: fc.boolean(),
    restored: fc.constantFrom('all', 'modules', 'part', 'none'),
    downloadSeconds: fc.integer({ min: 0, max: 1 }),
    place: fc.constant('host'),
  },
  { requiredKeys: ['finishedAtMs', 'buildSeconds', 'restoreSeconds', 'restoredBytes', 'isCold'] },
);

/** Snapshots that share packs, builds and stamps, so that uniting them has something to decide. */
export const snapshots: fc.Arbitrary<Snapshot> = fc
  .record({
    scope: fc.constantFrom('main', 'dev'),
    sequence: fc.integer({ min: 0, max: 3 }),
    nonce: fc.constantFrom('00000000', 'ffffffff'),
    createdAtMs: fc.integer({ min: 0, max: 3 }),
    packs: fc.uniqueArray(
      fc.record({
        name: fc.constantFrom('a', 'b', 'c', 'd'),
        ages: fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 3, maxLength: 3 }),
      }),
      { selector: (pack) => pack.name },
    ),
    history: fc.uniqueArray(builds, { maxLength: 20, selector: (build) => JSON.stringify(build) }),
  })
  .map(({ scope, sequence, nonce, createdAtMs, packs, history }) => {
    // One name is one document: what it holds besides follows from it.
    const stamp = `${scope} ${sequence} ${nonce} ${createdAtMs}`;
    return snapshotOf({
      scope,
      sequence,
      nonce,
      createdAtMs,
      packs: packs.map((pack) => packRecord(pack.name, { ages: pack.ages })),
      history: [...history].sort((a, b) => b.finishedAtMs - a.finishedAtMs),
      owners: { gocache: `${sequence}:${createdAtMs}` },
      facts: { ref: stamp },
    });
  });
