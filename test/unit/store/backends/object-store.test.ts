import { describe, expect, it } from 'vitest';
import { hexOf } from '../../../../src/core/digest.ts';
import { openObjectStore } from '../../../../src/store/backends/object/object-store.ts';
import type { SnapshotName } from '../../../../src/store/port.ts';
import { createMemoryBucket } from '../../../helpers/memory-bucket.ts';
import { newBlob } from '../../../helpers/store-contract-subject.ts';

const NAME: SnapshotName = { scope: 'feature/login', sequence: 7, nonce: '0a0b0c0d' };
const KEY = 'snapshots/feature_2flogin/7-0a0b0c0d.json';
const BYTES = Buffer.from('{"schemaVersion":2}');

describe('openObjectStore', () => {
  it('lays blobs and snapshots out as the format says', async () => {
    const bucket = createMemoryBucket();
    const store = openObjectStore(bucket);
    const { blob, source } = newBlob();
    await store.writeBlob(blob, source);
    await store.writeSnapshot(NAME, BYTES);
    expect([...bucket.objects.keys()]).toEqual([`blobs/sha256/${hexOf(blob.digest)}`, KEY]);
  });

  it('writes a snapshot on the condition that none is there, and asks once whether the service knows conditions', async () => {
    const bucket = createMemoryBucket();
    const store = openObjectStore(bucket);
    await store.writeSnapshot(NAME, BYTES);
    await store.writeSnapshot({ ...NAME, sequence: 8 }, BYTES);
    const next = KEY.replace('7-', '8-');
    expect(bucket.calls).toEqual([
      `find ${KEY}`,
      'conditional',
      `write ${KEY} if absent`,
      `find ${next}`,
      `write ${next} if absent`,
    ]);
  });

  it('asks again when the first question failed', async () => {
    const bucket = createMemoryBucket();
    let asked = 0;
    const store = openObjectStore({
      ...bucket,
      async isConditional() {
        asked += 1;
        if (asked === 1) throw new Error('no answer');
        return true;
      },
    });
    await expect(store.writeSnapshot(NAME, BYTES)).rejects.toThrow('no answer');
    await store.writeSnapshot(NAME, BYTES);
    await store.writeSnapshot({ ...NAME, sequence: 8 }, BYTES);
    expect(asked).toBe(2);
  });

  it('reads back what it wrote where the service knows no conditions', async () => {
    const bucket = createMemoryBucket({ ignoresCondition: true });
    await openObjectStore(bucket).writeSnapshot(NAME, BYTES);
    expect(bucket.calls).toEqual([`find ${KEY}`, 'conditional', `write ${KEY}`, `open ${KEY}`]);
  });

  it('without conditions, finds that another writer of the same name came in between', async () => {
    const bucket = createMemoryBucket({ ignoresCondition: true });
    const store = openObjectStore({
      ...bucket,
      async write(key, body, options) {
        const outcome = await bucket.write(key, body, options);
        bucket.objects.set(key, Buffer.from('the other one'));
        return outcome;
      },
    });
    await expect(store.writeSnapshot(NAME, BYTES)).rejects.toMatchObject({ code: 'STORE_FAILED', retryable: false });
  });

  it('takes its own earlier attempt, whose answer was lost, for done', async () => {
    const bucket = createMemoryBucket();
    let attempt = 0;
    const store = openObjectStore({
      ...bucket,
      async find(key, options) {
        // The first attempt arrives only after the second one has looked.
        attempt += 1;
        const found = await bucket.find(key, options);
        if (attempt === 1) bucket.objects.set(KEY, BYTES);
        return found;
      },
    });
    expect(await store.writeSnapshot(NAME, BYTES)).toEqual({ bytesSent: BYTES.byteLength });
    await expect(store.writeSnapshot(NAME, Buffer.from('other'))).rejects.toMatchObject({ code: 'STORE_FAILED' });
    expect(bucket.objects.get(KEY)).toEqual(BYTES);
  });

  it('replaces a blob of another size, and only such a one', async () => {
    const bucket = createMemoryBucket();
    const store = openObjectStore(bucket);
    const { blob, bytes, source } = newBlob(1000);
    const key = `blobs/sha256/${hexOf(blob.digest)}`;
    bucket.objects.set(key, bytes.subarray(1));
    expect(await store.writeBlob(blob, source)).toEqual({ bytesSent: 1000 });
    expect(bucket.objects.get(key)).toEqual(bytes);
    expect(await store.writeBlob(blob, source)).toEqual({ bytesSent: 0 });
  });

  it("leaves out what isn't its own", async () => {
    const bucket = createMemoryBucket();
    const store = openObjectStore(bucket);
    await store.writeSnapshot(NAME, BYTES);
    const strange = [
      'blobs/sha256/notes.txt',
      'blobs/sha256/',
      'snapshots/feature_2flogin/',
      'snapshots/feature_2flogin/readme.json',
      'snapshots/feature_2flogin/07-0a0b0c0d.json',
      'snapshots/feature_2flogin/8-0a0b0c0d',
      'snapshots/feature_2flogin/8-0a0b0c0d.json/x',
      'snapshots/Upper/1-0a0b0c0d.json',
    ];
    for (const key of strange) bucket.objects.set(key, BYTES);
    expect(await store.listSnapshots(NAME.scope)).toEqual([NAME]);
    expect(await store.listScopes()).toEqual([NAME.scope]);
    expect(await store.listBlobs()).toEqual([]);
  });

  it('reads no snapshot of more than 4 MiB', async () => {
    const bucket = createMemoryBucket();
    bucket.objects.set(KEY, Buffer.alloc(4 * 1024 * 1024 + 1));
    await expect(openObjectStore(bucket).readSnapshot(NAME)).rejects.toMatchObject({ code: 'SNAPSHOT_INVALID' });
  });
});
