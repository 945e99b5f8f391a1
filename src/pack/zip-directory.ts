/** Bytes kept from the end of a zip: the central directory of a module of 80,000 files fits. */
export const ZIP_TAIL_BYTES: number = 8 * 1024 ** 2;

const END_BYTES = 22;
const LOCATOR_BYTES = 20;
const END64_BYTES = 56;
const ENTRY_BYTES = 46;

/**
 * Is the end of this file a zip's directory that fits the rest of the file? Says what is wrong, else undefined.
 * This finds what a torn download leaves; that the content is the right one is go.sum's business.
 * APPNOTE.TXT 6.3.10, sections 4.3.12 to 4.3.16.
 */
export function checkZipDirectory(tail: Buffer, fileBytes: number): string | undefined {
  if (tail.length < END_BYTES) return 'too short for a zip';
  const tailStart = fileBytes - tail.length;
  const end = findEnd(tail);
  if (end === undefined) return 'no end of a zip directory';
  let count = tail.readUInt16LE(end + 10);
  let directoryBytes = tail.readUInt32LE(end + 12);
  let directoryStart = tail.readUInt32LE(end + 16);
  let directoryEnd = end;
  if (tail.readUInt16LE(end + 4) !== 0 || tail.readUInt16LE(end + 6) !== 0) return 'a zip of several disks';
  if (count === 0xffff || directoryBytes === 0xffffffff || directoryStart === 0xffffffff) {
    const end64 = end - LOCATOR_BYTES - END64_BYTES;
    if (end64 < 0 || tail.readUInt32LE(end - LOCATOR_BYTES) !== 0x07064b50 || tail.readUInt32LE(end64) !== 0x06064b50) {
      return 'no end of a zip64 directory';
    }
    count = Number(tail.readBigUInt64LE(end64 + 32));
    directoryBytes = Number(tail.readBigUInt64LE(end64 + 40));
    directoryStart = Number(tail.readBigUInt64LE(end64 + 48));
    directoryEnd = end64;
  }
  if (directoryStart + directoryBytes !== tailStart + directoryEnd)
    return 'the zip directory is not where its end says';
  // A directory too large to have been kept: its place fits, which is all that can be said.
  if (directoryStart < tailStart) return undefined;
  return checkEntries(tail.subarray(directoryStart - tailStart, directoryEnd), count, directoryStart);
}

/** The end record carries a comment of stated length, and nothing follows it. */
function findEnd(tail: Buffer): number | undefined {
  const lowest = Math.max(0, tail.length - END_BYTES - 0xffff);
  for (let at = tail.length - END_BYTES; at >= lowest; at--) {
    if (tail.readUInt32LE(at) === 0x06054b50 && tail.readUInt16LE(at + 20) === tail.length - at - END_BYTES) return at;
  }
  return undefined;
}

function checkEntries(directory: Buffer, count: number, directoryStart: number): string | undefined {
  let at = 0;
  let seen = 0;
  while (at < directory.length) {
    if (at + ENTRY_BYTES > directory.length || directory.readUInt32LE(at) !== 0x02014b50)
      return 'a damaged zip directory';
    const localHeader = directory.readUInt32LE(at + 42);
    if (localHeader !== 0xffffffff && localHeader + 30 > directoryStart) return 'a zip entry outside of the zip';
    at +=
      ENTRY_BYTES + directory.readUInt16LE(at + 28) + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
    seen += 1;
  }
  return at === directory.length && seen === count ? undefined : 'the zip directory does not add up';
}
