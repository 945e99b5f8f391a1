import { randomBytes } from 'node:crypto';
import type { Digest } from '../../core/digest.ts';
import { CONFIG_MEDIA_TYPE } from '../../pack/manifest.ts';
import { encodeSnapshot, type EncodedSnapshot } from '../../pack/snapshot.ts';
import type { Snapshot } from '../../pack/types.ts';
import { uniteSnapshots } from '../../pack/unite.ts';
import type { SnapshotName, Store } from '../../store/port.ts';
import { formatSnapshotKey } from '../../store/snapshot-key.ts';
import type { SurveyedSnapshot } from '../survey-store.ts';

export interface SuccessorRequest {
  readonly heads: readonly SurveyedSnapshot[];
  /** Packs that it doesn't name. */
  readonly drop: ReadonlySet<Digest>;
  /** Which verb wrote it, for those who list snapshots. */
  readonly writer: string;
  readonly createdAtMs: number;
}

export interface SuccessorOptions {
  readonly signal: AbortSignal;
  /** Signs it; `isSignable` when a trusted key vouches for all that it is made of. */
  readonly seal?: (encoded: EncodedSnapshot, snapshot: Snapshot, isSignable: boolean) => EncodedSnapshot;
}

/**
 * The snapshot that takes the place of a scope's heads: all they hold but the dropped packs. What another writer has
 * saved meanwhile isn't merged, so nothing of it is lost. Pure.
 */
export function planSuccessor(
  { heads, drop, writer, createdAtMs }: SuccessorRequest,
  visible: readonly SnapshotName[],
  nonce: string,
): Snapshot {
  const snapshots = heads.flatMap(({ snapshot }) => snapshot ?? []);
  const united = uniteSnapshots(snapshots);
  const visibleKeys = new Set(visible.map(formatSnapshotKey));
  const covered = snapshots.flatMap((snapshot) => [formatSnapshotKey(snapshot), ...snapshot.merged]);
  return {
    formatVersion: 1,
    scope: snapshots[0]?.scope ?? '',
    sequence: Math.max(0, ...visible.map(({ sequence }) => sequence)) + 1,
    nonce,
    // A disk's clock tells parts of milliseconds.
    createdAtMs: Math.floor(createdAtMs),
    merged: [...new Set(covered)].filter((key) => visibleKeys.has(key)).sort(),
    packs: united.packs.filter(({ digest }) => !drop.has(digest)),
    history: united.history,
    owners: united.owners,
    facts: { ...united.facts, writer },
  };
}

/** Does a trusted key vouch for each of them? */
export function areSigned(heads: readonly SurveyedSnapshot[]): boolean {
  return heads.every(({ trust }) => trust?.isSigned === true);
}

/** Commits it: the config first, the manifest last. Its packs are there already. */
export async function writeSuccessor(
  store: Store,
  request: SuccessorRequest,
  { signal, seal = (encoded) => encoded }: SuccessorOptions,
): Promise<SnapshotName> {
  const scope = request.heads[0]?.snapshot?.scope ?? '';
  const visible = await store.listSnapshots(scope, { signal });
  const snapshot = planSuccessor(request, visible, randomBytes(4).toString('hex'));
  const encoded = seal(encodeSnapshot(snapshot), snapshot, areSigned(request.heads));
  const { config, configDigest } = encoded;
  const blob = { digest: configDigest, sizeBytes: config.byteLength, mediaType: CONFIG_MEDIA_TYPE };
  await store.writeBlob(
    blob,
    async function* () {
      yield config;
    },
    { signal },
  );
  const name = { scope, sequence: snapshot.sequence, nonce: snapshot.nonce };
  await store.writeSnapshot(name, encoded.manifest, { signal });
  return name;
}
