import { expect, test } from 'vitest';
import { compareSnapshots, formatSnapshotKey, parseSnapshotKey } from '../../../src/store/snapshot-key.ts';

test.each([
  ['1-0a0b0c0d', 1],
  ['0-ffffffff', 0],
  ['999999999999999-00000000', 999_999_999_999_999],
])('%s', (key, sequence) => {
  const name = parseSnapshotKey('main', key)!;
  expect(name).toEqual({ scope: 'main', sequence, nonce: key.slice(-8) });
  expect(formatSnapshotKey(name)).toBe(key);
});

test.each([
  ...['', '1', '1-', '-0a0b0c0d', '01-0a0b0c0d', '1-0A0B0C0D', '1-0a0b0c0', '1-0a0b0c0d0', '1.5-0a0b0c0d'],
  ...['+1-0a0b0c0d', '1e3-0a0b0c0d', '1000000000000000-0a0b0c0d', '../1-0a0b0c0d', '1-0a0b0c0d\n'],
])('%j is no key', (key) => expect(parseSnapshotKey('main', key)).toBeUndefined());

test.each([-1, 1.5, Number.NaN, 1e15, Number.POSITIVE_INFINITY])('sequence %d is not written', (sequence) => {
  expect(() => formatSnapshotKey({ scope: 'main', sequence, nonce: '0a0b0c0d' })).toThrow(/is not a snapshot name/);
});

test('the newest comes first, equals by their nonce', () => {
  const keys = ['2-bbbbbbbb', '10-00000000', '2-aaaaaaaa', '9-ffffffff'];
  const sorted = keys.map((key) => parseSnapshotKey('', key)!).sort(compareSnapshots);
  expect(sorted.map(formatSnapshotKey)).toEqual(['10-00000000', '9-ffffffff', '2-aaaaaaaa', '2-bbbbbbbb']);
});
