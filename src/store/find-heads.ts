import { errorMessage, isSlipwayError, type ErrorCode } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { forEachLimited } from './each-limited.ts';
import { hasSecondSource, type ReadOptions, type SnapshotName, type Store } from './port.ts';
import { compareSnapshots, formatSnapshotKey, parseSnapshotKey } from './snapshot-key.ts';

/** What must be known of a decoded snapshot: which others of its scope it makes unnecessary. */
export interface MergingSnapshot {
  readonly merged: readonly string[];
}

export interface FindHeadsOptions<T extends MergingSnapshot> extends ReadOptions {
  /**
   * Throws a SlipwayError for what is no snapshot of ours; may read blobs that the manifest names. Undefined: it is left
   * out without a word here, as if it weren't there.
   */
  readonly decode: (manifest: Uint8Array, name: SnapshotName) => T | undefined | Promise<T | undefined>;
  readonly logger: Logger;
  readonly concurrency?: number;
  readonly maxSnapshots?: number;
}

export interface Head<T> {
  readonly name: SnapshotName;
  readonly manifest: Uint8Array;
  readonly snapshot: T;
}

/** A document that is there but of no use; everything else that fails is the store's failure. */
const UNUSABLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'SNAPSHOT_INVALID',
  'FORMAT_UNKNOWN',
  'BLOB_CORRUPT',
  'BLOB_MISSING',
  'PACK_INVALID',
]);

/**
 * The snapshots of a scope that no other one covers, newest first: together they hold all that was saved. The newest is
 * read alone, since it mostly covers all others; then what is left, in parallel. One that can't be used is said and left
 * out, so that older ones come forward.
 */
export async function findHeads<T extends MergingSnapshot>(
  store: Store,
  scope: string,
  options: FindHeadsOptions<T>,
): Promise<readonly Head<T>[]> {
  const { signal, concurrency = 8, maxSnapshots = 64 } = options;
  const call = signal ? { signal } : {};
  const names = await store.listSnapshots(scope, call);
  const covered = new Set<string>();
  const heads: Head<T>[] = [];
  let reads = 0;
  let rest = names;
  while (rest.length > 0 && reads < maxSnapshots) {
    const batch = rest.slice(0, Math.min(reads === 0 ? 1 : concurrency, maxSnapshots - reads));
    reads += batch.length;
    await forEachLimited(batch, { concurrency, ...call }, async (name, workSignal) => {
      const head = await readHead(store, name, { ...options, signal: workSignal });
      if (!head) return;
      heads.push(head);
      for (const key of head.snapshot.merged) if (isOlder(key, name)) covered.add(key);
    });
    rest = rest.slice(batch.length).filter((name) => !covered.has(formatSnapshotKey(name)));
  }
  if (rest.length > 0) {
    options.logger.warning(
      `scope \`${scope}\` has ${rest.length} more snapshots than the ${maxSnapshots} that are read`,
    );
  }
  return heads
    .filter((head) => !covered.has(formatSnapshotKey(head.name)))
    .sort((a, b) => compareSnapshots(a.name, b.name));
}

/** Only what was written before can be covered: two that name each other must not both vanish. */
function isOlder(key: string, than: SnapshotName): boolean {
  const name = parseSnapshotKey(than.scope, key);
  return name !== undefined && name.sequence < than.sequence;
}

async function readHead<T extends MergingSnapshot>(
  store: Store,
  name: SnapshotName,
  options: FindHeadsOptions<T>,
): Promise<Head<T> | undefined> {
  try {
    const manifest = await store.readSnapshot(name, options.signal ? { signal: options.signal } : {});
    // Deleted since the listing.
    if (!manifest) return undefined;
    const snapshot = await options.decode(manifest, name);
    return snapshot && { name, manifest, snapshot };
  } catch (error) {
    if (!isSlipwayError(error) || !UNUSABLE.has(error.code)) throw error;
    if (hasSecondSource(store) && store.rejectSnapshot(name)) return readHead(store, name, options);
    options.logger.warning(
      `snapshot \`${name.scope}@${formatSnapshotKey(name)}\` of ${store.description} is left out: ${errorMessage(error)}`,
    );
    return undefined;
  }
}
