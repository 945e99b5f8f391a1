import { sign } from 'node:crypto';
import { digestOf } from '../core/digest.ts';
import { decodeManifest, encodeManifest } from '../pack/manifest.ts';
import type { EncodedSnapshot } from '../pack/snapshot.ts';
import type { Snapshot } from '../pack/types.ts';
import type { SigningKey } from './key-text.ts';
import { formatSignatures } from './signature-text.ts';
import { encodeStatement } from './statement.ts';

/** The snapshot with one signature by each of the keys in its manifest, in the place of any that it had. */
export function signSnapshot(
  encoded: EncodedSnapshot,
  snapshot: Snapshot,
  keys: readonly SigningKey[],
): EncodedSnapshot {
  const { config, layers } = decodeManifest(encoded.manifest);
  const statement = encodeStatement({ config, layers }, snapshot);
  const signatures = keys.map(({ key, publicKey }) => ({
    keyId: publicKey.keyId,
    bytes: sign(null, statement, key),
  }));
  const manifest = encodeManifest({ config, layers, signatures: formatSignatures(signatures) });
  return { ...encoded, manifest, manifestDigest: digestOf(manifest) };
}
