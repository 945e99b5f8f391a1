import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Digest } from '../../../src/core/digest.ts';
import { digestOf } from '../../../src/core/digest.ts';
import type { MountKind } from '../../../src/core/mount-kind.ts';
import { decodeEntryList, encodeEntryList } from '../../../src/pack/entry-list.ts';
import type { Entry } from '../../../src/pack/types.ts';
import { gzipOf, rawMember, seededRandom, sha256Hex, TAR_END } from './pack-fixtures.ts';

const digest = digestOf('a pack');

/** Like a real GOCACHE: three actions of 175 bytes to two outputs of all sizes. */
function cacheEntries(count: number): Entry[] {
  const random = seededRandom(count);
  return Array.from({ length: count }, (_, index): Entry => {
    const hex = sha256Hex(`${count} ${index}`);
    const isAction = index % 5 < 3;
    const sizeBytes = isAction ? 175 : Math.round(10 ** (1 + 5 * random()));
    return { path: `${hex.slice(0, 2)}/${hex}-${isAction ? 'a' : 'd'}`, sizeBytes };
  }).sort((a, b) => (a.path < b.path ? -1 : 1));
}

function moduleEntries(count: number): Entry[] {
  return Array.from({ length: count }, (_, index) => ({
    path: `cache/download/example.com/module${String(index).padStart(4, '0')}/@v/v1.0.0.zip`,
    sizeBytes: index * 977,
  }));
}

describe('round trip', () => {
  test.each<[MountKind, Entry[]]>([
    ['gocache', []],
    ['gocache', cacheEntries(6)],
    ['gocache', cacheEntries(9000)],
    ['gocache', cacheEntries(50).map((entry) => ({ ...entry, sizeBytes: 175 }))],
    ['gocache', cacheEntries(50).map((entry) => ({ ...entry, sizeBytes: 0 }))],
    ['gocache', cacheEntries(2).map((entry) => ({ ...entry, sizeBytes: 8 ** 11 - 1 }))],
    ['gomodcache', moduleEntries(0)],
    ['gomodcache', moduleEntries(645)],
  ])('%s, case %#', (kind, entries) => {
    const { bytes, record } = encodeEntryList({ kind, digest, entries });
    expect(decodeEntryList(bytes, { packDigest: digest, kind, entryCount: entries.length })).toEqual(entries);
    expect(record).toEqual({ digest: digestOf(bytes), sizeBytes: bytes.length, diffId: digestOf(gunzipSync(bytes)) });
  });

  test('the sizes that the design counts on', () => {
    const size = (count: number): number =>
      encodeEntryList({ kind: 'gocache', digest, entries: cacheEntries(count) }).bytes.length;
    expect(size(9000)).toBeLessThan(340_000);
    expect(size(6)).toBeLessThan(1000);
    expect(encodeEntryList({ kind: 'gomodcache', digest, entries: moduleEntries(645) }).bytes.length).toBeLessThan(
      10_000,
    );
  });

  test('the text is what the format page shows', () => {
    const [a, d] = ['0a'.repeat(32), '5f'.repeat(32)];
    const entries = [
      { path: `0a/${a}-a`, sizeBytes: 175 },
      { path: `0a/${a}-d`, sizeBytes: 20118 },
      { path: `5f/${d}-d`, sizeBytes: 359 },
    ];
    const tar = gunzipSync(encodeEntryList({ kind: 'gocache', digest, entries }).bytes);
    expect(tar.subarray(0, 81).toString()).toBe(`.slipway/entries/${digest.slice(7)}`);
    const text = `slipway-entries 1 gocache\n0a\n${a.slice(2)}\n${a.slice(2)}d20118\n5f\n${d.slice(2)}d359\n`;
    expect(tar.subarray(512, 512 + text.length).toString()).toBe(text);
  });
});

describe('a list that is wrong', () => {
  const expected = { packDigest: digest, kind: 'gocache' as MountKind, entryCount: 2 };
  const list = (text: string, name = `.slipway/entries/${digest.slice(7)}`): Buffer =>
    gzipOf(Buffer.concat([rawMember({ name, body: text }), TAR_END]));
  const header = 'slipway-entries 1 gocache\n';
  const x = 'b'.repeat(62);
  const y = 'c'.repeat(62);
  const good = `${header}aa\n${x}\n${y}d7\n`;

  test('its good neighbour', () => {
    expect(decodeEntryList(list(good), expected)).toEqual([
      { path: `aa/aa${x}-a`, sizeBytes: 175 },
      { path: `aa/aa${y}-d`, sizeBytes: 7 },
    ]);
  });

  test.each<[string, Buffer]>([
    ['no bytes', Buffer.alloc(0)],
    ['HTML', Buffer.from('<html>'.repeat(10))],
    ['no member', gzipOf(TAR_END)],
    ['no text', list('')],
    ['no newline after the header', list(header.slice(0, -1))],
    ['another header', list(good.replace('entries', 'things'))],
    ['another kind', list(good.replace('1 gocache', '1 gomodcache'))],
    ['more in the header', list(good.replace('gocache\n', 'gocache x\n'))],
    ['no directory', list(`${header}${x}\n${y}d7\n`)],
    ['a line too few', list(`${header}aa\n${x}\n`)],
    ['a line too many', list(`${good}dd\n${x}\n`)],
    ['lines out of order', list(`${header}aa\n${y}d7\n${x}\n`)],
    ['a line twice', list(`${header}aa\n${x}\n${x}\n`)],
    ['directories out of order', list(`${header}bb\n${x}\naa\n${y}d7\n`)],
    ['a directory twice', list(`${header}aa\n${x}\naa\n${y}d7\n`)],
    ['the long form of an action', list(`${header}aa\n${x}a175\n${y}d7\n`)],
    ['a leading zero', list(`${header}aa\n${x}\n${y}d07\n`)],
    ['a negative size', list(`${header}aa\n${x}\n${y}d-7\n`)],
    ['a size past the tar', list(`${header}aa\n${x}\n${y}d99999999999\n`)],
    ['no last newline', list(good.slice(0, -1))],
    ['an empty line', list(`${good}\n`)],
    ['CRLF', list(good.replaceAll('\n', '\r\n'))],
    ['upper case', list(good.replaceAll('b', 'B'))],
    ['a traversal', list(`${header}..\n${x}\n${y}d7\n`)],
    ['NULs at the end', list(`${good}\0\0\0`)],
    ['another member name', list(good, `.slipway/entries/${sha256Hex('x')}`)],
    ['a name that leads out', list(good, '../x')],
    ['two members', gzipOf(Buffer.concat([rawMember({ name: 'x', body: good }), rawMember({ name: 'y' }), TAR_END]))],
    [
      'a link',
      gzipOf(
        Buffer.concat([rawMember({ name: `.slipway/entries/${digest.slice(7)}`, type: '2', link: 'x' }), TAR_END]),
      ),
    ],
    ['data after it', Buffer.concat([list(good), Buffer.from('x')])],
    ['its end cut off', list(good).subarray(0, -1)],
    ['a bomb', gzipOf(Buffer.alloc(65 * 2 ** 20))],
  ])('%s', (_, bytes) => {
    expect(() => decodeEntryList(bytes, expected)).toThrow(expect.objectContaining({ code: 'SNAPSHOT_INVALID' }));
  });

  test('module lines are held to the grammar', () => {
    const kind = 'gomodcache';
    const decode = (line: string): Entry[] =>
      decodeEntryList(list(`slipway-entries 1 gomodcache\n${line}\n`), { packDigest: digest, kind, entryCount: 1 });
    expect(decode('5 cache/download/a.b/@v/v1.0.0.zip')).toHaveLength(1);
    for (const line of [
      '5 ../../x',
      '5 cache/download/a.b/@v/list',
      '5',
      'cache/download/a.b/@v/v1.0.0.zip',
      '5  x',
      '1e3 x',
    ]) {
      expect(() => decode(line)).toThrow(expect.objectContaining({ code: 'SNAPSHOT_INVALID' }));
    }
  });

  test('a newer format is told apart', () => {
    const newer = list(good.replace('entries 1', 'entries 2'));
    expect(() => decodeEntryList(newer, expected)).toThrow(expect.objectContaining({ code: 'FORMAT_UNKNOWN' }));
  });

  test('a list for another pack', () => {
    const other: Digest = digestOf('another pack');
    expect(() => decodeEntryList(list(good), { ...expected, packDigest: other })).toThrow('belongs to another pack');
  });
});
