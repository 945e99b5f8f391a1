import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { hexOf, digestOf } from '../core/digest.ts';
import { SlipwayError } from '../core/errors.ts';
import { rememberSecret } from '../core/redact.ts';

/** A public key as `.slipway.yaml` has it, ready to verify with. */
export interface PublicKey {
  /** First 16 hex digits of the SHA-256 of the key's 32 bytes. */
  readonly keyId: string;
  /** `ed25519:<base64>` */
  readonly text: string;
  readonly key: KeyObject;
}

/** A private key. Its text and bytes are known to `redact` from the moment it is read. */
export interface SigningKey {
  readonly publicKey: PublicKey;
  readonly key: KeyObject;
}

/** DER around the 32 bytes of a key: RFC 8410, sections 4 and 7. Node imports no bare ones. */
const PUBLIC_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** 32 bytes in padded base64 have one form only: the last digit carries two bits that must be zero. */
const BASE64_32 = '[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=';
const PUBLIC_TEXT = new RegExp(`^ed25519:(${BASE64_32})$`);
const PRIVATE_TEXT = new RegExp(`^slipway-signing-key:([0-9a-f]{16}):(${BASE64_32})$`);

export const SIGNING_KEY_PREFIX = 'slipway-signing-key:';

/** Reads `ed25519:<base64>`; anything else is CONFIG_INVALID. */
export function parsePublicKey(text: string): PublicKey {
  const base64 = PUBLIC_TEXT.exec(text)?.[1];
  if (base64 === undefined) {
    throw new SlipwayError('CONFIG_INVALID', `\`${text.slice(0, 100)}\` is not a public key`, {
      hint: 'Write it as `slipway key show` prints it: `ed25519:` and 44 characters.',
    });
  }
  return publicKeyOf(Buffer.from(base64, 'base64'));
}

/**
 * Reads the text of a key file: one private key a line, blank lines and `#` comments between them. Every fault is
 * CONFIG_INVALID, names `source` and the line, and never repeats what is written there.
 */
export function parseSigningKeys(text: string, source: string): readonly SigningKey[] {
  rememberSecret(text.trim());
  const keys: SigningKey[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const written = line.trim();
    if (written === '' || written.startsWith('#')) continue;
    rememberSecret(written);
    keys.push(parseSigningKey(written, `${source}, line ${index + 1},`));
  }
  if (keys.length === 0) throw keyError(`${source} holds no signing key`);
  if (keys.length > MAX_SIGNING_KEYS) throw keyError(`${source} holds more than ${MAX_SIGNING_KEYS} signing keys`);
  if (new Set(keys.map(({ publicKey }) => publicKey.text)).size !== keys.length) {
    throw keyError(`${source} holds the same signing key twice`);
  }
  return keys;
}

/** More than a rotation needs; a snapshot has room for 16 signatures. */
const MAX_SIGNING_KEYS = 8;

/** A new key, as the lines that its file holds. */
export function newSigningKey(): { readonly key: SigningKey; readonly fileText: string } {
  const { privateKey } = generateKeyPairSync('ed25519');
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(PRIVATE_PREFIX.length);
  const key = signingKeyOf(seed);
  const { keyId, text } = key.publicKey;
  const secret = `${SIGNING_KEY_PREFIX}${keyId}:${seed.toString('base64')}`;
  rememberSecret(secret);
  rememberSecret(seed.toString('base64'));
  return { key, fileText: `# A signing key of slipway: keep it secret. Its public key is ${text}\n${secret}\n` };
}

function parseSigningKey(written: string, place: string): SigningKey {
  const [, keyId, base64] = PRIVATE_TEXT.exec(written) ?? [];
  if (keyId === undefined || base64 === undefined) {
    if (PUBLIC_TEXT.test(written)) throw keyError(`${place} is a public key, which can't sign`);
    throw keyError(`${place} is not a signing key`);
  }
  rememberSecret(base64);
  const key = signingKeyOf(Buffer.from(base64, 'base64'));
  // One wrong character would be another key, whose signatures nobody believes.
  if (key.publicKey.keyId !== keyId)
    throw keyError(`${place} is damaged: it is not the key ${keyId} that it says it is`);
  return key;
}

function signingKeyOf(seed: Buffer): SigningKey {
  const key = createPrivateKey({ key: Buffer.concat([PRIVATE_PREFIX, seed]), format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return { key, publicKey: publicKeyOf(spki.subarray(PUBLIC_PREFIX.length)) };
}

function publicKeyOf(bytes: Buffer): PublicKey {
  const key = createPublicKey({ key: Buffer.concat([PUBLIC_PREFIX, bytes]), format: 'der', type: 'spki' });
  return { key, keyId: hexOf(digestOf(bytes)).slice(0, 16), text: `ed25519:${bytes.toString('base64')}` };
}

function keyError(problem: string): SlipwayError {
  return new SlipwayError('CONFIG_INVALID', problem, {
    hint: 'Make a key with `slipway key new`, and give the whole line that begins with `slipway-signing-key:`.',
  });
}
