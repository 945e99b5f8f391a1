import { describe, expect, test } from 'vitest';
import { checkZipDirectory, ZIP_TAIL_BYTES } from '../../../src/pack/zip-directory.ts';
import { zipFile } from '../../helpers/zip-file.ts';

const ZIP = zipFile('a.go', 'package a\n');
const END = ZIP.length - 22;
const DIRECTORY = ZIP.readUInt32LE(END + 16);

function edit(change: (zip: Buffer) => void, zip: Buffer = ZIP): Buffer {
  const copy = Buffer.from(zip);
  change(copy);
  return copy;
}

/** The same zip with a zip64 end: the numbers of the plain one are all ones. APPNOTE.TXT 4.3.14 and 4.3.15. */
function zip64(count = 1n): Buffer {
  const end64 = Buffer.alloc(56);
  end64.write('PK\x06\x06', 0, 'latin1');
  end64.writeBigUInt64LE(44n, 4);
  end64.writeBigUInt64LE(count, 24);
  end64.writeBigUInt64LE(count, 32);
  end64.writeBigUInt64LE(BigInt(END - DIRECTORY), 40);
  end64.writeBigUInt64LE(BigInt(DIRECTORY), 48);
  const locator = Buffer.alloc(20);
  locator.write('PK\x06\x07', 0, 'latin1');
  locator.writeBigUInt64LE(BigInt(END), 8);
  locator.writeUInt32LE(1, 16);
  const end = edit((zip) => zip.fill(0xff, END + 8, END + 20)).subarray(END);
  return Buffer.concat([ZIP.subarray(0, END), end64, locator, end]);
}

describe('a zip directory', () => {
  test.each<[string, Buffer]>([
    ['of one file', ZIP],
    ['of no file', Buffer.from(ZIP.subarray(END)).fill(0, 8, 20)],
    ['with a comment', Buffer.concat([edit((zip) => zip.writeUInt16LE(3, ZIP.length - 2)), Buffer.from('abc')])],
    ['with a zip64 end', zip64()],
  ])('%s is whole', (_, zip) => expect(checkZipDirectory(zip, zip.length)).toBeUndefined());

  test.each<[string, Buffer, string]>([
    ['that names a file too many', edit((zip) => zip.writeUInt16LE(2, END + 10)), 'does not add up'],
    ['that names a file too few', edit((zip) => zip.writeUInt16LE(0, END + 10)), 'does not add up'],
    ['that is shorter than it is', edit((zip) => zip.writeUInt32LE(1, END + 12)), 'not where'],
    ['that starts elsewhere', edit((zip) => zip.writeUInt32LE(1, END + 16)), 'not where'],
    ['of several disks', edit((zip) => zip.writeUInt16LE(1, END + 4)), 'several disks'],
    ['with an entry behind itself', edit((zip) => zip.writeUInt32LE(DIRECTORY, DIRECTORY + 42)), 'outside'],
    ['with a name past its end', edit((zip) => zip.writeUInt16LE(999, DIRECTORY + 28)), 'does not add up'],
    ['without its mark', edit((zip) => zip.writeUInt8(0, DIRECTORY)), 'damaged'],
    ['with a zip64 end that is missing', edit((zip) => zip.fill(0xff, END + 8, END + 20)), 'zip64'],
    ['with a zip64 end that lies', zip64(2n), 'does not add up'],
  ])('%s is damaged', (_, zip, reason) => expect(checkZipDirectory(zip, zip.length)).toContain(reason));

  test('of a large file is judged by the end of it', () => {
    const filler = Buffer.alloc(2 * ZIP_TAIL_BYTES);
    const moved = edit((zip) => zip.writeUInt32LE(DIRECTORY + filler.length, END + 16));
    const tail = Buffer.concat([filler, moved]).subarray(-ZIP_TAIL_BYTES);
    expect(checkZipDirectory(tail, filler.length + moved.length)).toBeUndefined();
    expect(checkZipDirectory(tail, filler.length + moved.length + 1)).toContain('not where');
  });
});
