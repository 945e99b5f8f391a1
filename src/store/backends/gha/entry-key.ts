import { hexOf, newSha256, type Digest } from '../../../core/digest.ts';
import type { SnapshotName } from '../../port.ts';
import { encodeScope } from '../../scope-name.ts';
import { formatSnapshotKey, parseSnapshotKey } from '../../snapshot-key.ts';

/** What the service calls the version of an entry: a namespace of 64 hex digits. Another layout gets another one. */
export const ENTRY_VERSION: string = newSha256().update('slipway store layout 1').digest('hex');

/**
 * Keys of entries as `docs/formats/store-layout.md` has them. The service finds an entry by a prefix of its key and
 * gives the newest, so every key is made such that a prefix means one thing. Keys are in lower case, since the service
 * doesn't tell capitals apart.
 */
export interface EntryKeys {
  blob(digest: Digest): string;
  snapshot(name: SnapshotName): string;
  /** The prefix of every snapshot of a scope. */
  scope(scope: string): string;
  /** Prefixes of snapshots near this one, the more wanted first; at most 9, since the service takes 10 keys. */
  neighbours(name: SnapshotName): readonly string[];
  /** The snapshot of a scope that has this key; undefined for what is none. */
  parseSnapshot(scope: string, key: string): SnapshotName | undefined;
}

/** Where a nonce falls: so few that one question can name all others. */
const BUCKETS = 8;

export function entryKeys(namespace: string | undefined): EntryKeys {
  const root = namespace === undefined ? 'slipway' : `slipway:${encodeScope(namespace)}`;
  const scopePrefix = (scope: string): string => `${root}/snapshot/${encodeScope(scope)}@`;
  const sequencePrefix = (scope: string, sequence: number): string => `${scopePrefix(scope)}${sequence}/`;
  const bucketPrefix = ({ scope, sequence }: SnapshotName, bucket: number): string =>
    `${sequencePrefix(scope, sequence)}${bucket}/`;
  const snapshot = (name: SnapshotName): string => {
    formatSnapshotKey(name);
    return `${bucketPrefix(name, bucketOf(name.nonce))}${name.nonce}`;
  };
  return {
    blob: (digest) => `${root}/blob/${hexOf(digest)}`,
    snapshot,
    scope: scopePrefix,
    neighbours(name) {
      const { scope, sequence, nonce } = name;
      const own = bucketOf(nonce);
      const others = Array.from({ length: BUCKETS }, (_, bucket) => bucket).filter((bucket) => bucket !== own);
      return [
        // Written by a saver that was faster than the one whose snapshot came last.
        sequencePrefix(scope, sequence + 1),
        // Written at the same time.
        ...others.map((bucket) => bucketPrefix(name, bucket)),
        ...(sequence > 0 ? [sequencePrefix(scope, sequence - 1)] : []),
      ];
    },
    parseSnapshot(scope, key) {
      const prefix = scopePrefix(scope);
      const match = key.startsWith(prefix)
        ? /^(\d+)\/\d\/([0-9a-f]{8})(~|$)/.exec(key.slice(prefix.length))
        : undefined;
      const name = match && parseSnapshotKey(scope, `${match[1]}-${match[2]}`);
      return name && key.startsWith(snapshot(name)) ? name : undefined;
    },
  };
}

/**
 * The key to write where the plain one is reserved by a writer who is not done, or never will be: entries can't be
 * replaced or deleted. Readers ask for the plain key as a prefix and so find either.
 */
export function anotherKey(key: string, nonce: string): string {
  return `${key}~${nonce}`;
}

export function plainKey(key: string): string {
  return key.split('~')[0]!;
}

/** Is this the entry that was asked for, and not one whose key only begins alike? */
export function isKeyOf(found: string, wanted: string): boolean {
  return plainKey(found) === wanted;
}

function bucketOf(nonce: string): number {
  return Number.parseInt(nonce[0]!, 16) % BUCKETS;
}
