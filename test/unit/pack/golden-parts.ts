import { encodeEntryList } from '../../../src/pack/entry-list.ts';
import { recordOf } from '../../../src/pack/plan-snapshot.ts';
import { encodeSnapshot } from '../../../src/pack/snapshot.ts';
import type { Snapshot } from '../../../src/pack/types.ts';
import { type File, moduleFiles, packOf, smallCache, sortFiles } from './pack-fixtures.ts';

/** What the golden files of format 1 were made of. Never change this: what it gives is what old slipways wrote. */
export const GOLDEN_FILES: { readonly gocache: readonly File[]; readonly gomodcache: readonly File[] } = {
  gocache: smallCache('golden', 10),
  gomodcache: sortFiles([
    ...moduleFiles(),
    ...moduleFiles('example.com/plain', 'v0.0.0-20180830191138-d8f796af33cc'),
    ...moduleFiles(`example.com/${'long-path/'.repeat(12)}module`, 'v2.0.0+incompatible'),
    ...moduleFiles(`example.com/${'y'.repeat(160)}`, 'v1.0.0-!r!c.1'),
  ]),
};

export interface GoldenSet {
  readonly files: Readonly<Record<string, Buffer>>;
  readonly snapshot: Snapshot;
}

export async function makeGolden(): Promise<GoldenSet> {
  const files: Record<string, Buffer> = {};
  const packs = [];
  for (const kind of ['gocache', 'gomodcache'] as const) {
    const pack = await packOf(kind, GOLDEN_FILES[kind]);
    const list = encodeEntryList(pack.facts);
    files[`${kind}-pack.tar.zst`] = pack.bytes;
    files[`${kind}-entries.tar.gz`] = Buffer.from(list.bytes);
    const ages = Uint8Array.from(pack.facts.entries, (_, index) => (index * 37) % 256);
    packs.push(recordOf({ facts: pack.facts, entryList: list.record }, ages));
  }
  const snapshot: Snapshot = {
    formatVersion: 1,
    scope: 'feature/golden',
    sequence: 42,
    nonce: '0badcafe',
    createdAtMs: 1_795_000_000_000,
    merged: ['40-00000000', '41-12345678'],
    packs,
    history: [
      {
        finishedAtMs: 1_795_000_000_000,
        buildSeconds: 9.75,
        restoreSeconds: 2.5,
        restoredBytes: 68_418_075,
        isCold: false,
      },
      { finishedAtMs: 1_794_000_000_000, buildSeconds: 223, restoreSeconds: 0, restoredBytes: 0, isCold: true },
    ],
    owners: { gocache: '0:0', gomodcache: '65333:65333' },
    facts: {
      goVersion: 'go1.26.8',
      platform: 'linux/amd64',
      ref: 'refs/heads/feature/golden',
      writer: 'slipway 0.1.0',
    },
  };
  const encoded = encodeSnapshot(snapshot);
  files['manifest.json'] = Buffer.from(encoded.manifest);
  files['config.json'] = Buffer.from(encoded.config);
  return { files, snapshot };
}
