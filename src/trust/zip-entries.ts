/** The bytes of a zip, in memory or in a file. */
export interface ZipSource {
  readonly sizeBytes: number;
  /** Exactly these bytes; the caller keeps to the size. */
  read(offset: number, length: number): Buffer;
}

export interface ZipEntry {
  /** One character for each byte. */
  readonly name: string;
  readonly isDeflated: boolean;
  /** Its checksum stands behind its data once more. */
  readonly hasDescriptor: boolean;
  readonly crc: number;
  readonly compressedBytes: number;
  readonly sizeBytes: number;
  /** Of its local header. */
  readonly offset: number;
}

const END_BYTES = 22;
const END64_BYTES = 56;
const LOCATOR_BYTES = 20;
const HEADER_BYTES = 46;
const LOCAL_BYTES = 30;
/** Shorter than the end of a zip, so that one always fits behind an entry. */
const DESCRIPTOR_BYTES = 16;

/** `MaxZipFile` of golang.org/x/mod/zip, which holds for the content too: Go extracts no more than that. */
const MAX_CONTENT_BYTES = 500 * 1024 ** 2;
/** Bytes out per byte in, beyond the first ones. A tree of generated Go code reaches 9. */
const MAX_RATIO = 100;
const RATIO_FREE_BYTES = 16 * 1024 ** 2;
/** A directory of 300,000 files with long names. */
const MAX_DIRECTORY_BYTES = 64 * 1024 ** 2;

/** Deflate's speed hints, sizes that follow the data, names in UTF-8: all that writers of module zips set. */
const KNOWN_FLAGS = 0b0000_1000_0000_1110;

/**
 * The entries of a zip, or what is wrong with it. A zip means to Go what its central directory says, and readers differ in
 * where they look for one and in what they make of odd ones. Our word replaces Go's own check, so only a zip with one meaning
 * passes: the directory right behind the files, its end right behind it and last, without comments, every name once.
 * That is what `zip.Create` of golang.org/x/mod writes. APPNOTE.TXT 6.3.10, sections 4.3.7 to 4.3.16;
 * readDirectoryEnd in https://github.com/golang/go/blob/go1.26.8/src/archive/zip/reader.go
 */
export function readZipEntries(zip: ZipSource): readonly ZipEntry[] | string {
  const place = findDirectory(zip);
  if (typeof place === 'string') return place;
  const directory = zip.read(place.start, place.end - place.start);
  const entries: ZipEntry[] = [];
  const names = new Set<string>();
  let contentBytes = 0;
  for (let at = 0; at < directory.length; ) {
    const read = readHeader(directory, at);
    if (typeof read === 'string') return read;
    const { entry, length } = read;
    at += length;
    if (names.has(entry.name)) return 'a zip with one name twice';
    names.add(entry.name);
    contentBytes += entry.sizeBytes;
    if (contentBytes > MAX_CONTENT_BYTES) return `a zip of more than ${MAX_CONTENT_BYTES} bytes of content`;
    if (contentBytes > RATIO_FREE_BYTES + MAX_RATIO * zip.sizeBytes)
      return 'a zip that unpacks to far more than its size';
    if (entry.offset + LOCAL_BYTES + entry.compressedBytes > place.start) return 'a zip entry outside of the zip';
    entries.push(entry);
  }
  return entries.length === place.count ? entries : 'the zip directory does not add up';
}

/** Where the content of an entry begins, or what is wrong with the records around it. */
export function findContent(zip: ZipSource, entry: ZipEntry): number | string {
  const local = zip.read(entry.offset, LOCAL_BYTES);
  const nameBytes = local.readUInt16LE(26);
  const start = entry.offset + LOCAL_BYTES + nameBytes + local.readUInt16LE(28);
  if (local.readUInt32LE(0) !== 0x04034b50) return 'a zip entry without its header';
  const end = start + entry.compressedBytes;
  if (end + DESCRIPTOR_BYTES > zip.sizeBytes) return 'a zip entry outside of the zip';
  // Go takes the checksum that is nearer to the data for the right one.
  const descriptor = zip.read(end, DESCRIPTOR_BYTES);
  const isSame = descriptor.readUInt32LE(0) === 0x08074b50 && descriptor.readUInt32LE(4) === entry.crc;
  if (entry.hasDescriptor && !isSame) return 'a zip entry with two checksums';
  const name = zip.read(entry.offset + LOCAL_BYTES, nameBytes).toString('latin1');
  return name === entry.name ? start : 'a zip entry with two names';
}

interface DirectoryPlace {
  readonly start: number;
  readonly end: number;
  readonly count: number;
}

function findDirectory(zip: ZipSource): DirectoryPlace | string {
  if (zip.sizeBytes < END_BYTES) return 'too short for a zip';
  const tailBytes = Math.min(zip.sizeBytes, END_BYTES + LOCATOR_BYTES + END64_BYTES);
  const tail = zip.read(zip.sizeBytes - tailBytes, tailBytes);
  const at = tail.length - END_BYTES;
  if (tail.readUInt32LE(at) !== 0x06054b50 || tail.readUInt16LE(at + 20) !== 0) return 'no end of a zip directory';
  if (tail.readUInt32LE(at + 4) !== 0) return 'a zip of several disks';
  const end = zip.sizeBytes - END_BYTES;
  const isZip64 = at >= LOCATOR_BYTES && tail.readUInt32LE(at - LOCATOR_BYTES) === 0x07064b50;
  const place = isZip64 ? readEnd64(tail, at, end) : readEnd(tail, at, end);
  if (place === undefined) return 'the zip directory is not where its end says';
  return place.end - place.start > MAX_DIRECTORY_BYTES ? 'a zip directory larger than Go writes' : place;
}

function readEnd(tail: Buffer, at: number, end: number): DirectoryPlace | undefined {
  const [countHere, count] = [tail.readUInt16LE(at + 8), tail.readUInt16LE(at + 10)];
  const start = tail.readUInt32LE(at + 16);
  // All ones point to a zip64 end, which isn't there.
  if (countHere !== count || count === 0xffff || start + tail.readUInt32LE(at + 12) !== end) return undefined;
  return { start, end, count };
}

/** The plain end of a zip64 has no numbers of its own: all are ones. */
function readEnd64(tail: Buffer, at: number, end: number): DirectoryPlace | undefined {
  const locator = at - LOCATOR_BYTES;
  const at64 = locator - END64_BYTES;
  const isPlain = tail.subarray(at + 8, at + 20).every((byte) => byte === 0xff);
  if (at64 < 0 || !isPlain || tail.readUInt32LE(at64) !== 0x06064b50) return undefined;
  const end64 = end - LOCATOR_BYTES - END64_BYTES;
  const [countHere, count, bytes, start] = [24, 32, 40, 48].map((field) => Number(tail.readBigUInt64LE(at64 + field)));
  const isLocated = tail.readUInt32LE(locator + 4) === 0 && tail.readUInt32LE(locator + 16) === 1;
  const isHere = Number(tail.readBigUInt64LE(locator + 8)) === end64;
  const isWhole = Number(tail.readBigUInt64LE(at64 + 4)) === END64_BYTES - 12 && tail.readBigUInt64LE(at64 + 16) === 0n;
  if (!isLocated || !isHere || !isWhole || start === undefined || count === undefined) return undefined;
  return countHere === count && start + (bytes ?? 0) === end64 ? { start, end: end64, count } : undefined;
}

function readHeader(directory: Buffer, at: number): { readonly entry: ZipEntry; readonly length: number } | string {
  if (at + HEADER_BYTES > directory.length || directory.readUInt32LE(at) !== 0x02014b50)
    return 'a damaged zip directory';
  const flags = directory.readUInt16LE(at + 8);
  const method = directory.readUInt16LE(at + 10);
  const [compressedBytes, sizeBytes] = [directory.readUInt32LE(at + 20), directory.readUInt32LE(at + 24)];
  const nameBytes = directory.readUInt16LE(at + 28);
  const extraBytes = directory.readUInt16LE(at + 30);
  const nameEnd = at + HEADER_BYTES + nameBytes;
  const offset = directory.readUInt32LE(at + 42);
  if (nameEnd + extraBytes > directory.length) return 'a damaged zip directory';
  if ((flags & 1) !== 0) return 'an encrypted zip';
  if ((flags & ~KNOWN_FLAGS) !== 0) return `a zip entry with the flags 0x${flags.toString(16)}`;
  if (method !== 0 && method !== 8) return `a zip entry packed by method ${method}`;
  if (directory.readUInt32LE(at + 32) !== 0) return 'a zip entry with a comment or of another disk';
  if (hasZip64Field(directory.subarray(nameEnd, nameEnd + extraBytes)) || offset === 0xffffffff) {
    return 'a zip entry of zip64 size';
  }
  const name = directory.toString('latin1', at + HEADER_BYTES, nameEnd);
  if (name === '' || /[\n\0]/.test(name)) return 'a zip entry without a sound name';
  if (method === 0 && compressedBytes !== sizeBytes) return 'a zip entry of two sizes';
  if (name.endsWith('/') && sizeBytes !== 0) return 'a zip directory entry with content';
  const crc = directory.readUInt32LE(at + 16);
  const entry = {
    name,
    isDeflated: method === 8,
    hasDescriptor: (flags & 8) !== 0,
    crc,
    compressedBytes,
    sizeBytes,
    offset,
  };
  return { entry, length: HEADER_BYTES + nameBytes + extraBytes };
}

/** Is there a zip64 field, or something that isn't a list of fields? */
function hasZip64Field(extra: Buffer): boolean {
  for (let at = 0; at < extra.length; ) {
    if (at + 4 > extra.length || extra.readUInt16LE(at) === 1) return true;
    at += 4 + extra.readUInt16LE(at + 2);
    if (at > extra.length) return true;
  }
  return false;
}
