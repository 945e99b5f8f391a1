import { verify } from 'node:crypto';
import { decodeManifest, type DecodedManifest } from '../pack/manifest.ts';
import type { Snapshot } from '../pack/types.ts';
import { parseSignatures, type SnapshotSignature } from './signature-text.ts';
import { encodeStatement, factOf } from './statement.ts';
import { mayKeySign, type TrustedKey } from './trusted-key.ts';

/** Whose signatures are believed, for what, and how long. */
export interface TrustPolicy {
  readonly keys: readonly TrustedKey[];
  /** The repository at hand, as `host/owner/name`; '' where it isn't known. */
  readonly repository: string;
  readonly maxAgeMs: number;
}

export type SnapshotProblem =
  | 'unsigned'
  | 'malformed-signature'
  | 'unknown-signer'
  | 'altered'
  | 'wrong-scope'
  | 'wrong-repository'
  | 'expired';

/** What a snapshot's signatures are worth. */
export type SnapshotTrust =
  | { readonly state: 'signed'; readonly signers: readonly TrustedKey[] }
  | {
      readonly state: 'untrusted';
      readonly problem: SnapshotProblem;
      /** One clause for people: `it is not signed`. */
      readonly reason: string;
      /** Who signed it, as it says itself. */
      readonly keyIds: readonly string[];
    };

const DAY_MS = 24 * 3600 * 1000;

/**
 * Judges a snapshot that was decoded from this manifest and its config, so that their digests are known to be right, and
 * whose scope, sequence and nonce are those that were asked for. One signature that holds is enough.
 */
export function verifySnapshot(
  manifestBytes: Uint8Array,
  snapshot: Snapshot,
  { policy, nowMs }: { readonly policy: TrustPolicy; readonly nowMs: number },
): SnapshotTrust {
  const manifest = decodeManifest(manifestBytes);
  if (manifest.signatures === undefined) return untrusted('unsigned', 'it is not signed');
  const signatures = parseSignatures(manifest.signatures);
  if (signatures === undefined) return untrusted('malformed-signature', "its signatures can't be read");
  const keyIds = signatures.map(({ keyId }) => keyId);
  const judged = judgeSignatures(manifest, snapshot, { signatures, keys: policy.keys });
  if (judged.valid.length === 0) {
    return judged.hasWrong
      ? untrusted('altered', 'its signature is not one of its content: it was altered', keyIds)
      : untrusted('unknown-signer', `no trusted key signed it, but ${keyIds.join(', ')}`, keyIds);
  }
  const signers = judged.valid.filter((key) => mayKeySign(key, snapshot.scope));
  if (signers.length === 0) {
    const names = judged.valid.map(({ name, keyId }) => name ?? keyId).join(', ');
    return untrusted('wrong-scope', `its signer ${names} is not trusted for the scope \`${snapshot.scope}\``, keyIds);
  }
  const repository = factOf(snapshot.facts, 'repository');
  if (repository !== policy.repository) {
    return untrusted(
      'wrong-repository',
      `it was signed for ${nameRepository(repository)}, and this is ${nameRepository(policy.repository)}`,
      keyIds,
    );
  }
  if (Math.abs(nowMs - snapshot.createdAtMs) > policy.maxAgeMs) {
    const days = Math.round(Math.abs(nowMs - snapshot.createdAtMs) / DAY_MS);
    const when = nowMs > snapshot.createdAtMs ? 'days ago' : 'days in the future';
    const most = `${policy.maxAgeMs / DAY_MS} days`;
    return untrusted('expired', `it was signed ${days} ${when}, and signatures count for ${most}`, keyIds);
  }
  return { state: 'signed', signers };
}

/** The keys whose signatures are right, and whether a trusted key's name stands on one that isn't. */
function judgeSignatures(
  manifest: DecodedManifest,
  snapshot: Snapshot,
  { signatures, keys }: { readonly signatures: readonly SnapshotSignature[]; readonly keys: readonly TrustedKey[] },
): { readonly valid: readonly TrustedKey[]; readonly hasWrong: boolean } {
  const statement = encodeStatement(manifest, snapshot);
  const valid = new Set<TrustedKey>();
  let hasWrong = false;
  for (const { keyId, bytes } of signatures) {
    for (const key of keys) {
      if (key.keyId !== keyId) continue;
      if (verify(null, statement, key.key, bytes)) valid.add(key);
      else hasWrong = true;
    }
  }
  return { valid: [...valid], hasWrong };
}

function untrusted(problem: SnapshotProblem, reason: string, keyIds: readonly string[] = []): SnapshotTrust {
  return { state: 'untrusted', problem, reason, keyIds };
}

function nameRepository(repository: string): string {
  return repository === '' ? 'no known repository' : `\`${repository}\``;
}
