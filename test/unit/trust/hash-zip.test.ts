import { deflateRawSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { hashGoMod, hashZip, type ZipHash } from '../../../src/trust/hash-zip.ts';
import { buildOracle } from '../../helpers/go-oracle.ts';
import { SLICE_SEED } from '../../helpers/seeded-slice.ts';
import { seededRandom } from '../dockerfile/mutate.ts';
import { askGo, type GoAnswer } from '../golang/ask-go.ts';
import { buildZip, type ZipPart } from './build-zip.ts';

/**
 * Go's own dirhash is the judge. Our word stands in for Go's check of a zip, so what counts most: never a sum that Go
 * wouldn't compute. That we refuse more than Go does is meant.
 */
const MUTATIONS = process.env['SLIPWAY_TORTURE'] === '1' ? 100_000 : 6_000;

beforeAll(async () => {
  await buildOracle('gomod');
}, 600_000);

function hash(bytes: Buffer): Promise<ZipHash> {
  const read = (offset: number, length: number): Buffer => {
    if (offset < 0 || offset + length > bytes.length) throw new RangeError('read outside of the zip');
    return bytes.subarray(offset, offset + length);
  };
  return hashZip({ sizeBytes: bytes.length, read });
}

async function goHashes(zips: readonly Buffer[]): Promise<readonly GoAnswer[]> {
  return askGo(zips.map((zip) => ({ kind: 'hashZip', bytes: zip.toString('base64') })));
}

const FILES: ZipPart[] = [
  { name: 'example.com/a@v1.0.0/go.mod', content: 'module example.com/a\n' },
  { name: 'example.com/a@v1.0.0/a.go', content: 'package a\n\nconst A = 1\n'.repeat(40) },
  { name: 'example.com/a@v1.0.0/sub/Z.go', content: 'package sub\n', method: 0 },
  { name: 'example.com/a@v1.0.0/empty.txt', content: '' },
];
const EVIL: ZipPart = { name: 'example.com/a@v1.0.0/a.go', content: 'package a // evil\n' };

describe('zips that Go believes', () => {
  it('has the sum of dirhash for what `zip.Create` of x/mod writes', async () => {
    const random = seededRandom(SLICE_SEED);
    const trees = Array.from({ length: 60 }, (_, index) => makeTree(index, random));
    const made = await askGo(
      trees.map((files) => ({ kind: 'createZip', module: 'example.com/Mod', at: 'v1.2.3', files })),
    );
    const zips = made.map((answer) => Buffer.from(String(answer['bytes']), 'base64'));
    expect(made.filter((answer) => 'error' in answer)).toEqual([]);
    const wanted = await goHashes(zips);
    expect(await Promise.all(zips.map(hash))).toEqual(wanted);
    expect(new Set(wanted.map((answer) => answer['sum'])).size).toBe(zips.length);
  });

  const honest: readonly (readonly [string, Buffer])[] = [
    ['deflated and stored files', buildZip(FILES)],
    ['sizes behind the data', buildZip(FILES.map((part) => ({ ...part, hasDescriptor: true })))],
    ['directories', buildZip([{ name: 'a/', method: 0 }, { name: 'a/b/' }, ...FILES])],
    [
      'extra fields with times',
      buildZip(FILES.map((part) => ({ ...part, extra: timeField(), localExtra: timeField() }))),
    ],
    ['a zip64 end', buildZip(FILES, { isZip64: true })],
    ['a gap before the directory', buildZip(FILES, { between: Buffer.alloc(100, 7) })],
    [
      'names in UTF-8',
      buildZip([{ name: Buffer.from('a/ü.go').toString('latin1'), content: 'x', flags: 0x800 }, ...FILES]),
    ],
    ['names that sort by bytes', buildZip(['b', 'B', 'a/', 'a.', 'a-', 'a', '\xff', '~'].map((name) => ({ name })))],
    ['no file at all', buildZip([])],
    ['a file of 40 MiB', buildZip([{ name: 'big', content: patterned(40 << 20) }])],
    ['a stored file of 17 MiB', buildZip([{ name: 'big', content: patterned(17 << 20), method: 0 }])],
  ];

  it.each(honest)('%s', async (_, zip) => {
    const [wanted] = await goHashes([zip]);
    expect(wanted).toHaveProperty('sum');
    expect(await hash(zip)).toEqual(wanted);
  });

  it('more than 65,535 files, which need a zip64 end', async () => {
    const zip = buildZip(
      Array.from({ length: 70_000 }, (_, index) => ({ name: `f${index}`, method: 0 })),
      { isZip64: true, count: 0, count64: 70_000n },
    );
    expect(await hash(zip)).toEqual((await goHashes([zip]))[0]);
  }, 60_000);

  it('hashes a go.mod as Go does', async () => {
    const texts = ['', 'module a\n', 'module a\r\n\r\n', '\xff\xfe'].map((text) => Buffer.from(text, 'latin1'));
    const wanted = await askGo(texts.map((text) => ({ kind: 'goModSum', bytes: text.toString('base64') })));
    expect(texts.map((text) => ({ sum: hashGoMod(text) }))).toEqual(wanted);
  });
});

describe('zips with more than one meaning, or none', () => {
  const plain = buildZip(FILES);
  const packed = deflateRawSync('package a\n');
  const decoy = buildZip([EVIL]);
  const hostile: readonly (readonly [string, Buffer, RegExp])[] = [
    ['nothing', Buffer.alloc(0), /too short/],
    ['text', Buffer.from('package a\n'.repeat(100)), /no end/],
    ['a comment', buildZip(FILES, { comment: Buffer.from('hello') }), /no end/],
    ['a second end in the comment', buildZip(FILES, { comment: decoy.subarray(-22) }), /not where/],
    ['a whole zip in the comment', buildZip(FILES, { comment: decoy }), /not where/],
    ['a zip behind another', Buffer.concat([plain, decoy]), /not where/],
    ['data before the first file', Buffer.concat([Buffer.alloc(9), plain]), /not where/],
    ['data behind the end', Buffer.concat([plain, Buffer.alloc(1)]), /no end/],
    ['data behind the directory', buildZip(FILES, { afterDirectory: Buffer.alloc(4) }), /not where/],
    ['the end cut off', plain.subarray(0, -1), /no end/],
    ['one file more than listed', buildZip(FILES, { count: 3 }), /does not add up/],
    ['65,536 files more than listed', buildZip(FILES, { count64: 65_540n, isZip64: true }), /does not add up/],
    ['two counts', buildZip(FILES, { countHere: 1 }), /not where/],
    ['another disk', buildZip(FILES, { disk: 1 }), /several disks/],
    ['a directory size that makes Go look for a zip64 end', buildZip(FILES, { directoryBytes: 0xffff }), /not where/],
    ['all ones without a zip64 end', buildZip(FILES, { count: 0xffff }), /not where/],
    ['a zip64 end elsewhere', buildZip(FILES, { isZip64: true, locatedAt: 3n }), /not where/],
    ['one name twice', buildZip([...FILES, EVIL]), /one name twice/],
    ['another name in the local header', buildZip([{ ...EVIL, localName: 'example.com/a@v1.0.0/b.go' }]), /two names/],
    ['a newline in a name', buildZip([{ name: 'a\nb' }]), /sound name/],
    ['an empty name', buildZip([{ name: '' }]), /sound name/],
    ['a NUL in a name', buildZip([{ name: 'a\0b' }]), /sound name/],
    ['encryption', buildZip([{ ...EVIL, flags: 1 }]), /encrypted/],
    ['a masked header', buildZip([{ ...EVIL, flags: 0x2000 }]), /flags 0x2000/],
    ['an unknown method', buildZip([{ ...EVIL, method: 12 }]), /method 12/],
    ['a comment of an entry', buildZip([{ ...EVIL, comment: 'x' }]), /comment/],
    ['a zip64 field', buildZip([{ ...EVIL, extra: Buffer.from('0100080000000000000000', 'hex') }]), /zip64/],
    ['an extra field that is cut', buildZip([{ ...EVIL, extra: Buffer.from('555409', 'hex') }]), /zip64/],
    ['a wrong checksum', buildZip([{ ...EVIL, crc: 1 }]), /does not unpack/],
    ['a checksum of 0, which Go may pass over', buildZip([{ ...EVIL, crc: 0 }]), /does not unpack/],
    ['a size too large', buildZip([{ ...EVIL, sizeBytes: 1000 }]), /does not unpack/],
    ['a size too small', buildZip([{ ...EVIL, sizeBytes: 3 }]), /does not unpack/],
    [
      'data behind the deflated data',
      buildZip([{ ...EVIL, stored: Buffer.concat([deflateRawSync(EVIL.content ?? ''), packed]) }]),
      /does not unpack/,
    ],
    [
      'deflated data that is cut',
      buildZip([{ ...EVIL, stored: deflateRawSync(EVIL.content ?? '').subarray(0, -2) }]),
      /does not unpack/,
    ],
    ['garbage as deflated data', buildZip([{ ...EVIL, stored: Buffer.alloc(40, 0xff) }]), /does not unpack/],
    ['a stored file of two sizes', buildZip([{ ...EVIL, method: 0, sizeBytes: 4 }]), /two sizes/],
    ['a directory with content', buildZip([{ name: 'a/', content: 'x' }]), /directory entry with content/],
    ['a file beyond the end', buildZip([{ ...EVIL, offset: 10_000 }]), /outside/],
    ['a local header that is none', buildZip([{ ...EVIL, offset: 4 }]), /outside|without its header/],
    ['a file that reaches into the directory', buildZip([{ ...EVIL, compressedBytes: 4000 }]), /outside/],
    ['another checksum behind the data', withOtherDescriptor(), /two checksums/],
    ['no checksum behind the data', buildZip([{ ...EVIL, flags: 8 }]), /two checksums/],
    ['a bomb', buildZip([{ name: 'zeros', content: Buffer.alloc(64 << 20) }]), /far more than its size/],
    [
      'a bomb that hides its size',
      buildZip([{ name: 'zeros', content: Buffer.alloc(64 << 20), sizeBytes: 1000 }]),
      /does not unpack/,
    ],
    ['files that lie in each other', overlapping(), /far more than its size/],
    [
      'more than 500 MiB',
      buildZip(
        Array.from({ length: 40 }, (_, i) => ({ name: `f${i}`, stored: Buffer.alloc(600_000), sizeBytes: 15 << 20 })),
      ),
      /more than 524288000/,
    ],
  ];

  it.each(hostile)('%s: refused', async (_, zip, says) => {
    expect(await hash(zip)).toEqual({ damaged: expect.stringMatching(says) });
  });

  it.each([
    ['whole', 1 << 20],
    ['in pieces', 20 << 20],
  ])('large files are judged alike: %s', async (_, bytes) => {
    const content = patterned(bytes);
    const deflated = deflateRawSync(content);
    const good = { name: 'a', content, stored: deflated };
    expect(await hash(buildZip([good]))).toHaveProperty('sum');
    for (const wrong of [
      { ...good, crc: 1 },
      { ...good, sizeBytes: bytes - 1 },
      { ...good, sizeBytes: bytes + 1 },
      { ...good, stored: Buffer.concat([deflated, Buffer.alloc(1)]) },
      { ...good, stored: Buffer.concat([deflated, Buffer.alloc(1 << 20)]) },
      { ...good, stored: deflated.subarray(0, -1) },
      { ...good, stored: deflated.subarray(0, deflated.length >> 1) },
    ]) {
      expect(await hash(buildZip([wrong]))).toEqual({ damaged: expect.stringContaining('does not unpack') });
    }
  });

  it(`never has a sum that Go doesn't have: ${MUTATIONS} mutations (SLIPWAY_SEED=${SLICE_SEED})`, async () => {
    const random = seededRandom(SLICE_SEED);
    const seeds = [
      buildZip(FILES.map((part) => ({ ...part, hasDescriptor: true }))),
      buildZip(FILES, { isZip64: true }),
      buildZip([...FILES, { name: 'dir/' }].map((part) => ({ ...part, extra: timeField() }))),
    ];
    const zips = Array.from({ length: MUTATIONS }, (_, index) => mutate(seeds[index % seeds.length] as Buffer, random));
    const ours = await Promise.all(zips.map(hash));
    const theirs = await goHashes(zips);
    const wrong = ours.flatMap((one, index) => {
      const go = theirs[index] ?? {};
      return 'sum' in one && one.sum !== go['sum'] ? [{ ours: one, go, zip: zips[index]?.toString('base64') }] : [];
    });
    expect(wrong.slice(0, 2)).toEqual([]);
    // Both sides say yes and no often enough for this to mean something.
    expect(ours.filter((one) => 'sum' in one).length).toBeGreaterThan(MUTATIONS / 20);
    expect(ours.filter((one) => 'damaged' in one).length).toBeGreaterThan(MUTATIONS / 4);
    expect(theirs.filter((one) => 'sum' in one).length).toBeGreaterThan(MUTATIONS / 10);
  }, 600_000);
});

/** An extended timestamp, as Info-ZIP writes it. */
function timeField(): Buffer {
  return Buffer.from('5554050001a1b2c3d4', 'hex');
}

/** Content that deflates to about a fifth. */
function patterned(bytes: number): Buffer {
  const out = Buffer.alloc(bytes);
  let state = 1;
  for (let at = 0; at < bytes; at += 1) {
    if (at % 8 === 0) state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    out[at] = at % 8 === 0 ? state >>> 24 : 65 + (at % 8);
  }
  return out;
}

function makeTree(index: number, random: () => number): Record<string, string> {
  const files: Record<string, string> = { 'go.mod': 'module example.com/Mod\n' };
  for (let count = Math.floor(random() * 20); count >= 0; count -= 1) {
    const depth = Math.floor(random() * 3);
    const name = [
      ...Array.from({ length: depth }, (_, i) => `d${i}${Math.floor(random() * 3)}`),
      `F${index}-${count}.go`,
    ];
    files[name.join('/')] = `package p${'// text\n'.repeat(Math.floor(random() ** 4 * 5000))}`;
  }
  return files;
}

/** Many names for one file: each is small, together they are large. */
function overlapping(): Buffer {
  const content = Buffer.alloc(1 << 20);
  return buildZip(
    Array.from({ length: 60 }, (_, i) => ({
      name: 'same',
      localName: 'same',
      content,
      ...(i > 0 && { stored: Buffer.alloc(0), compressedBytes: deflateRawSync(content).length, offset: 0 }),
    })).map((part, i) => ({ ...part, name: `s${i}` })),
  );
}

function withOtherDescriptor(): Buffer {
  const zip = buildZip([{ ...EVIL, hasDescriptor: true }]);
  zip.writeUInt32LE(1, zip.indexOf('PK\x07\x08', 0, 'latin1') + 4);
  return zip;
}

function mutate(zip: Buffer, random: () => number): Buffer {
  const copy = Buffer.from(zip);
  const pick = (below: number): number => Math.floor(random() * below);
  for (let count = pick(3); count >= 0; count -= 1) {
    const at = pick(copy.length);
    const kind = pick(4);
    if (kind === 0) copy[at] = (copy[at] ?? 0) ^ (1 << pick(8));
    else if (kind === 1) copy[at] = [0, 1, 0xff, 0x50][pick(4)] as number;
    // Times and versions are free to change: those mutations Go doesn't mind.
    else if (kind === 2) copy[zip.indexOf('PK\x01\x02', pick(copy.length >> 1), 'latin1') + 12] = pick(256);
    else copy.copyWithin(at, pick(copy.length), pick(copy.length));
  }
  return random() < 0.1 ? copy.subarray(0, pick(copy.length)) : copy;
}
