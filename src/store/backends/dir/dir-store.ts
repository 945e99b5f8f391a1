import { createReadStream } from 'node:fs';
import { open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../../core/clock.ts';
import { hexOf, isDigest, type Digest } from '../../../core/digest.ts';
import { SlipwayError } from '../../../core/errors.ts';
import { oneChunk } from '../../../core/one-chunk.ts';
import type { BlobStream, PublicReading, SnapshotName, Store, StoredBlob, StoreKeeper } from '../../port.ts';
import { decodeScope, encodeScope } from '../../scope-name.ts';
import { compareSnapshots, formatSnapshotKey, parseSnapshotKey, snapshotExists } from '../../snapshot-key.ts';
import { abortable, checkedSource } from '../../streams.ts';
import { closedToStrangers } from '../../strangers/exposure.ts';
import { TEMPORARY_PREFIX, writeAtomically } from './atomic-file.ts';
import { readDiskClock, removeWrittenBefore, touch, touchUnlessYoung } from './file-age.ts';
import { isMissing, storageError } from './storage-error.ts';

const MAX_SNAPSHOT_BYTES = 4 * 1024 * 1024;

/**
 * A store in a directory, laid out as `docs/formats/store-layout.md` says. No locks: names are only ever added whole, by
 * link(2), so any number of processes may share it. It may not exist yet.
 * Strangers have no way to it: who may read the file system is this machine's business.
 */
export function openDirStore(root: string, clock: Clock): Store & StoreKeeper & PublicReading {
  const blobPath = (digest: Digest): string => join(root, 'blobs', 'sha256', hexOf(digest).slice(0, 2), hexOf(digest));
  const scopePath = (scope: string): string => join(root, 'snapshots', encodeScope(scope));
  const snapshotPath = (name: SnapshotName): string => join(scopePath(name.scope), `${formatSnapshotKey(name)}.json`);

  return {
    description: root,
    ...closedToStrangers(root, 'a directory is not on the net'),
    async hasBlob(digest, options) {
      options?.signal?.throwIfAborted();
      return (await sizeOf(blobPath(digest))) !== undefined;
    },
    readBlob: (digest, options = {}) => openFile(blobPath(digest), options.offset ?? 0, options.signal),
    async writeBlob(blob, source, options) {
      options?.signal?.throwIfAborted();
      const path = blobPath(blob.digest);
      const size = await sizeOf(path);
      if (size === blob.sizeBytes) {
        await touchUnlessYoung(path, clock.now());
        return { bytesSent: 0 };
      }
      // One of another size can only be damage, since names are given to synced files: it is replaced.
      const ifExists = size === undefined ? 'keep' : 'replace';
      await writeAtomically({ path, ifExists }, abortable(checkedSource(blob, source), options?.signal));
      return { bytesSent: blob.sizeBytes };
    },
    async listSnapshots(scope, options) {
      options?.signal?.throwIfAborted();
      const names = (await list(scopePath(scope))).map((file) =>
        file.endsWith('.json') ? parseSnapshotKey(scope, file.slice(0, -'.json'.length)) : undefined,
      );
      return names.filter((name) => name !== undefined).sort(compareSnapshots);
    },
    readSnapshot: (name, options) => readSmallFile(snapshotPath(name), options?.signal),
    async writeSnapshot(name, manifest, options) {
      options?.signal?.throwIfAborted();
      const path = snapshotPath(name);
      const result = await writeAtomically({ path, ifExists: 'keep' }, abortable(oneChunk(manifest), options?.signal));
      if (result === 'written') return { bytesSent: manifest.byteLength };
      const present = await readSmallFile(path, options?.signal);
      if (!present || Buffer.compare(present, manifest) !== 0) throw snapshotExists(name, root);
      return { bytesSent: 0 };
    },
    async listScopes() {
      const directories = await list(join(root, 'snapshots'));
      const scopes: string[] = [];
      for (const directory of directories) {
        const scope = decodeScope(directory);
        const files = scope === undefined ? [] : await list(join(root, 'snapshots', directory));
        if (scope !== undefined && files.some((file) => file.endsWith('.json'))) scopes.push(scope);
      }
      return scopes;
    },
    listBlobs: (options) => listBlobFiles(join(root, 'blobs', 'sha256'), options?.signal),
    deleteSnapshot: (name) => remove(snapshotPath(name)),
    deleteBlob: (digest, { writtenBeforeMs } = {}) => removeWrittenBefore(blobPath(digest), writtenBeforeMs),
    touchBlob: (digest) => touch(blobPath(digest)),
    readClock: async () => (await readDiskClock(root)) ?? clock.now(),
    deleteStaleUploads: (olderThanMs) => removeTemporaries(root, clock.now() - olderThanMs),
  };
}

async function openFile(path: string, offset: number, signal?: AbortSignal): Promise<BlobStream | undefined> {
  signal?.throwIfAborted();
  try {
    // Opened now, so that a blob deleted while it is read still comes whole.
    const file = await open(path, 'r');
    const stream = createReadStream('', { fd: file, start: offset, highWaterMark: 256 * 1024 });
    return { offset, body: readStream(stream, path, signal) };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw storageError(error, path);
  }
}

async function* readStream(
  stream: AsyncIterable<Uint8Array> & { destroy(): void },
  path: string,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    yield* abortable(stream, signal);
  } catch (error) {
    throw storageError(error, path);
  } finally {
    stream.destroy();
  }
}

async function readSmallFile(path: string, signal?: AbortSignal): Promise<Uint8Array | undefined> {
  signal?.throwIfAborted();
  const size = await sizeOf(path);
  if (size === undefined) return undefined;
  if (size > MAX_SNAPSHOT_BYTES) throw new SlipwayError('SNAPSHOT_INVALID', `\`${path}\` is larger than 4 MiB`);
  try {
    return await readFile(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw storageError(error, path);
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw storageError(error, path);
  }
}

async function list(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (isMissing(error)) return [];
    throw storageError(error, path);
  }
}

async function remove(path: string): Promise<void> {
  try {
    await rm(path, { force: true });
  } catch (error) {
    throw storageError(error, path);
  }
}

async function listBlobFiles(root: string, signal?: AbortSignal): Promise<StoredBlob[]> {
  const blobs: StoredBlob[] = [];
  for (const shard of await list(root)) {
    for (const hex of await list(join(root, shard))) {
      signal?.throwIfAborted();
      const digest = `sha256:${hex}`;
      const facts = isDigest(digest) ? await statOptional(join(root, shard, hex)) : undefined;
      if (isDigest(digest) && facts) blobs.push({ digest, sizeBytes: facts.size, writtenAtMs: facts.mtimeMs });
    }
  }
  return blobs;
}

async function removeTemporaries(root: string, beforeMs: number): Promise<number> {
  let removed = 0;
  for (const folder of ['blobs/sha256', 'snapshots']) {
    for (const directory of await list(join(root, folder))) {
      for (const file of await list(join(root, folder, directory))) {
        const path = join(root, folder, directory, file);
        const facts = file.startsWith(TEMPORARY_PREFIX) ? await statOptional(path) : undefined;
        if (!facts || facts.mtimeMs >= beforeMs) continue;
        await remove(path);
        removed += 1;
      }
    }
  }
  return removed;
}

async function statOptional(path: string): Promise<{ size: number; mtimeMs: number } | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw storageError(error, path);
  }
}
