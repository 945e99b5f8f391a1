import { SlipwayError } from '../core/errors.ts';
import { decodeManifest } from '../pack/manifest.ts';
import type { Snapshot } from '../pack/types.ts';
import { findHeads } from '../store/find-heads.ts';
import type { SnapshotName } from '../store/port.ts';
import { encodeScope } from '../store/scope-name.ts';
import { formatSnapshotKey } from '../store/snapshot-key.ts';
import { verifySnapshot, type SnapshotProblem, type SnapshotTrust } from '../trust/verify-snapshot.ts';
import { readSnapshotDocument } from './read-document.ts';
import { checkSequence } from './seen-sequences.ts';
import type { StoreContext } from './types.ts';

export interface StoredHead {
  readonly name: SnapshotName;
  readonly snapshot: Snapshot;
  /** A trusted key vouches for it. */
  readonly isSigned: boolean;
}

/** A snapshot that can be read, but that nobody who is trusted vouches for, where that is asked for. */
export interface UntrustedSnapshot {
  readonly name: SnapshotName;
  readonly snapshot: Snapshot;
  readonly problem: SnapshotProblem;
  readonly reason: string;
}

export interface ScopeReading {
  /** The snapshots that no other one has merged, newest first. */
  readonly heads: readonly StoredHead[];
  readonly untrusted: readonly UntrustedSnapshot[];
  readonly warnings: readonly string[];
}

/**
 * The newest snapshots of one scope. Where signatures are required, one without is as if it were not there, and what it
 * says of others (`merged`) counts for nothing: older ones that are signed come forward.
 */
export async function readHeads(context: StoreContext, scope: string): Promise<ScopeReading> {
  const { store, signal } = context;
  const warnings: string[] = [];
  const untrusted: UntrustedSnapshot[] = [];
  const found = await findHeads(store, scope, {
    signal,
    // What is left out is a fault of the cache like the others, which the caller tells.
    logger: { ...context.logger, warning: (text) => void warnings.push(text) },
    decode: async (manifest, name) => {
      const { config } = decodeManifest(manifest);
      const snapshot = await readSnapshotDocument(store, manifest, { config, signal });
      checkName(snapshot, name);
      const trust = judge(context, manifest, snapshot);
      if (context.options.trust?.isRequired === true && trust.state === 'untrusted') {
        untrusted.push({ name, snapshot, problem: trust.problem, reason: trust.reason });
        return undefined;
      }
      return { merged: snapshot.merged, snapshot, isSigned: trust.state === 'signed' };
    },
  });
  const heads = found.map(({ name, snapshot: { snapshot, isSigned } }) => ({ name, snapshot, isSigned }));
  // What lies behind a signed snapshot was there when that one was written, and was told then.
  const newest = heads[0]?.name.sequence ?? -1;
  for (const { name, reason } of untrusted) {
    const what = `snapshot \`${name.scope}@${formatSnapshotKey(name)}\` of ${store.description}`;
    if (name.sequence > newest) warnings.push(`${what} is left out: ${reason}`);
  }
  const replayed = await checkSequence(context, scope, heads.find(({ isSigned }) => isSigned)?.name.sequence);
  if (replayed !== undefined) warnings.push(replayed);
  return { heads, untrusted, warnings };
}

/** A snapshot that was put under another name, in this scope or from another one, is not the one that is asked for. */
export function checkName(snapshot: Snapshot, name: SnapshotName): void {
  // A store that lists its scopes knows a long one by its shortened form.
  const isScope = encodeScope(snapshot.scope) === encodeScope(name.scope);
  if (isScope && formatSnapshotKey(snapshot) === formatSnapshotKey(name)) return;
  throw new SlipwayError('SNAPSHOT_INVALID', `it says it is \`${snapshot.scope}@${formatSnapshotKey(snapshot)}\``);
}

const NOT_JUDGED: SnapshotTrust = { state: 'untrusted', problem: 'unsigned', reason: 'no key is trusted', keyIds: [] };

function judge(context: StoreContext, manifest: Uint8Array, snapshot: Snapshot): SnapshotTrust {
  const policy = context.options.trust?.policy;
  if (policy === undefined) return NOT_JUDGED;
  return verifySnapshot(manifest, snapshot, { policy, nowMs: context.clock.now() });
}
