import { digestOf, type Digest } from '../../../core/digest.ts';
import { isSlipwayError, SlipwayError } from '../../../core/errors.ts';
import { oneChunk } from '../../../core/one-chunk.ts';
import type {
  BlobLocator,
  BlobStream,
  PublicReading,
  Refusal,
  ReadOptions,
  SnapshotBundler,
  SnapshotName,
  Store,
} from '../../port.ts';
import { compareSnapshots, formatSnapshotKey, snapshotExists } from '../../snapshot-key.ts';
import { abortable, checkedSource } from '../../streams.ts';
import { closedToStrangers } from '../../strangers/exposure.ts';
import { namedBlobs } from '../../tiers/named-blobs.ts';
import { decodeBundle, encodeBundle, MAX_BUNDLE_BYTES, MAX_RIDING_BYTES } from './bundle.ts';
import type { Entries } from './entries.ts';
import type { EntryKeys } from './entry-key.ts';
import { createRiders } from './riders.ts';

export interface GhaStoreOptions {
  readonly entries: Entries;
  readonly keys: EntryKeys;
  readonly namespace: string | undefined;
  readonly refusal: Refusal;
}

/** Snapshots that are listed but not read are looked into for blobs that nobody knows a place of: so many at most. */
const MAX_LOOKED_INTO = 4;

/**
 * A store in the cache of GitHub Actions, laid out as `docs/formats/store-layout.md` says. Entries are never replaced and
 * can't be listed or deleted with a job's token: of a scope's snapshots the newest is found, and one near it. The service
 * shows an entry only when it is finalized, so a name always means the whole.
 * Strangers can't ask it: it takes a job's token. (Jobs of forks read what the base branch saved, as GitHub has it.)
 */
export function openGhaStore(options: GhaStoreOptions): Store & SnapshotBundler & PublicReading & BlobLocator {
  const { entries, keys, namespace, refusal } = options;
  const description = namespace === undefined ? 'the GitHub Actions cache' : `the GitHub Actions cache (${namespace})`;
  const riders = createRiders();
  /** Snapshots that were listed and not read yet. */
  const listed = new Map<string, SnapshotName>();
  /** Blobs whose place is known: those of snapshots that were read or written, and those with an entry of their own. */
  const known = new Set<Digest>();
  const addKnown = (digests: readonly Digest[]): void => digests.forEach((digest) => void known.add(digest));

  /** The manifest; what rides with it is kept. */
  const readBundle = async (name: SnapshotName, options?: ReadOptions): Promise<Uint8Array | undefined> => {
    const found = await entries.open(keys.snapshot(name), options);
    listed.delete(keys.snapshot(name));
    if (!found) return undefined;
    const bundle = decodeBundle(await collect(found.body, name));
    riders.learn(name, bundle);
    addKnown(namedDigests(bundle.manifest));
    return bundle.manifest;
  };

  const findRider = async (digest: Digest, options?: ReadOptions): Promise<Uint8Array | undefined> => {
    const place = riders.held(digest) ? undefined : riders.locate(digest);
    try {
      if (place) await readBundle(place, options);
    } catch (error) {
      // An older snapshot that is damaged: what rode with it is missing, as if it had been evicted.
      if (!isSlipwayError(error, 'SNAPSHOT_INVALID') && !isSlipwayError(error, 'FORMAT_UNKNOWN')) throw error;
    }
    return riders.held(digest);
  };

  /** Which blobs of a manifest ride with snapshots before it. */
  const placesOf = async (digests: readonly Digest[], options?: ReadOptions): Promise<Map<Digest, SnapshotName>> => {
    // A caller that read the snapshots elsewhere names blobs that only they can place.
    for (const name of [...listed.values()].slice(0, MAX_LOOKED_INTO)) {
      if (digests.every((digest) => known.has(digest))) break;
      await readBundle(name, options);
    }
    const placed = digests.map((digest) => [digest, riders.locate(digest)] as const);
    return new Map(placed.filter((one): one is [Digest, SnapshotName] => one[1] !== undefined));
  };

  const writeBundle: SnapshotBundler['writeBundle'] = async (name, manifest, blobs, options) => {
    options?.signal?.throwIfAborted();
    for (const { digest, bytes } of blobs) {
      if (digestOf(bytes) !== digest)
        throw new SlipwayError('BLOB_CORRUPT', `what is to be stored as \`${digest}\` is not it`);
    }
    const riding = new Set(blobs.map(({ digest }) => digest));
    const others = namedDigests(manifest).filter((digest) => !riding.has(digest));
    const elsewhere = await placesOf(others, options);
    const bytes = encodeBundle(manifest, blobs, elsewhere);
    const body = {
      sizeBytes: bytes.byteLength,
      open: () => oneChunk(bytes),
    };
    const outcome = await entries.write(keys.snapshot(name), body, options);
    if (outcome === 'exists') {
      const present = await readBundle(name, options);
      if (!present || Buffer.compare(present, manifest) !== 0) throw snapshotExists(name, description);
      return { bytesSent: 0 };
    }
    addKnown([...riding, ...others]);
    riders.learn(name, { blobs: new Map(blobs.map((blob) => [blob.digest, blob.bytes])), elsewhere });
    return { bytesSent: bytes.byteLength };
  };

  return {
    description,
    refusal,
    ...closedToStrangers(description, 'GitHub gives its entries to jobs of the repository only'),
    ridingBytes: MAX_RIDING_BYTES,

    async hasBlob(digest, options) {
      options?.signal?.throwIfAborted();
      const place = riders.locate(digest);
      if (place && (await entries.has(keys.snapshot(place), options))) return true;
      return entries.has(keys.blob(digest), options);
    },

    async readBlob(digest, options = {}) {
      options.signal?.throwIfAborted();
      const rider = await findRider(digest, options);
      return rider ? streamOf(rider, options) : entries.open(keys.blob(digest), options);
    },

    async locateBlob(digest, options) {
      options?.signal?.throwIfAborted();
      // One that rides is a part of an entry.
      const url = riders.locate(digest) ? undefined : await entries.locate(keys.blob(digest), options);
      return url && { url: url.href, headers: {} };
    },

    async writeBlob(blob, source, options) {
      options?.signal?.throwIfAborted();
      const body = { sizeBytes: blob.sizeBytes, open: () => abortable(checkedSource(blob, source), options?.signal) };
      const outcome = await entries.write(keys.blob(blob.digest), body, options);
      known.add(blob.digest);
      return { bytesSent: outcome === 'written' ? blob.sizeBytes : 0 };
    },

    async listSnapshots(scope, options) {
      options?.signal?.throwIfAborted();
      const names = new Map<string, SnapshotName>();
      const look = async (prefixes: readonly string[]): Promise<SnapshotName | undefined> => {
        const key = await entries.findNewest(prefixes, options);
        const name = key === undefined ? undefined : keys.parseSnapshot(scope, key);
        if (name) names.set(formatSnapshotKey(name), name);
        return name;
      };
      const newest = await look([keys.scope(scope)]);
      if (newest) await look(keys.neighbours(newest));
      const sorted = [...names.values()].sort(compareSnapshots);
      for (const name of sorted) listed.set(keys.snapshot(name), name);
      return sorted;
    },

    async readSnapshot(name, options) {
      options?.signal?.throwIfAborted();
      return readBundle(name, options);
    },

    writeSnapshot: (name, manifest, options) => writeBundle(name, manifest, [], options),
    writeBundle,
  };
}

function namedDigests(manifest: Uint8Array): readonly Digest[] {
  return namedBlobs(manifest).map(({ digest }) => digest);
}

function streamOf(bytes: Uint8Array, options: ReadOptions & { readonly offset?: number }): BlobStream {
  const offset = options.offset ?? 0;
  const body = (async function* () {
    if (offset < bytes.byteLength) yield bytes.subarray(offset);
  })();
  return { offset, body: abortable(body, options.signal) };
}

async function collect(body: AsyncIterable<Uint8Array>, name: SnapshotName): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > MAX_BUNDLE_BYTES) {
      throw new SlipwayError(
        'SNAPSHOT_INVALID',
        `the entry of \`${name.scope}@${formatSnapshotKey(name)}\` is too large`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
