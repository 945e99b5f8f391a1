export interface ArchiveMember {
  readonly name: string;
  readonly data: Buffer;
}

const MAGIC = '!<arch>\n';
const HEADER_BYTES = 60;

/**
 * The members of a Unix archive as the compiler writes it: 60 bytes of header in text, then the data, padded to an even
 * length. Empty for what is no archive; stops where it is cut.
 * https://github.com/golang/go/blob/go1.26.8/src/cmd/internal/archive/archive.go
 */
export function readArchive(bytes: Buffer): readonly ArchiveMember[] {
  if (bytes.subarray(0, MAGIC.length).toString('latin1') !== MAGIC) return [];
  const members: ArchiveMember[] = [];
  for (let at = MAGIC.length; at + HEADER_BYTES <= bytes.length; ) {
    const header = bytes.subarray(at, at + HEADER_BYTES).toString('latin1');
    const size = Number(header.slice(48, 58).trim());
    const start = at + HEADER_BYTES;
    if (!header.endsWith('`\n') || !Number.isSafeInteger(size) || start + size > bytes.length) return members;
    members.push({ name: header.slice(0, 16).trim(), data: bytes.subarray(start, start + size) });
    at = start + size + (size % 2);
  }
  return members;
}
