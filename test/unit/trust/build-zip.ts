import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipPart {
  readonly name: string;
  readonly content?: Buffer | string;
  readonly method?: number;
  /** In place of the content as the method packs it. */
  readonly stored?: Buffer;
  readonly flags?: number;
  readonly crc?: number;
  readonly compressedBytes?: number;
  readonly sizeBytes?: number;
  readonly localName?: string;
  readonly localExtra?: Buffer;
  readonly extra?: Buffer;
  readonly comment?: string;
  /** Sizes and checksum follow the data. */
  readonly hasDescriptor?: boolean;
  /** In place of where its local header is. */
  readonly offset?: number;
}

export interface ZipShape {
  readonly before?: Buffer;
  /** Between the last file and the directory. */
  readonly between?: Buffer;
  readonly afterDirectory?: Buffer;
  readonly comment?: Buffer;
  readonly countHere?: number;
  readonly count?: number;
  readonly directoryBytes?: number;
  readonly directoryStart?: number;
  readonly disk?: number;
  readonly isZip64?: boolean;
  /** In the zip64 end alone. */
  readonly count64?: bigint;
  readonly locatedAt?: bigint;
}

/** A zip with every number open to lies. APPNOTE.TXT 6.3.10, sections 4.3.7 to 4.3.16. */
export function buildZip(parts: readonly ZipPart[], shape: ZipShape = {}): Buffer {
  const files: Buffer[] = [shape.before ?? Buffer.alloc(0)];
  const headers: Buffer[] = [];
  let at = files[0]?.length ?? 0;
  for (const part of parts) {
    const { local, header } = buildPart(part, at);
    files.push(local);
    headers.push(header);
    at += local.length;
  }
  const between = shape.between ?? Buffer.alloc(0);
  const directory = Buffer.concat(headers);
  const start = shape.directoryStart ?? at + between.length;
  const bytes = shape.directoryBytes ?? directory.length;
  const comment = shape.comment ?? Buffer.alloc(0);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(shape.disk ?? 0, 4);
  end.writeUInt16LE(shape.countHere ?? shape.count ?? parts.length, 8);
  end.writeUInt16LE(shape.count ?? parts.length, 10);
  end.writeUInt32LE(bytes, 12);
  end.writeUInt32LE(start, 16);
  if (shape.isZip64 === true) end.fill(0xff, 8, 20);
  end.writeUInt16LE(comment.length, 20);
  const middle = [between, directory, shape.afterDirectory ?? Buffer.alloc(0)];
  const end64 = shape.isZip64 === true ? buildEnd64(shape, { start, bytes, count: parts.length }) : [];
  return Buffer.concat([...files, ...middle, ...end64, end, comment]);
}

function buildPart(part: ZipPart, at: number): { readonly local: Buffer; readonly header: Buffer } {
  const content = Buffer.from(part.content ?? '');
  const method = part.method ?? 8;
  const stored = part.stored ?? (method === 8 ? deflateRawSync(content) : content);
  const facts = Buffer.alloc(26);
  facts.writeUInt16LE(20, 0);
  facts.writeUInt16LE((part.flags ?? 0) | (part.hasDescriptor === true ? 8 : 0), 2);
  facts.writeUInt16LE(method, 4);
  facts.writeUInt32LE(part.crc ?? crc32(content), 10);
  facts.writeUInt32LE(part.compressedBytes ?? stored.length, 14);
  facts.writeUInt32LE(part.sizeBytes ?? content.length, 18);
  const name = Buffer.from(part.name, 'latin1');
  const localName = Buffer.from(part.localName ?? part.name, 'latin1');
  const [extra, localExtra] = [part.extra ?? Buffer.alloc(0), part.localExtra ?? Buffer.alloc(0)];
  const localFacts = Buffer.from(facts);
  if (part.hasDescriptor === true) localFacts.fill(0, 10, 22);
  localFacts.writeUInt16LE(localName.length, 22);
  localFacts.writeUInt16LE(localExtra.length, 24);
  facts.writeUInt16LE(name.length, 22);
  facts.writeUInt16LE(extra.length, 24);
  const descriptor = Buffer.concat([Buffer.from('PK\x07\x08', 'latin1'), facts.subarray(10, 22)]);
  const comment = Buffer.from(part.comment ?? '');
  const tail = Buffer.alloc(14);
  tail.writeUInt16LE(comment.length, 0);
  tail.writeUInt32LE(part.offset ?? at, 10);
  const signature = Buffer.from('PK\x03\x04', 'latin1');
  const localParts = [signature, localFacts, localName, localExtra, stored];
  return {
    local: Buffer.concat(part.hasDescriptor === true ? [...localParts, descriptor] : localParts),
    header: Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), facts, tail, name, extra, comment]),
  };
}

function buildEnd64(shape: ZipShape, place: { start: number; bytes: number; count: number }): Buffer[] {
  const end = Buffer.alloc(56);
  end.write('PK\x06\x06', 0, 'latin1');
  end.writeBigUInt64LE(44n, 4);
  const count = shape.count64 ?? BigInt(place.count);
  end.writeBigUInt64LE(count, 24);
  end.writeBigUInt64LE(count, 32);
  end.writeBigUInt64LE(BigInt(place.bytes), 40);
  end.writeBigUInt64LE(BigInt(place.start), 48);
  const locator = Buffer.alloc(20);
  locator.write('PK\x06\x07', 0, 'latin1');
  locator.writeBigUInt64LE(shape.locatedAt ?? BigInt(place.start + place.bytes), 8);
  locator.writeUInt32LE(1, 16);
  return [end, locator];
}
