import type { Bucket, ObjectFacts } from '../../src/store/backends/object/bucket.ts';
import { abortable } from '../../src/store/streams.ts';

export interface MemoryBucketOptions {
  /** Takes `onlyIfAbsent` for a decoration, as look-alikes of S3 do. */
  readonly ignoresCondition?: boolean;
  /** The service's own; the system's when absent. */
  readonly nowMs?: () => number;
}

export interface MemoryBucket extends Bucket {
  readonly objects: Map<string, Buffer>;
  /** `write blobs/…`, in order. */
  readonly calls: string[];
}

/** A service for objects that is gone with the process. */
export function createMemoryBucket(options: MemoryBucketOptions = {}): MemoryBucket {
  const objects = new Map<string, Buffer>();
  const times = new Map<string, number>();
  const nowMs = options.nowMs ?? (() => Date.now());
  const calls: string[] = [];
  const isConditional = options.ignoresCondition !== true;
  const factsOf = (key: string): ObjectFacts | undefined => {
    const bytes = objects.get(key);
    return bytes && { key, sizeBytes: bytes.byteLength, writtenAtMs: times.get(key) ?? nowMs() };
  };
  const note = (call: string, signal?: AbortSignal): void => {
    signal?.throwIfAborted();
    calls.push(call);
  };

  return {
    description: 'memory://bucket/prefix',
    objects,
    calls,
    async find(key, { signal } = {}) {
      note(`find ${key}`, signal);
      return factsOf(key);
    },
    async open(key, { offset = 0, signal } = {}) {
      note(`open ${key}`, signal);
      const bytes = objects.get(key);
      return bytes && { offset, body: abortable(chunksOf(bytes.subarray(offset)), signal) };
    },
    async write(key, body, { onlyIfAbsent, signal }) {
      note(`write ${key}${onlyIfAbsent ? ' if absent' : ''}`, signal);
      const chunks: Uint8Array[] = [];
      for await (const chunk of abortable(body.open(), signal)) chunks.push(chunk.slice());
      if (onlyIfAbsent && isConditional && objects.has(key)) return 'exists';
      objects.set(key, Buffer.concat(chunks));
      times.set(key, nowMs());
      return 'written';
    },
    async *list(prefix, { signal } = {}) {
      note(`list ${prefix}`, signal);
      for (const key of [...objects.keys()]) {
        const facts = key.startsWith(prefix) ? factsOf(key) : undefined;
        if (facts) yield facts;
      }
    },
    async *listFolders(prefix, { signal } = {}) {
      note(`folders ${prefix}`, signal);
      const rests = [...objects.keys()].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
      yield* new Set(rests.filter((rest) => rest.includes('/')).map((rest) => rest.split('/')[0]!));
    },
    async remove(key, { signal } = {}) {
      note(`remove ${key}`, signal);
      objects.delete(key);
      times.delete(key);
    },
    async removeStaleUploads(_olderThanMs, { signal } = {}) {
      note('stale', signal);
      return 0;
    },
    async isConditional({ signal } = {}) {
      note('conditional', signal);
      return isConditional;
    },
  };
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += 64 * 1024) yield bytes.subarray(at, at + 64 * 1024);
}
