import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createLogger } from '../../src/core/logger.ts';
import { httpFetch, type HttpFetch } from '../../src/oci/http-fetch.ts';
import type { BundledBlob, SnapshotBundler, SnapshotName, Store } from '../../src/store/port.ts';
import { isSnapshotBundler } from '../../src/store/port.ts';
import { openSnapshotWriter } from '../../src/store/snapshot-writer.ts';
import type { StoreDependencies } from '../../src/store/open-store.ts';
import { startGhaServer, type GhaServer } from '../helpers/gha/gha-server.ts';
import type { TokenOptions } from '../helpers/gha/gha-tokens.ts';
import { openPlainTestStore } from '../helpers/store-contract-open.ts';
import {
  newBlob,
  newManifest,
  newName,
  newScope,
  readAll,
  writeNew,
  type TestBlob,
} from '../helpers/store-contract-subject.ts';

const DAY_MS = 24 * 3600 * 1000;

let server: GhaServer;
let nowMs = Date.now();
beforeAll(async () => {
  server = await startGhaServer({ now: () => nowMs, entriesPerMinute: 200 });
});
afterAll(() => server?.stop());
beforeEach(() => {
  // Another minute.
  nowMs += 61_000;
  server.setUrlLifetime(600_000);
});

function openJob(token: TokenOptions = {}, dependencies: Partial<StoreDependencies> = {}): Store & SnapshotBundler {
  const store = openPlainTestStore({ type: 'gha' }, server.jobEnv(token), dependencies);
  if (!isSnapshotBundler(store)) throw new Error('nothing can ride');
  return store;
}

/** A manifest that names these blobs. */
function manifestOf(...blobs: readonly TestBlob[]): Uint8Array {
  const layers = blobs.map(({ blob: { digest, sizeBytes, mediaType } }) => ({ mediaType, digest, size: sizeBytes }));
  return Buffer.from(JSON.stringify({ schemaVersion: 2, config: layers[0], layers: layers.slice(1) }));
}

function riding(...blobs: readonly TestBlob[]): BundledBlob[] {
  return blobs.map(({ blob: { digest }, bytes }) => ({ digest, bytes }));
}

async function bytesOf(store: Store, { blob }: TestBlob, offset = 0): Promise<string | undefined> {
  const found = await store.readBlob(blob.digest, { offset });
  return found && textOf(await readAll(found.body));
}

/** Differences of texts are told in less space. */
function textOf(bytes: Buffer): string {
  return bytes.toString('base64');
}

/** The newest snapshot of a scope, as a fresh worker reads it. */
async function readNewest(store: Store, scope: string): Promise<{ name: SnapshotName; manifest: Uint8Array }> {
  const [name] = await store.listSnapshots(scope);
  const manifest = name && (await store.readSnapshot(name));
  if (!name || !manifest) throw new Error(`nothing in ${scope}`);
  return { name, manifest };
}

async function requestsOf(work: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = server.seen.length;
  await work();
  const counts: Record<string, number> = {};
  for (const kind of server.seen.slice(before)) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

const withoutFinalize: HttpFetch = async (url, request) => {
  if (url.pathname.endsWith('/FinalizeCacheEntryUpload')) throw new Error('gone');
  return httpFetch(url, request);
};

describe('what rides with a snapshot', () => {
  test('comes with it: one entry is written, and one is read', async () => {
    const [config, list, pack] = [newBlob(2000), newBlob(300), newBlob(100_000)];
    const name = newName(newScope());
    const writer = openSnapshotWriter(openJob());
    const made = await requestsOf(async () => {
      for (const { blob, source } of [pack, list, config]) await writer.writeBlob(blob, source);
      await writer.writeSnapshot(name, manifestOf(config, list, pack));
    });
    expect(made).toEqual({ reserve: 1, upload: 1, finalize: 1 });
    const fresh = openJob();
    const read = await requestsOf(async () => {
      expect((await readNewest(fresh, name.scope)).name).toEqual(name);
      for (const blob of [config, list, pack]) expect(await bytesOf(fresh, blob)).toBe(textOf(blob.bytes));
      expect(await bytesOf(fresh, pack, 99_000)).toBe(textOf(pack.bytes.subarray(99_000)));
      expect(await bytesOf(fresh, pack, 200_000)).toBe('');
    });
    // The newest, others near it, and the bytes.
    expect(read).toEqual({ find: 2, download: 1 });
  });

  test('has limits: what is larger has an entry of its own', async () => {
    const [small, large] = [newBlob(10_000), newBlob(700_000)];
    const store = openJob();
    const name = newName(newScope());
    const writer = openSnapshotWriter(store);
    for (const { blob, source } of [large, small]) await writer.writeBlob(blob, source);
    expect(await openJob().hasBlob(large.blob.digest)).toBe(true);
    expect(await openJob().hasBlob(small.blob.digest)).toBe(false);
    await writer.writeSnapshot(name, manifestOf(small, large));
    const fresh = openJob();
    await readNewest(fresh, name.scope);
    for (const blob of [small, large]) {
      expect(await fresh.hasBlob(blob.blob.digest)).toBe(true);
      expect(await bytesOf(fresh, blob)).toBe(textOf(blob.bytes));
    }
    expect(
      server
        .entries()
        .slice(-2)
        .map(({ key }) => key.split('/')[1]),
    ).toEqual(['blob', 'snapshot']);
  });

  test('is found through every later snapshot that names it', async () => {
    const scope = newScope();
    const blobs = [newBlob(), newBlob(), newBlob(), newBlob()];
    for (const [index, blob] of blobs.entries()) {
      // Each saver has seen the newest one only.
      const store = openJob();
      if (index > 0) await readNewest(store, scope);
      await store.writeBundle(newName(scope, index + 1), manifestOf(...blobs.slice(0, index + 1)), riding(blob));
    }
    const fresh = openJob();
    await readNewest(fresh, scope);
    for (const blob of blobs) expect(await bytesOf(fresh, blob)).toBe(textOf(blob.bytes));
  });

  test('is found too when its saver had read the snapshot from another store', async () => {
    const scope = newScope();
    const [old, young] = [newBlob(), newBlob()];
    await openJob().writeBundle(newName(scope, 1), manifestOf(old), riding(old));
    const store = openJob();
    await store.listSnapshots(scope);
    await store.writeSnapshot(newName(scope, 2), manifestOf(old, young));
    await store.writeBlob(young.blob, young.source);
    const fresh = openJob();
    await readNewest(fresh, scope);
    expect(await bytesOf(fresh, old)).toBe(textOf(old.bytes));
    expect(await bytesOf(fresh, young)).toBe(textOf(young.bytes));
  });

  test('is missing, no error, when the snapshot that it rode with is evicted or damaged', async () => {
    for (const spoil of ['evict', 'lose'] as const) {
      const scope = newScope();
      const [old, young] = [newBlob(), newBlob()];
      const store = openJob();
      await store.writeBundle(newName(scope, 1), manifestOf(old), riding(old));
      await store.writeBundle(newName(scope, 2), manifestOf(old, young), riding(young));
      server[spoil](server.entries().at(-2)!);
      const fresh = openJob();
      await readNewest(fresh, scope);
      expect(await bytesOf(fresh, old)).toBeUndefined();
      expect(await bytesOf(fresh, young)).toBe(textOf(young.bytes));
    }
  });

  test('must be what its digest says', async () => {
    const [one, other] = [newBlob(), newBlob()];
    const wrong = [{ digest: one.blob.digest, bytes: other.bytes }];
    const name = newName(newScope());
    const write = openJob().writeBundle(name, manifestOf(one), wrong);
    await expect(write).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
    expect(await openJob().listSnapshots(name.scope)).toEqual([]);
  });
});

describe('of the snapshots of a scope', () => {
  test('two that were written at the same time are both found', async () => {
    const scope = newScope();
    const names = ['10000000', '20000000'].map((nonce) => ({ scope, sequence: 5, nonce }));
    await Promise.all(names.map((name) => writeNew(openJob(), name)));
    expect(await openJob().listSnapshots(scope)).toEqual(names);
  });

  test('the one before the newest is found, in case the newest is of no use', async () => {
    const scope = newScope();
    for (const sequence of [1, 2, 3]) await writeNew(openJob(), newName(scope, sequence));
    expect((await openJob().listSnapshots(scope)).map(({ sequence }) => sequence)).toEqual([3, 2]);
  });

  test('one of a slow saver does not hide a later one of a fast saver', async () => {
    const scope = newScope();
    await writeNew(openJob(), newName(scope, 1));
    await writeNew(openJob(), newName(scope, 3));
    nowMs += 1000;
    await writeNew(openJob(), newName(scope, 2));
    expect((await openJob().listSnapshots(scope)).map(({ sequence }) => sequence)).toEqual([3, 2]);
  });

  test('a branch sees its own, then those of the default branch; the default branch sees its own', async () => {
    const scope = newScope();
    const branch = { branch: 'refs/heads/feature' };
    const pull = { branch: 'refs/pull/7/merge', fallbacks: [branch.branch, 'refs/heads/main'] };
    const { blob, bytes, source } = newBlob();
    await openJob().writeBlob(blob, source);
    await writeNew(openJob(), newName(scope, 1));
    expect(await openJob(branch).listSnapshots(scope)).toHaveLength(1);
    expect(await bytesOf(openJob(branch), { blob, bytes, source })).toBe(textOf(bytes));
    await writeNew(openJob(branch), newName(scope, 2));
    const sequences = async (token: TokenOptions): Promise<number[]> =>
      (await openJob(token).listSnapshots(scope)).map(({ sequence }) => sequence);
    // Its own newest is found first; the one before it is in the default branch.
    expect(await sequences(branch)).toEqual([2, 1]);
    expect(await sequences(pull)).toEqual([2, 1]);
    expect(await sequences({})).toEqual([1]);
  });

  test('stores with a `scope=` of their own are apart', async () => {
    const scope = newScope();
    const open = (namespace: string) => openPlainTestStore({ type: 'gha', namespace }, server.jobEnv());
    await writeNew(open('Web'), newName(scope));
    expect(await open('Web').listSnapshots(scope)).toHaveLength(1);
    expect(await open('web').listSnapshots(scope)).toEqual([]);
    expect(await openJob().listSnapshots(scope)).toEqual([]);
  });
});

describe('entries', () => {
  test('go after 7 days without use; what is read stays', async () => {
    const [read, unread] = [newBlob(), newBlob()];
    for (const { blob, source } of [read, unread]) await openJob().writeBlob(blob, source);
    nowMs += 5 * DAY_MS;
    expect(await bytesOf(openJob(), read)).toBe(textOf(read.bytes));
    nowMs += 5 * DAY_MS;
    expect(await bytesOf(openJob(), read)).toBe(textOf(read.bytes));
    expect(await bytesOf(openJob(), unread)).toBeUndefined();
    expect(await openJob().hasBlob(unread.blob.digest)).toBe(false);
    expect((await openJob().writeBlob(unread.blob, unread.source)).bytesSent).toBe(1000);
  });

  test('go when the space is used up, the longest unused first', async () => {
    const small = await startGhaServer({ now: () => nowMs, sizeLimitBytes: 3500 });
    try {
      const blobs = [newBlob(), newBlob(), newBlob(), newBlob()];
      const store = openPlainTestStore({ type: 'gha' }, small.jobEnv());
      for (const [index, { blob, source }] of blobs.entries()) {
        nowMs += 1000;
        if (index === 3) await store.hasBlob(blobs[0]!.blob.digest);
        await store.writeBlob(blob, source);
      }
      const present = await Promise.all(blobs.map(({ blob }) => store.hasBlob(blob.digest)));
      expect(present).toEqual([true, false, true, true]);
    } finally {
      await small.stop();
    }
  });

  test('that a killed writer reserved do not stand in the way', async () => {
    const { blob, bytes, source } = newBlob();
    const name = newName(newScope());
    const manifest = await newManifest(openJob(), name);
    const killed = new Error('killed');
    const die = openJob().writeBlob(blob, async function* () {
      yield bytes.subarray(0, 500);
      throw killed;
    });
    await expect(die).rejects.toBe(killed);
    const reserved = server.entries().at(-1)!;
    expect(reserved.sizeBytes).toBeUndefined();
    expect((await openJob().writeBlob(blob, source)).bytesSent).toBe(1000);
    expect(server.entries().at(-1)!.key).toMatch(new RegExp(`^${reserved.key}~[0-9a-f]{8}$`));
    expect(await bytesOf(openJob(), { blob, bytes, source })).toBe(textOf(bytes));
    expect((await openJob().writeBlob(blob, source)).bytesSent).toBe(0);
    // The same for a snapshot, killed between upload and commit.
    const half = openJob({}, { fetch: withoutFinalize });
    await expect(half.writeSnapshot(name, manifest)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    expect(await openJob().listSnapshots(name.scope)).toEqual([]);
    await openJob().writeSnapshot(name, manifest);
    expect(await openJob().listSnapshots(name.scope)).toEqual([name]);
  });

  test('whose storage is gone are missing, though the service names them', async () => {
    const { blob, bytes, source } = newBlob();
    await openJob().writeBlob(blob, source);
    server.lose(server.entries().at(-1)!);
    expect(await openJob().hasBlob(blob.digest)).toBe(true);
    expect(await bytesOf(openJob(), { blob, bytes, source })).toBeUndefined();
  });

  test('more than the service takes in a minute are refused with when to come back, which is waited for', async () => {
    const slow = await startGhaServer({ entriesPerMinute: 2 });
    try {
      const store = openPlainTestStore({ type: 'gha' }, slow.jobEnv());
      for (const { blob, source } of [newBlob(), newBlob()]) await store.writeBlob(blob, source);
      const { blob, source } = newBlob();
      // A minute is more than the 30 s that are waited at most.
      const before = slow.seen.length;
      await expect(store.writeBlob(blob, source)).rejects.toMatchObject({
        code: 'STORE_RATE_LIMITED',
        retryAfterSeconds: expect.any(Number),
      });
      expect(slow.seen.slice(before)).toEqual(['reserve']);
    } finally {
      await slow.stop();
    }
  });

  test('are counted, so that one run never comes near the limit', async () => {
    const store = openJob({}, { ghaLimits: { entriesPerMinute: 3 } });
    for (const { blob, source } of [newBlob(), newBlob(), newBlob()]) await store.writeBlob(blob, source);
    const { blob, source } = newBlob();
    const seen = await requestsOf(async () => {
      await expect(store.writeBlob(blob, source)).rejects.toMatchObject({ code: 'STORE_RATE_LIMITED' });
    });
    expect(seen).toEqual({});
    expect(await store.hasBlob(blob.digest)).toBe(false);
  });
});

describe('signed addresses', () => {
  test('that expired before they were used are asked for once more', async () => {
    const name = newName(newScope());
    const manifest = await writeNew(openJob(), name);
    const store = openJob();
    server.setUrlLifetime(1);
    expect(await store.listSnapshots(name.scope)).toEqual([name]);
    nowMs += 1000;
    server.setUrlLifetime(600_000);
    const seen = await requestsOf(async () => {
      expect(Buffer.from((await store.readSnapshot(name))!)).toEqual(manifest);
    });
    expect(seen).toEqual({ download: 2, find: 1 });
  });

  test('that are always refused end in an error after the second', async () => {
    const { blob, source } = newBlob();
    const store = openJob();
    await store.writeBlob(blob, source);
    server.setUrlLifetime(-1);
    const seen = await requestsOf(async () => {
      await expect(store.readBlob(blob.digest)).rejects.toMatchObject({ code: 'STORE_DENIED' });
    });
    expect(seen).toEqual({ find: 2, download: 2 });
  });

  test('that expire while a large entry is uploaded are renewed once, by another entry', async () => {
    const { blob, bytes } = newBlob(400_000);
    const store = openJob({}, { ghaLimits: { singlePutBytes: 100_000, blockBytes: 100_000 } });
    server.setUrlLifetime(1000);
    let opened = 0;
    await store.writeBlob(blob, async function* () {
      opened += 1;
      yield bytes.subarray(0, 150_000);
      if (opened === 1) nowMs += 5000;
      yield bytes.subarray(150_000);
    });
    expect(opened).toBe(2);
    expect(server.entries().at(-1)!.key).toMatch(/~[0-9a-f]{8}$/);
    expect(await bytesOf(openJob(), { blob, bytes, source: async function* () {} })).toBe(textOf(bytes));
  });

  test('and tokens are in no line of the log, nor in errors', async () => {
    const lines: string[] = [];
    const logger = createLogger((_, line) => void lines.push(line), true);
    const env = server.jobEnv();
    const store = openPlainTestStore({ type: 'gha' }, env, { logger });
    const { blob, source } = newBlob();
    await store.writeBlob(blob, source);
    await bytesOf(store, { blob, source, bytes: Buffer.alloc(0) });
    server.setUrlLifetime(-1);
    const error = await store.readBlob(blob.digest).catch((thrown: unknown) => thrown);
    const { message, hint } = error as { message: string; hint?: string };
    const said = [...lines, message, hint ?? ''].join('\n');
    expect(lines.length).toBeGreaterThanOrEqual(3);
    expect(said).not.toContain(env['ACTIONS_RUNTIME_TOKEN']);
    expect(said).not.toMatch(/sig=|devstoreaccount1/);
  });
});

describe('what GitHub forbids', () => {
  test('a read-only token reads; its writes are refused as such, and not tried again', async () => {
    const name = newName(newScope());
    await writeNew(openJob(), name);
    const store = openJob({ canWrite: false });
    expect(await store.listSnapshots(name.scope)).toEqual([name]);
    const blobs = [newBlob(), newBlob()];
    const seen = await requestsOf(async () => {
      for (const { blob, source } of blobs) {
        await expect(store.writeBlob(blob, source)).rejects.toMatchObject({
          code: 'STORE_REFUSED',
          message: expect.stringContaining('cache write denied:'),
        });
      }
    });
    expect(seen).toEqual({ reserve: 1 });
    expect(await store.listSnapshots(name.scope)).toEqual([name]);
  });

  test('a token for nothing is refused reads', async () => {
    const store = openJob({ canRead: false, fallbacks: [] });
    await expect(store.listSnapshots('main')).rejects.toMatchObject({
      code: 'STORE_REFUSED',
      message: expect.stringContaining('cache read denied:'),
    });
  });

  test.each([
    ['none', false, false],
    ['read', true, false],
    ['write', true, true],
    ['write-only', false, true],
    ['', true, true],
    ['something new', true, true],
  ])('the cache mode `%s` is kept without a request', async (mode, canRead, canWrite) => {
    const env = { ...server.jobEnv(), ACTIONS_CACHE_MODE: mode };
    const store = openPlainTestStore({ type: 'gha' }, env);
    const { blob, source } = newBlob();
    expect(store.refusal?.read === undefined).toBe(canRead);
    expect(store.refusal?.write === undefined).toBe(canWrite);
    const outcomeOf = (work: Promise<unknown>): Promise<string> =>
      work.then(
        () => 'done',
        ({ code }: { code: string }) => code,
      );
    const seen = await requestsOf(async () => {
      expect(await outcomeOf(store.hasBlob(blob.digest))).toBe(canRead ? 'done' : 'STORE_REFUSED');
      expect(await outcomeOf(store.writeBlob(blob, source))).toBe(canWrite ? 'done' : 'STORE_REFUSED');
    });
    expect(seen).toEqual({
      ...(canRead && { find: 1 }),
      ...(canWrite && { reserve: 1, upload: 1, finalize: 1 }),
    });
  });
});
