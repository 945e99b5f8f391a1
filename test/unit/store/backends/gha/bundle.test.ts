import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { digestOf, type Digest } from '../../../../../src/core/digest.ts';
import { isSlipwayError } from '../../../../../src/core/errors.ts';
import { decodeBundle, encodeBundle } from '../../../../../src/store/backends/gha/bundle.ts';
import type { SnapshotName } from '../../../../../src/store/port.ts';

const MANIFEST = Buffer.from('{"schemaVersion":2}');
const PLACE: SnapshotName = { scope: 'main', sequence: 3, nonce: '0a0b0c0d' };

function blobOf(text: string) {
  return { digest: digestOf(text), bytes: Buffer.from(text) };
}

function withHeader(header: unknown, rest: Uint8Array = MANIFEST): Buffer {
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), rest]);
}

const GOOD = { formatVersion: 1, manifestBytes: MANIFEST.byteLength, blobs: [], elsewhere: [] };

describe('a bundle', () => {
  it('is as the format says', () => {
    const bytes = encodeBundle(MANIFEST, [blobOf('a list')], new Map([[digestOf('old'), PLACE]]));
    expect(bytes.toString()).toBe(
      `{"formatVersion":1,"manifestBytes":19,"blobs":[{"digest":"${digestOf('a list')}","size":6}],` +
        `"elsewhere":[{"scope":"main","key":"3-0a0b0c0d","blobs":["${digestOf('old')}"]}]}\n` +
        '{"schemaVersion":2}a list',
    );
  });

  test('reads back, whatever is in it', () => {
    const places = fc.record({
      scope: fc.string({ unit: 'binary' }),
      sequence: fc.nat(),
      nonce: fc.stringMatching(/^[0-9a-f]{8}$/),
    });
    const digests = fc.string().map((text) => digestOf(text));
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 500 }),
        fc.uniqueArray(fc.string({ unit: 'binary' }), { maxLength: 5 }),
        fc.array(fc.tuple(digests, places)),
        (manifest, texts, pairs) => {
          const elsewhere = new Map<Digest, SnapshotName>(pairs);
          const bundle = decodeBundle(encodeBundle(manifest, texts.map(blobOf), elsewhere));
          expect(Buffer.from(bundle.manifest).equals(manifest)).toBe(true);
          expect([...bundle.blobs.keys()]).toEqual(texts.map((text) => digestOf(text)));
          expect(bundle.elsewhere.size).toBe(elsewhere.size);
          for (const [digest, place] of elsewhere) expect(bundle.elsewhere.get(digest)).toEqual({ ...place });
        },
      ),
    );
  });

  it('leaves out what rides as something that it is not', () => {
    const bytes = encodeBundle(MANIFEST, [blobOf('one'), blobOf('two')], new Map());
    bytes.set(Buffer.from('0ne'), bytes.byteLength - 6);
    expect([...decodeBundle(bytes).blobs.keys()]).toEqual([digestOf('two')]);
  });

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['a page', Buffer.from('<!doctype html>\n<title>Log in</title>')],
    ['no end of the header', Buffer.alloc(2 << 20, '1')],
    ['no object', withHeader(null)],
    ['no format', withHeader({ ...GOOD, formatVersion: undefined })],
    ['a format in words', withHeader({ ...GOOD, formatVersion: '1' })],
    ['a size below zero', withHeader({ ...GOOD, manifestBytes: -1 })],
    ['a size that is no number', withHeader({ ...GOOD, manifestBytes: '19' })],
    ['a manifest over 4 MiB', withHeader({ ...GOOD, manifestBytes: (4 << 20) + 1 })],
    ['no list', withHeader({ ...GOOD, blobs: {} })],
    ['a digest of another kind', withHeader({ ...GOOD, blobs: [{ digest: 'md5:00', size: 0 }] })],
    ['a place that is none', withHeader({ ...GOOD, elsewhere: [{ scope: 1, key: '', blobs: [] }] })],
    ['less than it says', withHeader(GOOD, MANIFEST.subarray(1))],
    ['more than it says', withHeader(GOOD, Buffer.concat([MANIFEST, MANIFEST]))],
  ])('of %s is refused', (_, bytes) => {
    expect(() => decodeBundle(bytes)).toThrow(expect.objectContaining({ code: 'SNAPSHOT_INVALID' }));
  });

  it('of a later format is one that a newer slipway can read', () => {
    const bytes = withHeader({ formatVersion: 2, anything: true });
    expect(() => decodeBundle(bytes)).toThrow(expect.objectContaining({ code: 'FORMAT_UNKNOWN' }));
  });

  it('with any bit changed or any end is refused, or has less in it, never something else', () => {
    const bytes = encodeBundle(MANIFEST, [blobOf('one')], new Map([[digestOf('old'), PLACE]]));
    const check = (spoiled: Uint8Array): void => {
      try {
        for (const [digest, blob] of decodeBundle(spoiled).blobs) expect(digestOf(blob)).toBe(digest);
      } catch (error) {
        if (!isSlipwayError(error)) throw error;
        expect(['SNAPSHOT_INVALID', 'FORMAT_UNKNOWN']).toContain(error.code);
      }
    };
    for (let bit = 0; bit < bytes.byteLength * 8; bit += 1) {
      const spoiled = Buffer.from(bytes);
      spoiled[bit >> 3] = spoiled[bit >> 3]! ^ (1 << (bit & 7));
      check(spoiled);
    }
    for (let end = 0; end < bytes.byteLength; end += 1) check(bytes.subarray(0, end));
  });
});
