import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { digestOf } from '../../../../../src/core/digest.ts';
import { anotherKey, ENTRY_VERSION, entryKeys, isKeyOf } from '../../../../../src/store/backends/gha/entry-key.ts';

const NAME = { scope: 'feature/login', sequence: 12, nonce: '9a1b2c3d' };
const keys = entryKeys(undefined);

describe('entryKeys', () => {
  it('is as the format says', () => {
    expect(ENTRY_VERSION).toBe('ab86a0b9f134b067841acad77246c1f7945e71f5a0b6592b23c4efcc54225448');
    expect(keys.blob(digestOf('x'))).toBe(`slipway/blob/${digestOf('x').slice(7)}`);
    expect(keys.snapshot(NAME)).toBe('slipway/snapshot/feature_2flogin@12/1/9a1b2c3d');
    expect(keys.scope('')).toBe('slipway/snapshot/_@');
    expect(entryKeys('Web').snapshot(NAME)).toBe('slipway:_57eb/snapshot/feature_2flogin@12/1/9a1b2c3d');
  });

  it('names what may be near a snapshot, in ten keys at most, and never the snapshot itself', () => {
    const near = keys.neighbours(NAME);
    expect(near).toHaveLength(9);
    expect(near[0]).toBe('slipway/snapshot/feature_2flogin@13/');
    expect(near.at(-1)).toBe('slipway/snapshot/feature_2flogin@11/');
    expect(near.some((prefix) => keys.snapshot(NAME).startsWith(prefix))).toBe(false);
    expect(keys.neighbours({ ...NAME, sequence: 0 })).toHaveLength(8);
  });

  it('finds a writer of the same sequence whose nonce falls elsewhere', () => {
    const found = Array.from({ length: 16 }, (_, digit) => {
      const twin = keys.snapshot({ ...NAME, nonce: `${digit.toString(16)}0000000` });
      return keys.neighbours(NAME).some((prefix) => twin.startsWith(prefix));
    });
    expect(found.filter(Boolean)).toHaveLength(14);
  });

  test.each([
    'slipway/snapshot/main@12/1/9a1b2c3d',
    'slipway/snapshot/feature_2flogin@12/2/9a1b2c3d',
    'slipway/snapshot/feature_2flogin@012/1/9a1b2c3d',
    'slipway/snapshot/feature_2flogin@12/1/9a1b2c3',
    'slipway/snapshot/feature_2flogin@12/1/9a1b2c3d0',
    'slipway/snapshot/feature_2flogin@12/1/9A1B2C3D',
    'slipway/snapshot/feature_2flogin@',
    'setup-go-Linux-1.26',
    '',
  ])('`%s` is no snapshot of the scope', (key) => expect(keys.parseSnapshot('feature/login', key)).toBeUndefined());

  const scopes = fc.string({ unit: 'binary', maxLength: 300 });
  const name = fc.record({
    scope: scopes,
    sequence: fc.nat({ max: 999_999_999_999_999 }),
    nonce: fc.stringMatching(/^[0-9a-f]{8}$/),
  });
  const namespaces = fc.option(fc.string({ minLength: 1 }), { nil: undefined });

  test('any snapshot reads back, also from another key, and the service takes both', () => {
    fc.assert(
      fc.property(name, namespaces, (one, namespace) => {
        const mine = entryKeys(namespace);
        for (const key of [mine.snapshot(one), anotherKey(mine.snapshot(one), '0a0b0c0d')]) {
          expect(mine.parseSnapshot(one.scope, key)).toEqual(one);
          expect(isKeyOf(key, mine.snapshot(one))).toBe(true);
          expect(key.length).toBeLessThanOrEqual(512);
          expect(key).toMatch(/^[a-z0-9/:@._~-]+$/);
        }
      }),
    );
  });

  test('a prefix of one scope or namespace is never one of another', () => {
    fc.assert(
      fc.property(name, scopes, namespaces, namespaces, (one, other, a, b) => {
        const isSame = entryKeys(a).scope(one.scope) === entryKeys(b).scope(other);
        expect(entryKeys(a).snapshot(one).startsWith(entryKeys(b).scope(other))).toBe(isSame);
      }),
    );
  });
});
