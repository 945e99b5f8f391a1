import { deleteBlob, findBlob, openBlob, tryUpload, uploadBlob } from '../../../oci/blobs.ts';
import { locateBlob } from '../../../oci/blob-location.ts';
import { deleteTag, findManifest, readManifest, writeManifest } from '../../../oci/manifests.ts';
import type { Repository } from '../../../oci/repository.ts';
import { readServerClock } from '../../../oci/server-clock.ts';
import { listTags } from '../../../oci/tags.ts';
import { digestOf } from '../../../core/digest.ts';
import { errorMessage, isSlipwayError } from '../../../core/errors.ts';
import type { Logger } from '../../../core/logger.ts';
import type {
  BlobLocator,
  PublicReading,
  ReadOptions,
  SnapshotName,
  Store,
  StoreKeeper,
  WriteTrial,
} from '../../port.ts';
import { decodeScope, encodeScope } from '../../scope-name.ts';
import { readHeadKey } from './head-key.ts';
import { compareSnapshots, formatSnapshotKey, parseSnapshotKey, snapshotExists } from '../../snapshot-key.ts';
import { checkedSource } from '../../streams.ts';
import { exposureOf, type StrangersWay } from '../../strangers/exposure.ts';
import { askAsStranger } from './ask-as-stranger.ts';

/**
 * A store in one repository of a registry: blobs by digest, a snapshot under its own tag, and the tag `<scope>` on the
 * newest one, for people and for registries that don't list. That tag is a hint and never decides what is right.
 * `docs/formats/store-layout.md` has the grammar of the tags.
 */
export function openOciStore(
  repository: Repository,
  logger: Logger,
  strangers: { readonly way: StrangersWay; readonly repository: Repository },
): Store & StoreKeeper & WriteTrial & PublicReading & BlobLocator {
  const description = `${repository.address.host}/${repository.name}`;

  const listSnapshots = async (scope: string, options?: ReadOptions): Promise<readonly SnapshotName[]> => {
    const tags = await listTags(repository, options);
    if (tags === 'forbidden') return readHeadName(repository, scope, options);
    const prefix = `${encodeScope(scope)}-`;
    const names = tags.map((tag) =>
      tag.startsWith(prefix) ? parseSnapshotKey(scope, tag.slice(prefix.length)) : undefined,
    );
    return names.filter((name) => name !== undefined).sort(compareSnapshots);
  };

  return {
    description,
    hasBlob: async (digest, options) => (await findBlob(repository, digest, options)) !== undefined,
    readBlob: (digest, options) => openBlob(repository, digest, options),
    async writeBlob(blob, source, options) {
      const found = await findBlob(repository, blob.digest, options);
      // One of another size isn't ours, whoever answers: the upload shows.
      if (found && (found.sizeBytes ?? blob.sizeBytes) === blob.sizeBytes) return { bytesSent: 0 };
      const body = { sizeBytes: blob.sizeBytes, open: () => checkedSource(blob, source) };
      await uploadBlob(repository, blob.digest, body, options);
      return { bytesSent: blob.sizeBytes };
    },
    listSnapshots,
    readSnapshot: (name, options) => readManifest(repository, tagOf(name), options),
    async writeSnapshot(name, manifest, options) {
      const present = await findManifest(repository, tagOf(name), options);
      if (present === digestOf(manifest)) return { bytesSent: 0 };
      if (present !== undefined) throw snapshotExists(name, description);
      await writeManifest(repository, tagOf(name), manifest, options);
      const bytesSent = await writeHead(repository, name.scope, manifest, { ...options, logger });
      return { bytesSent: manifest.byteLength + bytesSent };
    },
    locateBlob: (digest, options) => locateBlob(repository, digest, options),
    tryWrite: (options) => tryUpload(repository, options),
    readableByStrangers({ snapshot, signal } = {}) {
      const { way } = strangers;
      const asked = { repository: strangers.repository, fetch: way.fetch };
      const ask = () => askAsStranger(asked, snapshot && tagOf(snapshot), { signal });
      return exposureOf(description, way, ask, signal);
    },
    async listScopes(options) {
      const tags = await listTags(repository, options);
      const scopes = tags === 'forbidden' ? [] : tags.map(scopeOf).filter((scope) => scope !== undefined);
      return [...new Set(scopes)].sort();
    },
    // The distribution API has no way to list blobs.
    listBlobs: async () => undefined,
    async deleteSnapshot(name, options) {
      const digest = await findManifest(repository, tagOf(name), options);
      if (digest === undefined) return;
      const head = encodeScope(name.scope);
      if ((await findManifest(repository, head, options)) === digest) {
        await moveHead(repository, name, await listSnapshots(name.scope, options), options);
      }
      await deleteTag(repository, tagOf(name), options);
    },
    deleteBlob: (digest, options) => deleteBlob(repository, digest, options),
    touchBlob: async () => undefined,
    readClock: (options) => readServerClock(repository, options),
    // A registry purges unfinished uploads by itself.
    deleteStaleUploads: async () => 0,
  };
}

function tagOf(name: SnapshotName): string {
  return `${encodeScope(name.scope)}-${formatSnapshotKey(name)}`;
}

function scopeOf(tag: string): string | undefined {
  const encoded = /^(.+?)-\d+-[0-9a-f]{8}$/.exec(tag)?.[1];
  return encoded === undefined ? undefined : decodeScope(encoded);
}

/** The snapshot is committed by now: a head that can't be moved is worth a line, not a failure. */
async function writeHead(
  repository: Repository,
  scope: string,
  manifest: Uint8Array,
  options: ReadOptions & { readonly logger: Logger },
): Promise<number> {
  const { logger, ...call } = options;
  try {
    await writeManifest(repository, encodeScope(scope), manifest, call);
    return manifest.byteLength;
  } catch (error) {
    if (!isSlipwayError(error)) throw error;
    logger.warning(`the tag \`${encodeScope(scope)}\` could not be moved to the new snapshot: ${errorMessage(error)}`);
    return 0;
  }
}

/** Points the head at the newest of the others, or takes it away with the last. */
async function moveHead(
  repository: Repository,
  gone: SnapshotName,
  names: readonly SnapshotName[],
  options?: ReadOptions,
): Promise<void> {
  const head = encodeScope(gone.scope);
  for (const name of names) {
    if (formatSnapshotKey(name) === formatSnapshotKey(gone)) continue;
    const manifest = await readManifest(repository, tagOf(name), options);
    if (manifest) return writeManifest(repository, head, manifest, options);
  }
  await deleteTag(repository, head, options);
}

async function readHeadName(
  repository: Repository,
  scope: string,
  options?: ReadOptions,
): Promise<readonly SnapshotName[]> {
  const manifest = await readManifest(repository, encodeScope(scope), options);
  const name = manifest && parseSnapshotKey(scope, await readHeadKey(repository, manifest, options));
  return name ? [name] : [];
}
