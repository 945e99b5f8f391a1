import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../../src/store/backends/memory/memory-store.ts';
import type { BundledBlob, SnapshotBundler, Store } from '../../../src/store/port.ts';
import { openSnapshotWriter } from '../../../src/store/snapshot-writer.ts';
import { newBlob, newName } from '../../helpers/store-contract-subject.ts';

const MANIFEST = Buffer.from('{}');

function bundlingStore(ridingBytes: number): { store: Store & SnapshotBundler; bundles: (readonly BundledBlob[])[] } {
  const bundles: (readonly BundledBlob[])[] = [];
  const inner = createMemoryStore();
  const store = {
    ...inner,
    ridingBytes,
    writeBundle: async (...[name, manifest, blobs]: Parameters<SnapshotBundler['writeBundle']>) => {
      bundles.push(blobs);
      return inner.writeSnapshot(name, manifest);
    },
  };
  return { store, bundles };
}

describe('openSnapshotWriter', () => {
  it('writes through where nothing can ride', async () => {
    const store = createMemoryStore();
    const { blob, source } = newBlob();
    const name = newName('main');
    const writer = openSnapshotWriter(store);
    expect(await writer.writeBlob(blob, source)).toEqual({ bytesSent: 1000 });
    expect(await store.hasBlob(blob.digest)).toBe(true);
    await writer.writeSnapshot(name, MANIFEST);
    expect(await store.listSnapshots('main')).toEqual([name]);
  });

  it('keeps small blobs for the snapshot, while half of the room that is left is enough', async () => {
    const { store, bundles } = bundlingStore(2000);
    const blobs = [newBlob(1000), newBlob(1000), newBlob(500), newBlob(500)];
    const writer = openSnapshotWriter(store);
    const sent: number[] = [];
    for (const { blob, source } of blobs) sent.push((await writer.writeBlob(blob, source)).bytesSent);
    expect(sent).toEqual([0, 1000, 0, 500]);
    await writer.writeSnapshot(newName('main'), MANIFEST);
    expect(bundles).toEqual([[blobs[0]!, blobs[2]!].map(({ blob: { digest }, bytes }) => ({ digest, bytes }))]);
  });

  it('is not asked for anything when the snapshot is never written', async () => {
    const { store, bundles } = bundlingStore(2000);
    const { blob, source } = newBlob(10);
    await openSnapshotWriter(store).writeBlob(blob, source);
    expect(bundles).toEqual([]);
    expect(await store.hasBlob(blob.digest)).toBe(false);
  });
});
