import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isTag } from '../../../src/oci/reference.ts';
import { decodeScope, encodeScope } from '../../../src/store/scope-name.ts';

/** The table of `docs/formats/store-layout.md`, and more. */
test.each([
  ['main', 'main'],
  ['feature/login', 'feature_2flogin'],
  ['Main', '_4dain'],
  ['a_b', 'a_5fb'],
  ['..', '_2e.'],
  ['-x', '_2dx'],
  ['', '_'],
  ['_', '_5f'],
  ['é', '_c3_a9'],
  ['release-5-0a0b0c0d', 'release_2d5-0a0b0c0d'],
  ['x'.repeat(100), 'x'.repeat(100)],
])('%j is %s', (scope, encoded) => {
  expect(encodeScope(scope)).toBe(encoded);
});

test('a long one is cut and ends in a hash', () => {
  expect(encodeScope('x'.repeat(101))).toMatch(/^x{60}_h[0-9a-f]{32}$/);
});

const anyScope = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 120 }),
  fc.string({ unit: fc.constantFrom(...'abAB01.-_/hf'), maxLength: 140 }),
  fc.tuple(fc.string({ maxLength: 20 }), fc.nat(), fc.stringMatching(/^[0-9a-f]{8}$/)).map((parts) => parts.join('-')),
);

test('what is encoded is a tag with room for a snapshot’s ending, and no path', () => {
  fc.assert(
    fc.property(anyScope, (scope) => {
      const encoded = encodeScope(scope);
      expect(isTag(`${encoded}-999999999999999-0a0b0c0d`)).toBe(true);
      expect(encoded).toMatch(/^[a-z0-9_][a-z0-9._-]*$/);
      expect(encoded).not.toMatch(/-\d+-[0-9a-f]{8}$/);
    }),
    { numRuns: 2000 },
  );
});

test('short ones decode to what they were, long ones to a name that encodes to itself', () => {
  fc.assert(
    fc.property(anyScope, (scope) => {
      const encoded = encodeScope(scope);
      const decoded = decodeScope(encoded)!;
      if (!/_h[0-9a-f]{32}$/.test(encoded)) expect(decoded).toBe(scope);
      expect(encodeScope(decoded)).toBe(encoded);
    }),
    { numRuns: 2000 },
  );
});

test('two scopes have two names', () => {
  fc.assert(
    fc.property(anyScope, anyScope, (a, b) => {
      fc.pre(a !== b);
      expect(encodeScope(a)).not.toBe(encodeScope(b));
    }),
    { numRuns: 2000 },
  );
});

test.each(['Main', 'a/b', '', '_4', '_zz', '_61', 'a_', '_ff', 'main-5-0a0b0c0d', '.x', '..', 'x'.repeat(101)])(
  '%j is nothing we wrote',
  (encoded) => expect(decodeScope(encoded)).toBeUndefined(),
);
