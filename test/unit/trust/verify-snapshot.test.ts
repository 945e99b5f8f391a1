import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { isSlipwayError } from '../../../src/core/errors.ts';
import { decodeManifest } from '../../../src/pack/manifest.ts';
import { decodeSnapshot } from '../../../src/pack/snapshot.ts';
import { encodeFields } from '../../../src/trust/statement.ts';
import { countCases } from '../../helpers/count-cases.ts';
import { snapshots } from '../pack/snapshot-fixtures.ts';
import { POLICY_OF, SIGNATURE_CASES, type SignatureCase } from './signature-cases.ts';
import {
  FACTS,
  judge,
  POLICY,
  signaturesOf,
  signed,
  unsigned,
  withSignatures,
  type Documents,
} from './trust-fixtures.ts';

function verdict(one: SignatureCase): string {
  const documents = typeof one.documents === 'function' ? one.documents() : one.documents;
  try {
    const trust = judge(documents, POLICY_OF(one), one.nowMs);
    return trust.state === 'signed' ? 'signed' : trust.problem;
  } catch (error) {
    if (isSlipwayError(error, 'SNAPSHOT_INVALID')) return 'refused';
    throw error;
  }
}

/** `reliability.md`, R8. The counts are held, so that a suite that shrinks fails. */
describe('what a signature is worth', () => {
  const all = Object.values(SIGNATURE_CASES).flat();
  let passed = 0;
  afterAll(() => countCases({ suite: 'R8', what: 'signed, altered and swapped snapshots judged', cases: passed }));

  test('has its 226 cases, each with a name of its own', () => {
    expect(all).toHaveLength(226);
    const names = Object.entries(SIGNATURE_CASES).flatMap(([group, cases]) =>
      cases.map(({ name }) => `${group}: ${name}`),
    );
    expect(new Set(names).size).toBe(names.length);
  });

  for (const [group, cases] of Object.entries(SIGNATURE_CASES)) {
    describe(group, () => {
      test.each(cases.map((one) => [one.name, one] as const))('%s', (_, one) => {
        expect(verdict(one)).toBe(one.says);
        passed += 1;
      });
    });
  }

  test('none of its 512 bits can be flipped', () => {
    const documents = signed();
    const [, keyId, base64 = ''] = signaturesOf(documents).split(':');
    const bytes = Buffer.from(base64, 'base64');
    const verdicts: string[] = [];
    for (let bit = 0; bit < 512; bit += 1) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const trust = judge(withSignatures(documents, `ed25519:${keyId}:${flipped.toString('base64')}`));
      verdicts.push(trust.state === 'signed' ? 'signed' : trust.problem);
    }
    expect(verdicts).toEqual(Array<string>(512).fill('altered'));
    countCases({ suite: 'R8', what: 'bits of a signature flipped', cases: verdicts.length });
  });

  test('and S has one form: with the group order added to it, it is refused', () => {
    const documents = signed();
    const [, keyId, base64 = ''] = signaturesOf(documents).split(':');
    const bytes = Buffer.from(base64, 'base64');
    // RFC 8032, 5.1.7: S must be below the order. https://www.rfc-editor.org/rfc/rfc8032#section-5.1.7
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    let s = BigInt(`0x${Buffer.from(bytes.subarray(32)).reverse().toString('hex')}`) + order;
    for (let at = 32; at < 64; at += 1) {
      bytes[at] = Number(s & 255n);
      s >>= 8n;
    }
    const trust = judge(withSignatures(documents, `ed25519:${keyId}:${bytes.toString('base64')}`));
    expect(trust).toMatchObject({ state: 'untrusted', problem: 'altered' });
  });

  test('flipping any bit of a key ID makes it unknown or unreadable', () => {
    const text = signaturesOf(signed());
    for (let bit = 0; bit < 16 * 8; bit += 1) {
      const bytes = Buffer.from(text);
      const at = 'ed25519:'.length + (bit >> 3);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
      const trust = judge(withSignatures(unsigned(), bytes.toString('latin1')));
      expect(trust.state, bytes.toString('latin1')).toBe('untrusted');
    }
  });
});

describe('any snapshot', () => {
  test('that is signed is believed, and says by whom', () => {
    fc.assert(
      fc.property(snapshots, (made) => {
        const snapshot = { ...made, facts: { ...made.facts, repository: FACTS.repository } };
        const trust = judge(signed(snapshot), POLICY, snapshot.createdAtMs);
        expect(trust).toMatchObject({ state: 'signed', signers: [{ name: 'ci' }] });
      }),
      { numRuns: 100 },
    );
  });

  test('with the signature of another one is not', () => {
    fc.assert(
      fc.property(snapshots, snapshots, (one, other) => {
        const [a, b] = [unsigned(one), unsigned(other)];
        fc.pre(Buffer.compare(a.manifest, b.manifest) !== 0);
        const trust = judge(
          withSignatures(a, signaturesOf(signed(other))),
          { ...POLICY, repository: '' },
          one.createdAtMs,
        );
        expect(trust).toMatchObject({ state: 'untrusted', problem: 'altered' });
      }),
      { numRuns: 200 },
    );
  });

  test('damaged in any byte is refused, or is still what was signed', () => {
    const whole = signed();
    const seen = { refused: 0, untrusted: 0, same: 0 };
    const anyDocument = fc.constantFrom<keyof Documents>('manifest', 'config');
    fc.assert(
      fc.property(anyDocument, fc.nat(), fc.integer({ min: 0, max: 255 }), (which, place, byte) => {
        const bytes = Buffer.from(whole[which]);
        bytes[place % bytes.length] = byte;
        const documents = { ...whole, [which]: bytes };
        try {
          const trust = judge(documents);
          if (trust.state === 'untrusted') {
            seen.untrusted += 1;
            return;
          }
          const snapshot = decodeSnapshot(documents.manifest, documents.config);
          expect(snapshot).toEqual(decodeSnapshot(whole.manifest, whole.config));
          expect(decodeManifest(documents.manifest)).toEqual(decodeManifest(whole.manifest));
          seen.same += 1;
        } catch (error) {
          if (!isSlipwayError(error, 'SNAPSHOT_INVALID')) throw error;
          seen.refused += 1;
        }
      }),
      { numRuns: 2000 },
    );
    expect(seen.refused).toBeGreaterThan(500);
    expect(seen.untrusted).toBeGreaterThan(10);
  });
});

test('rows of fields differ where any field does', () => {
  const row = fc.array(fc.string({ maxLength: 4, unit: 'binary' }), { maxLength: 5 });
  fc.assert(
    fc.property(row, row, (one, other) => {
      const isSame = JSON.stringify(one) === JSON.stringify(other);
      expect(Buffer.compare(encodeFields(one), encodeFields(other)) === 0).toBe(isSame);
    }),
    { numRuns: 2000 },
  );
  // The same letters, cut elsewhere.
  expect(encodeFields(['ab', 'c'])).not.toEqual(encodeFields(['a', 'bc']));
  expect(encodeFields(['', 'x'])).not.toEqual(encodeFields(['x', '']));
});
