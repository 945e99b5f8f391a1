import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchesScope } from '../../../src/trust/trusted-key.ts';

test.each([
  ['', '', true],
  ['', 'a', false],
  ['*', '', true],
  ['**', 'a', true],
  ['a*', 'a', true],
  ['*a', 'ba', true],
  ['a*b', 'ab', true],
  ['a*b', 'a', false],
  ['ab*ba', 'aba', false],
  ['a*b*c', 'a-b-c', true],
  ['a*b*c', 'a-c-b', false],
  ['a*b*b', 'ab', false],
  ['pr-*', 'pr-', true],
  ['release-?', 'release-1', false],
  ['(a+)+$', 'aaaa', false],
])('`%s` and the scope `%s`: %s', (pattern, scope, isMatch) => {
  expect(matchesScope(pattern, scope)).toBe(isMatch);
});

test('says what the same pattern says as a regular expression', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*'), maxLength: 7 });
  const plain = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 9 });
  fc.assert(
    fc.property(text, plain, (pattern, scope) => {
      expect(matchesScope(pattern, scope)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(scope));
    }),
    { numRuns: 5000 },
  );
});

test('takes no longer for a pattern of many stars', () => {
  expect(matchesScope(`${'a*'.repeat(200)}b`, 'a'.repeat(500))).toBe(false);
});
