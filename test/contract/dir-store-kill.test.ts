import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestStore } from '../helpers/store-contract-open.ts';
import { readAll } from '../helpers/store-contract-subject.ts';

const WRITER = join(import.meta.dirname, '..', 'helpers', 'store-writer.ts');
const ROUNDS = 8;
const WRITERS = 3;

let dest: string;
beforeAll(async () => {
  dest = await mkdtemp(join(tmpdir(), 'slipway-kill-'));
});
afterAll(() => rm(dest, { recursive: true, force: true }));

/** Three processes write blobs and then the snapshot that names them, and are killed at any moment, eight times. */
test('killed at any time, a directory holds whole things only', { timeout: 120_000 }, async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const writers = Array.from({ length: WRITERS }, () =>
      spawn(process.execPath, [WRITER, dest], { stdio: ['ignore', 'pipe', 'inherit'] }),
    );
    const ends = writers.map((writer) => new Promise((resolve) => writer.once('exit', resolve)));
    await Promise.all(writers.map((writer) => new Promise((resolve) => writer.stdout.once('data', resolve))));
    await sleep(5 + ((round * 37) % 120));
    for (const writer of writers) writer.kill('SIGKILL');
    await Promise.all(ends);
  }
  const store = openTestStore({ type: 'local', dest });
  const snapshots = await store.listSnapshots('main');
  expect(snapshots.length).toBeGreaterThan(ROUNDS);
  for (const name of snapshots) {
    const { blobs } = JSON.parse(Buffer.from((await store.readSnapshot(name))!).toString()) as {
      blobs: `sha256:${string}`[];
    };
    expect(blobs).toHaveLength(3);
    // Reading verifies.
    for (const digest of blobs)
      expect((await readAll((await store.readBlob(digest))!.body)).byteLength).toBeGreaterThan(0);
  }
  const listed = (await store.listBlobs()) ?? [];
  for (const { digest } of listed) await readAll((await store.readBlob(digest))!.body);
  expect(await store.deleteStaleUploads(-60_000)).toBeGreaterThan(0);
});
