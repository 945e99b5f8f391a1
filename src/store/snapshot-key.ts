import { SlipwayError } from '../core/errors.ts';
import type { SnapshotName } from './port.ts';

const KEY = /^(0|[1-9]\d{0,14})-([0-9a-f]{8})$/;

/** The most that the grammar has room for. */
export const HIGHEST_SEQUENCE = 999_999_999_999_999;

/** `<sequence>-<nonce>`: a snapshot's name inside its scope, and the end of its tag or file name. */
export function formatSnapshotKey(name: SnapshotName): string {
  const key = `${name.sequence}-${name.nonce}`;
  if (!KEY.test(key)) throw new SlipwayError('INTERNAL', `\`${key}\` is not a snapshot name`);
  return key;
}

export function parseSnapshotKey(scope: string, key: string): SnapshotName | undefined {
  const match = KEY.exec(key);
  return match ? { scope, sequence: Number(match[1]), nonce: match[2]! } : undefined;
}

/** Newest first; two of the same sequence in a fixed order. */
export function compareSnapshots(a: SnapshotName, b: SnapshotName): number {
  return b.sequence - a.sequence || (a.nonce < b.nonce ? -1 : a.nonce > b.nonce ? 1 : 0);
}

export function snapshotExists(name: SnapshotName, place: string): SlipwayError {
  return new SlipwayError(
    'STORE_FAILED',
    `the snapshot \`${name.scope}@${formatSnapshotKey(name)}\` is in ${place} already, and snapshots are never replaced`,
  );
}
