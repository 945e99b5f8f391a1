import { crc32 } from 'node:zlib';

/** The smallest zip with one stored file, as APPNOTE.TXT 6.3.10 has it. */
export function zipFile(name: string, content: string | Uint8Array): Buffer {
  const data = typeof content === 'string' ? Buffer.from(content) : content;
  const fixed = Buffer.alloc(26);
  fixed.writeUInt16LE(20, 0);
  fixed.writeUInt32LE(crc32(data), 10);
  fixed.writeUInt32LE(data.length, 14);
  fixed.writeUInt32LE(data.length, 18);
  fixed.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), fixed, Buffer.from(name), data]);
  const central = Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), fixed, Buffer.alloc(14), Buffer.from(name)]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}
