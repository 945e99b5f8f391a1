import { systemClock, type Clock } from '../../../core/clock.ts';
import { digestOf, hexOf, isDigest, type Digest } from '../../../core/digest.ts';
import { SlipwayError } from '../../../core/errors.ts';
import { oneChunk } from '../../../core/one-chunk.ts';
import type {
  BlobLocator,
  PublicReading,
  ReadOptions,
  SnapshotName,
  Store,
  StoreKeeper,
  StoredBlob,
} from '../../port.ts';
import { decodeScope, encodeScope } from '../../scope-name.ts';
import { compareSnapshots, formatSnapshotKey, parseSnapshotKey, snapshotExists } from '../../snapshot-key.ts';
import { checkedSource } from '../../streams.ts';
import { exposureOf, type StrangersWay } from '../../strangers/exposure.ts';
import { askAsStranger } from './ask-as-stranger.ts';
import type { Bucket, ObjectBody } from './bucket.ts';
import { isYoung, readBucketClock, writeAnew } from './object-age.ts';

const MAX_SNAPSHOT_BYTES = 4 * 1024 * 1024;
const BLOBS = 'blobs/sha256/';
const SNAPSHOTS = 'snapshots/';
const JSON_ENDING = '.json';
/** Services tell a time in whole seconds to one question and to the millisecond to another. */
const SECOND_MS = 1000;

/** The same bucket as it is for somebody without credentials. */
export interface StrangersBucket {
  readonly way: StrangersWay;
  readonly bucket: Bucket;
}

/**
 * A store of objects, laid out as `docs/formats/store-layout.md` says. Such services show an object only when all of it
 * has arrived, so a name always means the whole; a listing sees every write that was answered.
 */
export function openObjectStore(
  bucket: Bucket,
  clock: Clock = systemClock,
  strangers?: StrangersBucket,
): Store & StoreKeeper & Partial<PublicReading & BlobLocator> {
  const { description } = bucket;
  const isConditional = onceDone((options?: ReadOptions) => bucket.isConditional(options));

  return {
    description,
    hasBlob: async (digest, options) => (await bucket.find(blobKey(digest), options)) !== undefined,
    readBlob: (digest, options) => bucket.open(blobKey(digest), options),
    async writeBlob(blob, source, options) {
      const key = blobKey(blob.digest);
      const found = await bucket.find(key, options);
      // One of another size isn't ours, whoever wrote it: it is replaced.
      // An old one is written once more, which makes it young: a collector may be about to delete it.
      if (found?.sizeBytes === blob.sizeBytes && isYoung(found, clock)) return { bytesSent: 0 };
      const body = { ...blob, open: () => checkedSource(blob, source) };
      // Whoever else writes it at this moment writes the same bytes.
      await bucket.write(key, body, { ...options, onlyIfAbsent: false });
      return { bytesSent: blob.sizeBytes };
    },
    async listSnapshots(scope, options) {
      const folder = scopeFolder(scope);
      const names: SnapshotName[] = [];
      for await (const { key } of bucket.list(folder, options)) {
        const name = key.endsWith(JSON_ENDING)
          ? parseSnapshotKey(scope, key.slice(folder.length, -JSON_ENDING.length))
          : undefined;
        if (name) names.push(name);
      }
      return names.sort(compareSnapshots);
    },
    readSnapshot: (name, options) => readSmall(bucket, snapshotKey(name), options),
    async writeSnapshot(name, manifest, options) {
      const key = snapshotKey(name);
      if (await bucket.find(key, options)) {
        await mustBeSame(bucket, { name, manifest }, options);
        return { bytesSent: 0 };
      }
      const onlyIfAbsent = await isConditional(options);
      const outcome = await bucket.write(key, manifestBody(manifest), { ...options, onlyIfAbsent });
      // Without the condition the nonce makes the name unique; reading it back shows a clash that happened all the same.
      if (outcome === 'exists' || !onlyIfAbsent) await mustBeSame(bucket, { name, manifest }, options);
      return { bytesSent: manifest.byteLength };
    },
    async listScopes(options) {
      const scopes: string[] = [];
      for await (const folder of bucket.listFolders(SNAPSHOTS, options)) {
        const scope = decodeScope(folder);
        if (scope !== undefined) scopes.push(scope);
      }
      return scopes.sort();
    },
    async listBlobs(options) {
      const blobs: StoredBlob[] = [];
      for await (const { key, sizeBytes, writtenAtMs } of bucket.list(BLOBS, options)) {
        const digest = `sha256:${key.slice(BLOBS.length)}`;
        if (isDigest(digest)) blobs.push({ digest, sizeBytes, writtenAtMs });
      }
      return blobs;
    },
    deleteSnapshot: (name, options) => bucket.remove(snapshotKey(name), options),
    async deleteBlob(digest, { writtenBeforeMs, ...options } = {}) {
      const found = writtenBeforeMs === undefined ? undefined : await bucket.find(blobKey(digest), options);
      if (found !== undefined && found.writtenAtMs + SECOND_MS > (writtenBeforeMs ?? 0)) return;
      await bucket.remove(blobKey(digest), options);
    },
    async touchBlob(digest, options) {
      const found = await bucket.find(blobKey(digest), options);
      if (found !== undefined) await writeAnew(bucket, found, { ...options, digest });
    },
    readClock: (options) => readBucketClock(bucket, options),
    deleteStaleUploads: (olderThanMs, options) => bucket.removeStaleUploads(olderThanMs, options),
    ...(strangers && readingOf(bucket, strangers)),
    ...(bucket.locate && locatorOf(bucket.locate)),
  };
}

function locatorOf(locate: NonNullable<Bucket['locate']>): BlobLocator {
  return { locateBlob: (digest, options) => locate(blobKey(digest), options) };
}

function readingOf(own: Bucket, { way, bucket }: StrangersBucket): PublicReading {
  return {
    readableByStrangers({ snapshot, ...options } = {}) {
      const key = snapshot && snapshotKey(snapshot);
      return exposureOf(own.description, way, () => askAsStranger(own, bucket, { ...options, key }), options.signal);
    },
  };
}

function blobKey(digest: Digest): string {
  return BLOBS + hexOf(digest);
}

function scopeFolder(scope: string): string {
  return `${SNAPSHOTS}${encodeScope(scope)}/`;
}

function snapshotKey(name: SnapshotName): string {
  return scopeFolder(name.scope) + formatSnapshotKey(name) + JSON_ENDING;
}

function manifestBody(manifest: Uint8Array): ObjectBody {
  return {
    sizeBytes: manifest.byteLength,
    mediaType: 'application/json',
    digest: digestOf(manifest),
    open: () => oneChunk(manifest),
  };
}

/** A repeated attempt meets its own work, which is well; anything else under the name stays, and is an error. */
async function mustBeSame(
  bucket: Bucket,
  { name, manifest }: { readonly name: SnapshotName; readonly manifest: Uint8Array },
  options?: ReadOptions,
): Promise<void> {
  const present = await readSmall(bucket, snapshotKey(name), options);
  if (!present || Buffer.compare(present, manifest) !== 0) throw snapshotExists(name, bucket.description);
}

async function readSmall(bucket: Bucket, key: string, options?: ReadOptions): Promise<Uint8Array | undefined> {
  const found = await bucket.open(key, options);
  if (!found) return undefined;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of found.body) {
    size += chunk.byteLength;
    if (size > MAX_SNAPSHOT_BYTES) {
      throw new SlipwayError('SNAPSHOT_INVALID', `\`${bucket.description}/${key}\` is larger than 4 MiB`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The answer of the first call that succeeds; one that fails is asked again by the next. */
function onceDone<T>(ask: (options?: ReadOptions) => Promise<T>): (options?: ReadOptions) => Promise<T> {
  let known: { readonly answer: T } | undefined;
  return async (options) => {
    known ??= { answer: await ask(options) };
    return known.answer;
  };
}
