import { constants, deflateRawSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { MountKind } from '../../../src/core/mount-kind.ts';
import { countCases } from '../../helpers/count-cases.ts';
import {
  gzipOf,
  moduleFiles,
  outputFile,
  paxRecord,
  type RawMember,
  rawMember,
  readBytes,
  TAR_END,
} from './pack-fixtures.ts';

/** Reliability plan R6: every one of these is refused, and nothing here ever touches a file system. */
interface Hostile {
  readonly title: string;
  readonly kind: MountKind;
  readonly gzip: Buffer;
  readonly message?: string;
}

const OUTPUT = outputFile('good');
const NAME = `gocache/${OUTPUT.path}`;
const GOOD = rawMember({ name: NAME, body: OUTPUT.bytes });
const ZIP = moduleFiles()[2] ?? OUTPUT;
const ZIP_NAME = `gomodcache/${ZIP.path}`;
const HEX = OUTPUT.path.slice(3, 67);
const MAX_SAFE = Buffer.from('8000000000000000001fffffffffffff', 'hex').subarray(4);

const cases: Hostile[] = [];
const add = (title: string, members: readonly Buffer[], message?: string, kind: MountKind = 'gocache'): void => {
  cases.push({ title, kind, gzip: gzipOf(Buffer.concat([...members, TAR_END])), message });
};
const addRaw = (title: string, raw: RawMember, message?: string): void => {
  // First, after a good member, and before one: a refusal must not hang on the place.
  add(`${title}, alone`, [rawMember(raw)], message);
  if (raw.name !== NAME) add(`${title}, after a good one`, [GOOD, rawMember(raw)], message);
  if (raw.name !== NAME) add(`${title}, before a good one`, [rawMember(raw), GOOD], message);
};
const addGzip = (title: string, gzip: Buffer, message?: string): void => {
  cases.push({ title, kind: 'gocache', gzip, message });
};

// Names that lead elsewhere.
const badNames: string[] = [
  '../../etc/passwd',
  '/etc/passwd',
  '//etc/passwd',
  'gocache/../../etc/passwd',
  `gocache/../${NAME}`,
  `./${NAME}`,
  `/${NAME}`,
  `gocache//${OUTPUT.path}`,
  `gocache/./${OUTPUT.path}`,
  `gocache\\${OUTPUT.path}`,
  `C:\\${NAME}`,
  `c:/${NAME}`,
  `..\\..\\${NAME}`,
  'gocache/00/../../../x',
  `gocache/${OUTPUT.path}/`,
  `gocache/${OUTPUT.path}/x`,
  `gocache/${OUTPUT.path} `,
  `gocache/${OUTPUT.path}.`,
  `gocache/${OUTPUT.path}\n`,
  `gocache/${OUTPUT.path}:stream`,
  `gocache/${OUTPUT.path.toUpperCase()}`,
  `GOCACHE/${OUTPUT.path}`,
  `Gocache/${OUTPUT.path}`,
  `gocache/${OUTPUT.path.replace('-d', '-D')}`,
  `gocache/zz/${HEX}-d`,
  `gocache/${HEX.slice(1, 3)}/${HEX}-d`,
  `gocache/${OUTPUT.path.slice(0, -1)}x`,
  'gocache/trim.txt',
  'gocache/README',
  'gocache/.slipway/marker',
  `gocache/${HEX.slice(0, 2)}`,
  'gocache/fuzz/x',
  'trim.txt',
  '.slipway/entries/x',
  '.wh..wh..opq',
  'gocache/.wh.00',
  `gocache/.wh.${OUTPUT.path}`,
  '',
  '.',
  '..',
  '/',
  'gocache',
  '-rf',
  '$(touch x)',
  '`id`',
  '\x1b[2Jgocache',
  'gocache/\x7f',
  'gocach\xe9/x',
  `gocache/${Buffer.from('０', 'utf8').toString('latin1')}0/${HEX}-d`,
  `gocache/${Buffer.from('\u202e', 'utf8').toString('latin1')}${OUTPUT.path}`,
  `gocache/${Buffer.from('e\u0301', 'utf8').toString('latin1')}`,
  `gocache/${Buffer.from('\u00e9', 'utf8').toString('latin1')}`,
];
for (const name of badNames) addRaw(`the name ${JSON.stringify(name)}`, { name, body: 'x' }, "can't be in a pack");

const badModuleNames = [
  'cache/download/example.com/@v/v1.0.0.ziphash',
  'cache/download/example.com/@v/v1.0.0.lock',
  'cache/download/example.com/@v/v1.0.0.partial',
  'cache/download/example.com/@v/list',
  'cache/download/sumdb/sum.golang.org/latest',
  'cache/vcs/0123/config',
  'cache/vcs/0123/hooks/post-checkout',
  'cache/lock',
  'cache/download/../../../x/@v/v1.0.0.zip',
  'cache/download/example.com/../../@v/v1.0.0.zip',
  'cache/download/Example.com/@v/v1.0.0.zip',
  'cache/download/example.com/A/@v/v1.0.0.zip',
  'cache/download/example.com/con/@v/v1.0.0.zip',
  'cache/download/example.com/a~1/@v/v1.0.0.zip',
  'cache/download/example.com/@v/v1.0.0.ZIP',
  'example.com/a@v1.0.0/a.go',
  'example.com/a@v1.0.0/.git/hooks/post-checkout',
  `cache/download/${'a.b/'.repeat(64)}@v/v1.0.0.zip`,
];
for (const name of badModuleNames) {
  const member = rawMember({
    name: `gomodcache/${name}`.slice(-100),
    prefix: `gomodcache/${name}`.slice(0, -101),
    body: 'x',
  });
  add(`the module name ${name.slice(0, 60)}`, [member], "can't be in a pack", 'gomodcache');
}
add('a good name of the other kind', [rawMember({ name: ZIP_NAME, body: 'x' })], "can't be in a pack");
add('a cache name in a pack of modules', [GOOD], "can't be in a pack", 'gomodcache');

// Everything that is not a regular file.
const TYPES = [
  '1',
  '2',
  '3',
  '4',
  '6',
  '7',
  'A',
  'D',
  'E',
  'I',
  'K',
  'M',
  'N',
  'S',
  'V',
  'X',
  'g',
  '8',
  'Z',
  '\x01',
  '\xff',
];
for (const type of TYPES) {
  addRaw(`the type ${JSON.stringify(type)}`, { name: NAME, type }, ' is ');
  addRaw(`the type ${JSON.stringify(type)} with a link name`, { name: NAME, type, link: '/etc/passwd' }, ' is ');
}
addRaw('a file with a link name', { name: NAME, link: '../../x' }, 'link name');
addRaw(
  'a symbolic link for a directory',
  { name: `gocache/${HEX.slice(0, 2)}`, type: '2', link: '/etc' },
  'symbolic link',
);
addRaw('a directory with content', { name: 'gocache/ab/', type: '5', mode: '0000755\0', body: 'x' }, 'with content');
add(
  'a directory named as an entry',
  [rawMember({ name: `${NAME}/`, type: '5', mode: '0000755\0' })],
  "can't be in a pack",
);
addRaw('a directory elsewhere', { name: '/etc/', type: '5', mode: '0000755\0' }, "can't be in a pack");
addRaw('the directory ..', { name: 'gocache/..', type: '5', mode: '0000755\0' }, "can't be in a pack");
addRaw('a directory that shuts its owner out', { name: 'gocache/ab', type: '5', mode: '0000000\0' }, "can't be read");

// Modes and numbers.
for (const mode of ['0004755\0', '0002755\0', '0001755\0', '0007777\0']) {
  addRaw(`the mode ${mode.slice(0, 7)}`, { name: NAME, mode }, 'set-id');
  addRaw(`the directory mode ${mode.slice(0, 7)}`, { name: 'gocache/ab', type: '5', mode }, 'set-id');
}
addRaw('a file its owner may not read', { name: NAME, mode: '0000244\0' }, "can't be read");
addRaw('a mode of letters', { name: NAME, mode: 'rw-r--r-' }, 'mode');
const sizes: [string, string | Buffer][] = [
  ['negative', '-0000000001\0'],
  ['of spaces', '           \0'],
  ['empty', Buffer.alloc(12)],
  ['decimal', '00000000009\0'],
  ['hexadecimal', '0x0000000ff\0'],
  ['fractional', '0000000.100\0'],
  ['with data after its NUL', '0000001\x001234'],
  ['with a sign', '+0000000001\0'],
  ['of 12 digits', '777777777777'],
  ['in base-256', Buffer.from('800000000000000000000004', 'hex')],
  ['in base-256, huge', Buffer.from('8000000000ffffffffffffff', 'hex')],
  ['in base-256, at the edge', MAX_SAFE],
  ['in base-256, negative', Buffer.from('ffffffffffffffffffffffff', 'hex')],
];
for (const [title, size] of sizes) addRaw(`a size ${title}`, { name: NAME, size, body: 'good' });
for (const field of ['uid', 'mtime'] as const) {
  addRaw(`a ${field} of letters`, { name: NAME, body: OUTPUT.bytes, [field]: 'abc\0' }, 'number');
  addRaw(`a negative ${field}`, { name: NAME, body: OUTPUT.bytes, [field]: Buffer.alloc(12, 0xff) }, 'number');
}

// Names that end twice, and headers of other dialects.
addRaw('a NUL in a name', { name: `${NAME.slice(0, 20)}\0${NAME.slice(21)}` }, 'after its NUL');
addRaw('a name with a second one behind its NUL', { name: `${NAME}\0../x` }, 'after its NUL');
addRaw('a NUL in a link name', { name: NAME, link: '\0x' }, 'after its NUL');
addRaw('a NUL in the prefix', { name: NAME, prefix: '\0x' }, 'after its NUL');
addRaw('a prefix that leads out', { name: OUTPUT.path, prefix: '../gocache' }, "can't be in a pack");
addRaw('an absolute prefix', { name: OUTPUT.path, prefix: '/gocache' }, "can't be in a pack");
addRaw('no magic', { name: NAME, magic: '\0\0\0\0\0\0\0\0' }, 'neither ustar nor GNU');
addRaw('another magic', { name: NAME, magic: 'ustar\x0001'.slice(0, 8).replace('1', '2') }, 'neither ustar nor GNU');
addRaw('the magic of star', { name: NAME, magic: 'tar\0\0\0\0\0' }, 'neither ustar nor GNU');
addRaw(
  'a GNU header with a prefix',
  { name: OUTPUT.path, prefix: 'gocache', magic: 'ustar  \0' },
  'another tar format',
);
addRaw(
  'a GNU header with sparse fields',
  { name: NAME, magic: 'ustar  \0', rest: Buffer.alloc(167, 0x31) },
  'another tar format',
);
addRaw(
  'a trailer of star',
  { name: NAME, rest: Buffer.concat([Buffer.alloc(163), Buffer.from('tar\0')]) },
  'another tar format',
);
addRaw('a checksum one off', { name: NAME, checksumOff: 1 }, 'checksum');
addRaw('a checksum of zeros', { name: NAME, checksum: '\0\0\0\0\0\0\0\0' }, 'checksum');
addRaw('a checksum of letters', { name: NAME, checksum: 'checksum' }, 'checksum');
addRaw('padding with data', { name: NAME, body: OUTPUT.bytes, padding: Buffer.alloc(508, 1) }, 'padding');

// Twice, and in disguise.
add('one file twice', [GOOD, GOOD], 'there twice');
add('one file twice, the second empty', [GOOD, rawMember({ name: NAME })], 'there twice');
add('one file twice, once by a prefix', [GOOD, rawMember({ name: OUTPUT.path, prefix: 'gocache' })], 'there twice');
const directory = rawMember({ name: 'gocache/ab', type: '5', mode: '0000755\0' });
add(
  'one directory twice',
  [directory, rawMember({ name: 'gocache/ab/', type: '5', mode: '0000755\0' })],
  'there twice',
);

// pax and GNU extensions.
const pax = (text: string, type = 'x'): Buffer => rawMember({ name: 'PaxHeaders/x', type, body: text });
const paxKeys: [string, string][] = [
  ['path', '../../etc/passwd'],
  ['path', NAME],
  ['path', `${NAME}\0x`],
  ['linkpath', '/etc/passwd'],
  ['size', '0'],
  ['size', '-1'],
  ['size', '99999999999999999999'],
  ['uid', '0'],
  ['uname', 'root'],
  ['hdrcharset', 'BINARY'],
  ['charset', 'ISO-IR 8859 1 1998'],
  ['comment', 'hello'],
  ['GNU.sparse.major', '1'],
  ['GNU.sparse.name', '../x'],
  ['GNU.sparse.realsize', '1000000000000'],
  ['GNU.sparse.map', '0,1000000000'],
  ['SCHILY.xattr.security.capability', '\x01'],
  ['SCHILY.xattr.user.overlay.opaque', 'y'],
  ['SCHILY.dev', '1'],
  ['LIBARCHIVE.symlinktype', 'dir'],
  ['mtime', 'abc'],
  ['mtime', '-1'],
  ['mtime', '1e400'],
  ['mtime', ''],
  ['mtime', '1\n2'],
  ['MTIME', '1'],
];
for (const [key, value] of paxKeys) {
  add(`pax ${key}=${JSON.stringify(value)}`, [pax(paxRecord(key, value)), GOOD], 'pax');
  add(`global pax ${key}=${JSON.stringify(value)}`, [pax(paxRecord(key, value), 'g'), GOOD], 'global pax');
}
for (const text of [
  'x',
  '99 mtime=1\n',
  '5 mtime=1\n',
  '0 mtime=1\n',
  '-9 mtime=1\n',
  '11 mtime=1 ',
  `9999999999 mtime=1\n`,
  ' \n',
]) {
  add(`malformed pax ${JSON.stringify(text)}`, [pax(text), GOOD], 'pax');
}
add('pax of good and bad', [pax(paxRecord('mtime', '1') + paxRecord('path', 'x')), GOOD], '`path`');
add('a huge pax header', [pax(paxRecord('mtime', '1').repeat(500)), GOOD], 'extended header');
const long = (name: string, magic = 'ustar  \0'): Buffer =>
  rawMember({ name: '././@LongLink', type: 'L', magic, body: name });
const LONG_NAME = `gomodcache/cache/download/example.com/${'long'.repeat(30)}/@v/v1.0.0.mod`;
const gnuMember = (name: string): Buffer => rawMember({ name, body: 'module x', magic: 'ustar  \0' });
const gnuGood = gnuMember(LONG_NAME.slice(0, 100));
const addLong = (title: string, members: readonly Buffer[], message: string): void =>
  add(title, members, message, 'gomodcache');
addLong('a long name that leads out', [long('../../etc/passwd\0'), gnuGood], 'name two files');
addLong(
  'a long name for another file',
  [long(`${LONG_NAME.replace('example', 'examplf')}\0`), gnuGood],
  'name two files',
);
addLong('a long name before a nameless header', [long(`${LONG_NAME}\0`), gnuMember('')], 'name two files');
addLong('a long name before a short one', [long(`${LONG_NAME}\0`), gnuMember('gomodcache')], 'name two files');
addLong('a long name under a harmless start', [long(`${LONG_NAME}/../../x\0`), gnuGood], "can't be in a pack");
addLong('a long name with a NUL', [long(`${LONG_NAME}\0x\0`), gnuGood], 'holds a NUL');
addLong('an empty long name', [long('\0'), gnuGood], 'a name of 0 bytes');
addLong('a long name of 4 KiB', [long('a'.repeat(4096)), gnuGood], 'a name of 4096 bytes');
addLong('a long name of a MiB', [long('a'.repeat(2 ** 20)), gnuGood], 'extended header');
addLong('two long names', [long(`${LONG_NAME}\0`), long(`${LONG_NAME}\0`), gnuGood], 'two long names');
addLong('a long name without a file', [long(`${LONG_NAME}\0`)], 'without its file');
addLong(
  'a long name for a link',
  [long(`${LONG_NAME}\0`), rawMember({ name: LONG_NAME.slice(0, 100), type: '2' })],
  'symbolic',
);
add(
  'a long link name',
  [rawMember({ name: '././@LongLink', type: 'K', magic: 'ustar  \0', body: '/etc\0' }), GOOD],
  'long link',
);

// Ends.
const end = (title: string, tar: Buffer, message: string): void => addGzip(title, gzipOf(tar), message);
end('no end mark', GOOD, 'no end mark');
end('half an end mark', Buffer.concat([GOOD, Buffer.alloc(512)]), 'no end mark');
end('an end mark cut short', Buffer.concat([GOOD, Buffer.alloc(1000)]), 'cut short');
end('a member cut short', GOOD.subarray(0, 514), 'cut short');
end('padding cut short', GOOD.subarray(0, 600), 'cut short');
end('a header cut short', GOOD.subarray(0, 511), 'cut short');
end('an empty file', Buffer.alloc(0), 'no end mark');
end('a member after the end', Buffer.concat([GOOD, TAR_END, GOOD]), 'after the end');
end('two tars in a row', Buffer.concat([GOOD, TAR_END, directory, TAR_END]), 'after the end');
end('a member after half an end', Buffer.concat([GOOD, Buffer.alloc(512), directory, TAR_END]), 'after the end');
end('text after the end', Buffer.concat([GOOD, TAR_END, Buffer.from('x'.padEnd(512))]), 'after the end');
end('odd zeros after the end', Buffer.concat([GOOD, TAR_END, Buffer.alloc(100)]), 'cut short');
end('2 MiB of zeros after the end', Buffer.concat([GOOD, Buffer.alloc(2 ** 21)]), 'padding');

// gzip.
const TAR = Buffer.concat([GOOD, TAR_END]);
const GZIP = gzipOf(TAR);
addGzip('two gzip members, a tar in each', Buffer.concat([GZIP, GZIP]), 'after the end of the gzip');
addGzip('two gzip members, a tar in both', Buffer.concat([gzipOf(TAR.subarray(0, 700)), gzipOf(TAR.subarray(700))]));
addGzip('an empty second gzip member', Buffer.concat([GZIP, gzipOf(Buffer.alloc(0))]), 'after the end of the gzip');
addGzip('zeros after the gzip', Buffer.concat([GZIP, Buffer.alloc(512)]), 'after the end of the gzip');
addGzip('one byte after the gzip', Buffer.concat([GZIP, Buffer.from('x')]), 'after the end of the gzip');
addGzip('no gzip at all', TAR, 'neither a gzip nor a zstd file');
addGzip('nothing', Buffer.alloc(0), 'neither a gzip nor a zstd file');
addGzip('a gzip header cut short', GZIP.subarray(0, 6), 'cut short');
addGzip('HTML', Buffer.from('<!DOCTYPE html><title>502 Bad Gateway</title>'), 'neither a gzip');
addGzip('zlib', Buffer.concat([Buffer.from([0x78, 0x9c]), deflateRawSync(TAR)]), 'neither a gzip');
addGzip('a wrong CRC', change(GZIP, GZIP.length - 8), 'checksum');
addGzip('a wrong length', change(GZIP, GZIP.length - 4), 'checksum');
for (const [flag, title] of [
  [2, 'a header CRC'],
  [4, 'extra fields'],
  [8, 'a file name'],
  [16, 'a comment'],
  [32, 'reserved bits'],
] as const) {
  const gzip = Buffer.from(GZIP);
  gzip[3] = flag;
  addGzip(`a gzip header with ${title}`, gzip, 'optional fields');
}
addGzip('another compression method', change(GZIP, 2), 'not a gzip file');
addGzip('a gzip of a gzip', gzipOf(gzipSync(TAR)));
addGzip(
  'a deflate stream that ends early',
  Buffer.concat([GZIP.subarray(0, 10), deflateRawSync(TAR.subarray(0, 512)), GZIP.subarray(-8)]),
);

// zstd.
const ZSTD = zstdCompressSync(TAR, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
const EMPTY_FRAME = zstdCompressSync(Buffer.alloc(0));
const SKIPPABLE = Buffer.from('502a4d1804000000ffffffff', 'hex');
addGzip('two zstd frames, a tar in each', Buffer.concat([ZSTD, ZSTD]), 'after the end of the zstd');
addGzip(
  'two zstd frames, a tar in both',
  Buffer.concat([zstdCompressSync(TAR.subarray(0, 700)), zstdCompressSync(TAR.subarray(700))]),
  'after the end of the zstd',
);
addGzip('an empty second zstd frame', Buffer.concat([ZSTD, EMPTY_FRAME]), 'after the end of the zstd');
addGzip('a zstd frame to skip, behind', Buffer.concat([ZSTD, SKIPPABLE]), 'after the end of the zstd');
addGzip('a zstd frame to skip, before', Buffer.concat([SKIPPABLE, ZSTD]), 'neither a gzip nor a zstd file');
addGzip('one byte after the zstd', Buffer.concat([ZSTD, Buffer.from('x')]), 'after the end of the zstd');
addGzip('a wrong zstd checksum', change(ZSTD, ZSTD.length - 1), 'damaged');
addGzip('a zstd frame without its checksum', ZSTD.subarray(0, -4), 'cut short');
for (const length of [4, 5, 6, 8, 12, 40])
  addGzip(`${length} bytes of a zstd file`, ZSTD.subarray(0, length), 'zstd file is cut short');
addGzip('a zstd of a gzip', zstdCompressSync(GZIP));
addGzip('a gzip of a zstd', gzipOf(ZSTD));
/** Magic, descriptor, window; then blocks of `[type, size, content]`. */
const frame = (descriptor: number, window: number, blocks: readonly (readonly [number, number, string])[]): Buffer => {
  const bytes = blocks.map(([type, size, content], index) => {
    const head = Buffer.alloc(3);
    head.writeUIntLE((size << 3) | (type << 1) | (index === blocks.length - 1 ? 1 : 0), 0, 3);
    return Buffer.concat([head, Buffer.from(content, 'latin1')]);
  });
  return Buffer.concat([Buffer.from('28b52ffd', 'hex'), Buffer.from([descriptor, window]), ...bytes]);
};
const RAW_TAR = [[0, TAR.length, TAR.toString('latin1')]] as const;
addGzip('a zstd frame with a dictionary', frame(0x01, 0x58, RAW_TAR), 'dictionary');
addGzip('a zstd frame with a reserved bit', frame(0x08, 0x58, RAW_TAR), 'reserved bit');
addGzip('a zstd window of 16 MiB', frame(0, 0x70, RAW_TAR), 'needs a window of 16777216 bytes');
addGzip('a zstd window of 3.75 TiB', frame(0, 0xff, RAW_TAR), 'needs a window');
addGzip('a zstd block of a reserved type', frame(0, 0x58, [[3, 1, 'x']]), 'damaged');
addGzip('a zstd block larger than may be', frame(0, 0x68, [[0, 2 ** 20, 'x'.repeat(2 ** 20)]]), 'damaged');
// 128 KiB for each four bytes: what one piece stands for is a gigabyte.
addGzip(
  'a bomb of zstd runs',
  frame(
    0,
    0x68,
    Array.from({ length: 30_000 }, () => [1, 2 ** 17, '\0'] as const),
  ),
);
addGzip(
  'a bomb of zstd runs in a member',
  frame(0, 0x68, [
    [0, 512, bombHeader().toString('latin1')],
    ...Array.from({ length: 30_000 }, () => [1, 2 ** 17, '\0'] as const),
  ]),
  'far more than its size',
);

// Bombs. 300 MB of zeros weigh 300 kB.
const bomb = rawMember({ name: NAME, body: Buffer.alloc(100 * 2 ** 20) });
addGzip('a bomb of zeros', gzipOf(Buffer.concat([bomb, TAR_END]), 9), 'far more than its size');
addGzip('a bomb after the end', gzipOf(Buffer.concat([TAR, Buffer.alloc(100 * 2 ** 20)]), 9), 'padding');
addGzip(
  'a claim of 8 GiB',
  gzipOf(Buffer.concat([rawMember({ name: NAME, size: '77777777777\0' }), TAR])),
  'is said to have',
);

/** Of a member of 3 GiB. */
function bombHeader(): Buffer {
  return rawMember({ name: NAME, size: '30000000000\0', body: '' });
}

function change(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

describe('hostile packs are refused', () => {
  test('there are at least 200 of them', () => {
    expect(cases.length).toBeGreaterThan(200);
    countCases({ suite: 'R6', what: 'hostile packs', cases: cases.length });
  });

  test('their good neighbour is not', async () => {
    expect((await readBytes(ZSTD, { kind: 'gocache' })).compression).toBe('zstd');
    expect((await readBytes(frame(0, 0x68, RAW_TAR), { kind: 'gocache' })).damaged).toEqual([]);
    expect((await readBytes(GZIP, { kind: 'gocache' })).entries).toEqual([{ path: OUTPUT.path, sizeBytes: 4 }]);
    const times = paxRecord('mtime', '1700000000.123456789') + paxRecord('atime', '1') + paxRecord('ctime', '2');
    const { entries } = await readBytes(gzipOf(Buffer.concat([long(`${LONG_NAME}\0`), gnuGood, TAR_END])), {
      kind: 'gomodcache',
    });
    expect(entries).toEqual([{ path: LONG_NAME.slice('gomodcache/'.length), sizeBytes: 8 }]);
    const tars = [
      [pax(times), GOOD],
      [rawMember({ name: NAME, type: '\0', body: 'good' })],
      [rawMember({ name: NAME, body: 'good', uid: Buffer.from('8000000000000fff', 'hex') })],
      [rawMember({ name: NAME, body: 'good', size: '          4 ' })],
    ];
    for (const tar of tars) {
      const { entries, damaged } = await readBytes(gzipOf(Buffer.concat([...tar, TAR_END])), { kind: 'gocache' });
      expect({ entries, damaged }).toEqual({ entries: [{ path: OUTPUT.path, sizeBytes: 4 }], damaged: [] });
    }
  });

  test.each(cases)('$title', async ({ kind, gzip, message }) => {
    const failure = await readBytes(Buffer.from(gzip), { kind }).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: 'PACK_INVALID', message: expect.stringContaining(message ?? 'not valid') });
    expect((failure as Error).message).toMatch(/^[ -~]{1,400}$/);
  });
});
