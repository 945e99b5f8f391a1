export interface SnapshotSignature {
  readonly keyId: string;
  /** 64 bytes. */
  readonly bytes: Uint8Array;
}

const MAX_SIGNATURES = 16;

/** 64 bytes in padded base64: the last digit before `==` carries four bits that must be zero, so there is one form. */
const SIGNATURE = /^ed25519:([0-9a-f]{16}):([A-Za-z0-9+/]{85}[AQgw]==)$/;
/** Every signature is equally long, so this is the limit of their number too. */
const LONGEST_TEXT = MAX_SIGNATURES * ('ed25519:'.length + 16 + 1 + 88 + 1);

/** The annotation `dev.slipway.signatures`. */
export function formatSignatures(signatures: readonly SnapshotSignature[]): string {
  return signatures.map(({ keyId, bytes }) => `ed25519:${keyId}:${Buffer.from(bytes).toString('base64')}`).join(',');
}

/** Reads the annotation; undefined for a text that isn't of 1 to 16 signatures in their one form. */
export function parseSignatures(text: string): readonly SnapshotSignature[] | undefined {
  if (text.length > LONGEST_TEXT) return undefined;
  const signatures: SnapshotSignature[] = [];
  for (const part of text.split(',')) {
    const [, keyId, base64] = SIGNATURE.exec(part) ?? [];
    if (keyId === undefined || base64 === undefined) return undefined;
    signatures.push({ keyId, bytes: Buffer.from(base64, 'base64') });
  }
  return signatures;
}
