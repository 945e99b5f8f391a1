import { createPrivateKey, sign as signBytes } from 'node:crypto';
import { digestOf } from '../../../src/core/digest.ts';
import { decodeManifest, encodeManifest, type DecodedManifest } from '../../../src/pack/manifest.ts';
import { decodeSnapshot, encodeSnapshot } from '../../../src/pack/snapshot.ts';
import type { Snapshot } from '../../../src/pack/types.ts';
import { parseSigningKeys, type SigningKey } from '../../../src/trust/key-text.ts';
import { signSnapshot } from '../../../src/trust/sign-snapshot.ts';
import type { TrustedKey } from '../../../src/trust/trusted-key.ts';
import { verifySnapshot, type SnapshotTrust, type TrustPolicy } from '../../../src/trust/verify-snapshot.ts';
import { snapshotOf } from '../pack/snapshot-fixtures.ts';

export const DAY_MS: number = 24 * 3600 * 1000;
export const REPOSITORY: string = 'example.com/team/app';
export type FactName =
  | 'repository'
  | 'ref'
  | 'event'
  | 'workflow'
  | 'builder'
  | 'goVersion'
  | 'platform'
  | 'writer'
  | 'run';
export const FACTS: Readonly<Record<FactName, string>> = {
  repository: REPOSITORY,
  ref: 'refs/heads/main',
  event: 'push',
  workflow: 'team/app/.github/workflows/ci.yml@refs/heads/main',
  builder: 'self-hosted runner-7',
  goVersion: 'go1.26.8',
  platform: 'linux/amd64',
  writer: 'slipway 0.1.0',
  run: '4711',
};

/** A key that follows from one byte: the same in every run. */
export function keyOf(fill: number): SigningKey {
  const seed = Buffer.alloc(32, fill);
  const text = `slipway-signing-key:${idOf(seed)}:${seed.toString('base64')}`;
  const [key] = parseSigningKeys(text, 'a test');
  if (key === undefined) throw new Error('no key');
  return key;
}

function idOf(seed: Buffer): string {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  const jwk = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ format: 'jwk' });
  return digestOf(Buffer.from(jwk.x ?? '', 'base64url')).slice(7, 23);
}

export function trusted(key: SigningKey, more: Partial<TrustedKey> = {}): TrustedKey {
  return { ...key.publicKey, name: undefined, scopes: undefined, ...more };
}

export const MAIN: SigningKey = keyOf(1);
export const OTHER: SigningKey = keyOf(2);
export const STRANGER: SigningKey = keyOf(3);

export const SNAPSHOT: Snapshot = snapshotOf({ facts: FACTS });
export const NOW_MS: number = SNAPSHOT.createdAtMs + DAY_MS;
export const POLICY: TrustPolicy = {
  keys: [trusted(MAIN, { name: 'ci' })],
  repository: REPOSITORY,
  maxAgeMs: 30 * DAY_MS,
};

/** The two documents as a store hands them out. */
export interface Documents {
  readonly manifest: Uint8Array;
  readonly config: Uint8Array;
}

export function signed(snapshot: Snapshot = SNAPSHOT, keys: readonly SigningKey[] = [MAIN]): Documents {
  return signSnapshot(encodeSnapshot(snapshot), snapshot, keys);
}

export function unsigned(snapshot: Snapshot = SNAPSHOT): Documents {
  return encodeSnapshot(snapshot);
}

/** The manifest of `documents` with this text for its signatures. */
export function withSignatures(documents: Documents, signatures: string): Documents {
  const { config, layers } = decodeManifest(documents.manifest);
  return { ...documents, manifest: encodeManifest({ config, layers, signatures }) };
}

export function signaturesOf(documents: Documents): string {
  return decodeManifest(documents.manifest).signatures ?? '';
}

/** Another snapshot, every digest of it right, under the signatures of the first: what one who can't sign can do. */
export function forged(change: (snapshot: Snapshot) => Snapshot, from: Snapshot = SNAPSHOT): Documents {
  return withSignatures(unsigned(change(from)), signaturesOf(signed(from)));
}

/** A signature by the key over bytes of any kind, put to the snapshot. */
export function signedOver(bytes: Uint8Array, key: SigningKey = MAIN, snapshot: Snapshot = SNAPSHOT): Documents {
  return withSignatures(unsigned(snapshot), signatureText(key, bytes));
}

export function signatureText(key: SigningKey, bytes: Uint8Array, keyId: string = key.publicKey.keyId): string {
  return `ed25519:${keyId}:${signBytes(null, bytes, key.key).toString('base64')}`;
}

export function manifestOf(snapshot: Snapshot = SNAPSHOT): DecodedManifest {
  return decodeManifest(unsigned(snapshot).manifest);
}

/** As a reader does it: decode, which checks every digest, then judge. */
export function judge(documents: Documents, policy: TrustPolicy = POLICY, nowMs: number = NOW_MS): SnapshotTrust {
  const snapshot = decodeSnapshot(documents.manifest, documents.config);
  return verifySnapshot(documents.manifest, snapshot, { policy, nowMs });
}
