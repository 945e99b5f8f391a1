import type { Clock } from '../../../core/clock.ts';
import { systemClock } from '../../../core/clock.ts';
import type { Digest } from '../../../core/digest.ts';
import type { SnapshotName, Store, StoreKeeper } from '../../port.ts';
import { compareSnapshots, formatSnapshotKey, snapshotExists } from '../../snapshot-key.ts';
import { abortable, checkedSource } from '../../streams.ts';
import { closedToStrangers } from '../../strangers/exposure.ts';

type ScopeEntries = Map<string, { readonly name: SnapshotName; readonly manifest: Uint8Array }>;

const CHUNK_BYTES = 64 * 1024;

/** A store in this process, gone with it, which nobody else can reach. Its ages are told by `clock`. */
export function createMemoryStore(clock: Clock = systemClock): Store & StoreKeeper {
  const blobs = new Map<Digest, { bytes: Uint8Array; writtenAtMs: number }>();
  const scopes = new Map<string, ScopeEntries>();

  return {
    description: 'memory',
    ...closedToStrangers('memory', 'it is in this process'),
    async hasBlob(digest, options) {
      options?.signal?.throwIfAborted();
      return blobs.has(digest);
    },
    async readBlob(digest, options = {}) {
      options.signal?.throwIfAborted();
      const blob = blobs.get(digest);
      const offset = options.offset ?? 0;
      return blob && { offset, body: abortable(chunksOf(blob.bytes.subarray(offset)), options.signal) };
    },
    async writeBlob(blob, source, options) {
      options?.signal?.throwIfAborted();
      const present = blobs.get(blob.digest);
      if (present) {
        present.writtenAtMs = clock.now();
        return { bytesSent: 0 };
      }
      const chunks: Uint8Array[] = [];
      for await (const chunk of abortable(checkedSource(blob, source), options?.signal)) chunks.push(chunk.slice());
      blobs.set(blob.digest, { bytes: Buffer.concat(chunks), writtenAtMs: clock.now() });
      return { bytesSent: blob.sizeBytes };
    },
    async listSnapshots(scope, options) {
      options?.signal?.throwIfAborted();
      return [...(scopes.get(scope)?.values() ?? [])].map((entry) => entry.name).sort(compareSnapshots);
    },
    async readSnapshot(name, options) {
      options?.signal?.throwIfAborted();
      return scopes.get(name.scope)?.get(formatSnapshotKey(name))?.manifest.slice();
    },
    async writeSnapshot(name, manifest, options) {
      options?.signal?.throwIfAborted();
      const scope: ScopeEntries = scopes.get(name.scope) ?? new Map();
      const key = formatSnapshotKey(name);
      const present = scope.get(key)?.manifest;
      if (present && Buffer.compare(present, manifest) === 0) return { bytesSent: 0 };
      if (present) throw snapshotExists(name, 'memory');
      scopes.set(name.scope, scope.set(key, { name, manifest: manifest.slice() }));
      return { bytesSent: manifest.byteLength };
    },
    async listScopes() {
      return [...scopes].filter(([, scope]) => scope.size > 0).map(([name]) => name);
    },
    async listBlobs() {
      return [...blobs].map(([digest, blob]) => ({
        digest,
        sizeBytes: blob.bytes.byteLength,
        writtenAtMs: blob.writtenAtMs,
      }));
    },
    async deleteSnapshot(name) {
      scopes.get(name.scope)?.delete(formatSnapshotKey(name));
    },
    async deleteBlob(digest, { writtenBeforeMs = Number.POSITIVE_INFINITY } = {}) {
      if ((blobs.get(digest)?.writtenAtMs ?? 0) < writtenBeforeMs) blobs.delete(digest);
    },
    async touchBlob(digest) {
      const blob = blobs.get(digest);
      if (blob) blob.writtenAtMs = clock.now();
    },
    readClock: async () => clock.now(),
    async deleteStaleUploads() {
      return 0;
    },
  };
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}
