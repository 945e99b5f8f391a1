import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../../src/core/clock.ts';
import { openDirStore } from '../../../../src/store/backends/dir/dir-store.ts';
import { storageError } from '../../../../src/store/backends/dir/storage-error.ts';
import { newBlob, newName } from '../../../helpers/store-contract-subject.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'slipway-dir-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

test('the layout is the documented one', async () => {
  const store = openDirStore(root, systemClock);
  const { blob, source, bytes } = newBlob();
  await store.writeBlob(blob, source);
  await store.writeSnapshot({ scope: 'feature/x', sequence: 7, nonce: '0a0b0c0d' }, Buffer.from('{}'));
  const hex = blob.digest.slice('sha256:'.length);
  expect(await readFile(join(root, 'blobs', 'sha256', hex.slice(0, 2), hex))).toEqual(bytes);
  expect(await readFile(join(root, 'snapshots', 'feature_2fx', '7-0a0b0c0d.json'), 'utf8')).toBe('{}');
});

test('reading makes no directories', async () => {
  const store = openDirStore(join(root, 'none'), systemClock);
  expect(await store.hasBlob(newBlob().blob.digest)).toBe(false);
  expect(await store.listSnapshots('main')).toEqual([]);
  expect(await store.listScopes()).toEqual([]);
  expect(await store.listBlobs()).toEqual([]);
  await store.deleteBlob(newBlob().blob.digest);
  expect(await readdir(root)).toEqual([]);
});

test('a blob whose size is damaged is written anew', async () => {
  const store = openDirStore(root, systemClock);
  const { blob, source, bytes } = newBlob();
  await store.writeBlob(blob, source);
  const hex = blob.digest.slice('sha256:'.length);
  const path = join(root, 'blobs', 'sha256', hex.slice(0, 2), hex);
  await writeFile(path, bytes.subarray(0, 10));
  expect(await store.writeBlob(blob, source)).toEqual({ bytesSent: bytes.byteLength });
  expect(await readFile(path)).toEqual(bytes);
});

test('clean-up takes old left-overs, and nothing else', async () => {
  const store = openDirStore(root, systemClock);
  const { blob, source } = newBlob();
  await store.writeBlob(blob, source);
  const name = newName('main');
  await store.writeSnapshot(name, Buffer.from('{}'));
  const shard = join(root, 'blobs', 'sha256', blob.digest.slice(7, 9));
  const scope = join(root, 'snapshots', 'main');
  const old = new Date(Date.now() - 25 * 3600 * 1000);
  for (const directory of [shard, scope]) {
    for (const file of ['.tmp-old', '.tmp-young']) await writeFile(join(directory, file), 'x');
    await utimes(join(directory, '.tmp-old'), old, old);
  }
  await utimes(join(scope, `1-${name.nonce}.json`), old, old);
  expect(await store.deleteStaleUploads(24 * 3600 * 1000)).toBe(2);
  expect(await readdir(shard)).toEqual(['.tmp-young', blob.digest.slice(7)]);
  expect((await readdir(scope)).sort()).toEqual(['.tmp-young', `1-${name.nonce}.json`]);
});

test('strange files are neither blobs nor snapshots nor scopes', async () => {
  const store = openDirStore(root, systemClock);
  await store.writeSnapshot({ scope: 'main', sequence: 1, nonce: '0a0b0c0d' }, Buffer.from('{}'));
  const strange = [
    ...['snapshots/main/.tmp-1', 'snapshots/main/readme.txt', 'snapshots/main/1-0a0b0c0d', 'snapshots/main/x.json'],
    ...[
      'snapshots/NotOurs/1-0a0b0c0d.json',
      'snapshots/empty/.keep',
      'blobs/sha256/ab/notahash',
      'blobs/sha256/ab/.tmp-2',
    ],
  ];
  for (const path of strange) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), 'x');
  }
  expect(await store.listSnapshots('main')).toHaveLength(1);
  expect(await store.listScopes()).toEqual(['main']);
  expect(await store.listBlobs()).toEqual([]);
});

test('a file where the directory should be is an error that says so', async () => {
  const file = join(root, 'file');
  await writeFile(file, 'x');
  const store = openDirStore(file, systemClock);
  const { blob, source } = newBlob();
  const wanted = { code: 'STORE_FAILED', retryable: false, hint: expect.stringContaining('type=local,dest=') };
  await expect(store.hasBlob(blob.digest)).rejects.toMatchObject(wanted);
  await expect(store.writeBlob(blob, source)).rejects.toMatchObject(wanted);
  await expect(store.listSnapshots('main')).rejects.toMatchObject(wanted);
});

test.each([
  ['ENOSPC', 'DISK_FULL'],
  ['EDQUOT', 'DISK_FULL'],
  ['EACCES', 'STORE_DENIED'],
  ['EPERM', 'STORE_DENIED'],
  ['EROFS', 'STORE_DENIED'],
  ['EIO', 'STORE_FAILED'],
])('%s of the disk is %s', (code, expected) => {
  const error = Object.assign(new Error('write'), { code, errno: -1 });
  expect(storageError(error, '/x')).toMatchObject({ code: expected, retryable: false });
});

test('errors that aren’t the disk’s pass through', () => {
  for (const error of [new Error('x'), Object.assign(new Error('x'), { code: 'ABORT_ERR' }), 'a reason', undefined]) {
    expect(storageError(error, '/x')).toBe(error);
  }
});

test('a snapshot larger than any of ours is invalid, not read', async () => {
  const store = openDirStore(root, systemClock);
  const name = newName('main');
  await store.writeSnapshot(name, Buffer.alloc(4 * 1024 * 1024 + 1));
  await expect(store.readSnapshot(name)).rejects.toMatchObject({ code: 'SNAPSHOT_INVALID' });
});
