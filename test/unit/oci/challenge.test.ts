import { expect, test } from 'vitest';
import { parseChallenges } from '../../../src/oci/challenge.ts';

test.each([
  ['', []],
  ['Basic realm="x"', [{ scheme: 'basic', parameters: { realm: 'x' } }]],
  ['BASIC', [{ scheme: 'basic', parameters: {} }]],
  [
    'Bearer realm="https://auth.example.com/token",service="r.example.com",scope="repository:a/b:pull,push"',
    [
      {
        scheme: 'bearer',
        parameters: {
          realm: 'https://auth.example.com/token',
          service: 'r.example.com',
          scope: 'repository:a/b:pull,push',
        },
      },
    ],
  ],
  [
    'Bearer realm="a", Basic realm="b, c", Other',
    [
      { scheme: 'bearer', parameters: { realm: 'a' } },
      { scheme: 'basic', parameters: { realm: 'b, c' } },
      { scheme: 'other', parameters: {} },
    ],
  ],
  [String.raw`Bearer realm="a\"b\\c"`, [{ scheme: 'bearer', parameters: { realm: String.raw`a"b\c` } }]],
  ['Bearer Realm=a , SERVICE = b', [{ scheme: 'bearer', parameters: { realm: 'a', service: 'b' } }]],
  ['realm="x"', []],
  ['Bearer realm="unfinished', [{ scheme: 'bearer', parameters: { realm: '' } }]],
  ['"nonsense"', []],
])('%j', (header, expected) => expect(parseChallenges(header)).toEqual(expected));

test('a huge header takes no time', () => {
  const startedAt = performance.now();
  parseChallenges('Bearer '.repeat(100_000));
  parseChallenges(`Bearer x="${'\\'.repeat(1_000_000)}`);
  parseChallenges(`Bearer x${' '.repeat(1_000_000)}`);
  expect(performance.now() - startedAt).toBeLessThan(500);
});
