import { sign, verify } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { SlipwayError } from '../../../src/core/errors.ts';
import { redact } from '../../../src/core/redact.ts';
import { newSigningKey, parsePublicKey, parseSigningKeys } from '../../../src/trust/key-text.ts';

const { key, fileText } = newSigningKey();
const line = fileText.split('\n')[1] ?? '';

function failure(text: string): SlipwayError {
  try {
    parseSigningKeys(text, '`FILE`');
  } catch (error) {
    if (error instanceof SlipwayError) return error;
    throw error;
  }
  throw new Error('it was read');
}

test('a new key reads back as itself, and its public key verifies what it signs', () => {
  const [read] = parseSigningKeys(fileText, 'x');
  expect(read?.publicKey).toMatchObject({ keyId: key.publicKey.keyId, text: key.publicKey.text });
  const message = Buffer.from('hello');
  const signature = sign(null, message, read?.key ?? key.key);
  expect(verify(null, message, parsePublicKey(key.publicKey.text).key, signature)).toBe(true);
  expect(newSigningKey().key.publicKey.keyId).not.toBe(key.publicKey.keyId);
});

test('RFC 8032, 7.1, TEST 2: the same public key and signature as there', () => {
  // https://www.rfc-editor.org/rfc/rfc8032#section-7.1
  const seed = Buffer.from('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb', 'hex').toString(
    'base64',
  );
  const publicBytes = Buffer.from('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c', 'hex');
  const { keyId, text } = parsePublicKey(`ed25519:${publicBytes.toString('base64')}`);
  const [read] = parseSigningKeys(`slipway-signing-key:${keyId}:${seed}`, 'x');
  expect(read?.publicKey.text).toBe(text);
  expect(read && sign(null, Buffer.from('72', 'hex'), read.key).toString('hex')).toBe(
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da' +
      '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  );
});

test('several keys, comments and blank lines', () => {
  const other = newSigningKey();
  const keys = parseSigningKeys(`\n# old\n${line}\r\n\n  ${other.fileText}`, 'x');
  expect(keys.map(({ publicKey }) => publicKey.keyId)).toEqual([key.publicKey.keyId, other.key.publicKey.keyId]);
});

describe('refused, without a word of what is written there', () => {
  const base64 = line.split(':')[2] ?? '';
  test.each<[string, string, RegExp]>([
    ['nothing', '', /`FILE` holds no signing key/],
    ['only comments', '# a\n#b\n', /holds no signing key/],
    ['a public key', key.publicKey.text, /line 1, is a public key, which can't sign/],
    ['no prefix', base64, /line 1, is not a signing key/],
    ['half a key', line.slice(0, -20), /is not a signing key/],
    ['another padding', line.slice(0, -1), /is not a signing key/],
    ['a character too many', `${line}A`, /is not a signing key/],
    ['a PEM file', '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIG\n', /line 1, is not a signing key/],
    [
      'one wrong character',
      line.replace(/:(.)(?=[^:]*$)/, (_, c: string) => `:${c === 'A' ? 'B' : 'A'}`),
      /is damaged/,
    ],
    [
      'a wrong ID',
      line.replace(/:[0-9a-f]{16}:/, ':0123456789abcdef:'),
      /is damaged: it is not the key 0123456789abcdef/,
    ],
    ['the same key twice', `${line}\n${line}`, /the same signing key twice/],
    ['nine keys', Array.from({ length: 9 }, () => newSigningKey().fileText).join(''), /more than 8/],
    ['a fault in the second line', `${line}\nxyzxyzxyz`, /line 2, is not a signing key/],
  ])('%s', (_, text, says) => {
    const error = failure(text);
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toMatch(says);
    expect(error.hint).toContain('slipway key new');
    const secrets = text.split(/[\s:]/).filter((word) => word.length > 24 && word !== key.publicKey.text.slice(8));
    for (const secret of secrets) expect(`${error.message} ${error.hint}`).not.toContain(secret);
  });
});

test.each([
  ['a short one', 'ed25519:AAAA'],
  ['one of 33 bytes', `ed25519:${Buffer.alloc(33).toString('base64')}`],
  ['bits that no byte holds', key.publicKey.text.replace(/.=$/, 'B=')],
  ['no padding', key.publicKey.text.slice(0, -1)],
  ['another algorithm', key.publicKey.text.replace('ed25519', 'rsa')],
  ['a private key', line],
])('no public key: %s', (_, text) => {
  expect(() => parsePublicKey(text)).toThrow(/is not a public key/);
});

describe('a private key never gets into a message', () => {
  test.each([
    ['its line', line],
    ['its base64 alone', line.split(':')[2] ?? ''],
    [
      'a key that nobody has read yet',
      `slipway-signing-key:0123456789abcdef:${Buffer.alloc(32, 7).toString('base64')}`,
    ],
    ['a key that was cut', `slipway-signing-key:0123456789abcdef:${Buffer.alloc(20, 7).toString('base64')}`],
  ])('%s', (_, secret) => {
    const error = new SlipwayError('CONFIG_INVALID', `it says ${secret} there`, { hint: secret });
    const bytes = secret.split(':').at(-1) ?? '';
    expect(`${error.message}${error.hint}${redact(`x=${secret}&y`)}`).not.toContain(bytes);
  });
});
