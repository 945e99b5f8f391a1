export const BLOCK = 512;

/** A header block that is well formed by itself. Whether it belongs into a pack is the reader's question. */
export interface TarHeader {
  readonly name: string;
  readonly typeflag: string;
  readonly sizeBytes: number;
  readonly mode: number;
  readonly linkName: string;
}

/**
 * Reads one header block, or says what is wrong with it. Strict on purpose: where tar readers differ (base-256 sizes,
 * signed checksums, GNU's prefix field, bytes after the NUL of a name) a file could mean one thing here and another in
 * the helper's tar. Fields: POSIX.1-2017 `pax`, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format".
 */
export function parseTarHeader(block: Uint8Array): TarHeader | string {
  const sum = parseOctal(block, 148, 8);
  if (sum === undefined || sum !== checksumOf(block)) return 'the header checksum does not match';
  const magic = latin1(block, 257, 265);
  const isGnu = magic === 'ustar  \0';
  if (!isGnu && magic !== 'ustar\x0000') return 'the header is neither ustar nor GNU';
  const sizeBytes = parseOctal(block, 124, 12);
  if (sizeBytes === undefined) return 'the size is not an octal number';
  const mode = parseOctal(block, 100, 8);
  if (mode === undefined) return 'the mode is not an octal number';
  for (const [start, length] of OTHER_NUMBERS) {
    if (!isPlainNumber(block, start, length)) return 'a number in the header is neither octal nor a base-256 one';
  }
  const name = parseText(block, 0, 100);
  const linkName = parseText(block, 157, 100);
  const prefix = isGnu ? '' : parseText(block, 345, 155);
  if (name === undefined || linkName === undefined || prefix === undefined) return 'a name goes on after its NUL';
  if (!isZero(block, isGnu ? 345 : 500, BLOCK)) return 'the header holds fields of another tar format';
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    typeflag: String.fromCharCode(block[156] ?? 0),
    sizeBytes,
    mode,
    linkName,
  };
}

/** The header of a regular file as we write it: mode 0644, owner 0, time 0. `name` fits a header or follows a `L` member. */
export function formatTarHeader(name: string, sizeBytes: number): Uint8Array[] {
  const split = splitName(name);
  if (split !== undefined) return [headerBlock({ ...split, sizeBytes, typeflag: '0', isGnu: false })];
  const text = Buffer.from(`${name}\0`, 'latin1');
  return [
    headerBlock({ name: '././@LongLink', prefix: '', sizeBytes: text.length, typeflag: 'L', isGnu: true }),
    text,
    Buffer.alloc(paddingOf(text.length)),
    headerBlock({ name: name.slice(0, 100), prefix: '', sizeBytes, typeflag: '0', isGnu: true }),
  ];
}

export function paddingOf(sizeBytes: number): number {
  return (BLOCK - (sizeBytes % BLOCK)) % BLOCK;
}

/** Sizes above this need base-256, which the reader refuses. */
export const MAX_OCTAL_SIZE: number = 8 ** 11 - 1;

export function isZero(bytes: Uint8Array, start = 0, end: number = bytes.length): boolean {
  for (let i = start; i < end; i++) if (bytes[i] !== 0) return false;
  return true;
}

/** uid, gid, mtime. Owners above 2^21 are written in base-256 by GNU and busybox. */
const OTHER_NUMBERS: readonly (readonly [number, number])[] = [
  [108, 8],
  [116, 8],
  [136, 12],
];

function splitName(name: string): { name: string; prefix: string } | undefined {
  if (name.length <= 100) return { name, prefix: '' };
  const slash = name.indexOf('/', name.length - 101);
  if (slash < 1 || slash > 155 || slash === name.length - 1) return undefined;
  return { name: name.slice(slash + 1), prefix: name.slice(0, slash) };
}

interface HeaderFields {
  readonly name: string;
  readonly prefix: string;
  readonly sizeBytes: number;
  readonly typeflag: string;
  readonly isGnu: boolean;
}

function headerBlock(fields: HeaderFields): Uint8Array {
  const block = Buffer.alloc(BLOCK);
  block.write(fields.name, 0, 100, 'latin1');
  block.write('0000644\0', 100, 'latin1');
  block.write('0000000\0', 108, 'latin1');
  block.write('0000000\0', 116, 'latin1');
  block.write(`${fields.sizeBytes.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
  block.write('00000000000\0', 136, 'latin1');
  block.write(fields.typeflag, 156, 'latin1');
  block.write(fields.isGnu ? 'ustar  \0' : 'ustar\x0000', 257, 'latin1');
  if (!fields.isGnu) block.write(fields.prefix, 345, 155, 'latin1');
  block.write(`${checksumOf(block).toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

/** Sum of all bytes, the checksum field itself counted as spaces. */
function checksumOf(block: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 32 : (block[i] ?? 0);
  return sum;
}

/** Octal digits, spaces before them, then only NULs and spaces. */
function parseOctal(block: Uint8Array, start: number, length: number): number | undefined {
  const match = /^ *([0-7]+)[\0 ]*$/.exec(latin1(block, start, start + length));
  return match === null ? undefined : Number.parseInt(match[1] ?? '', 8);
}

function isPlainNumber(block: Uint8Array, start: number, length: number): boolean {
  return (
    block[start] === 0x80 || isZero(block, start, start + length) || parseOctal(block, start, length) !== undefined
  );
}

/** Text up to the first NUL; nothing may follow it. One character per byte, so that a byte is never mistaken. */
function parseText(block: Uint8Array, start: number, length: number): string | undefined {
  const text = latin1(block, start, start + length);
  const end = text.indexOf('\0');
  if (end < 0) return text;
  return isZero(block, start + end, start + length) ? text.slice(0, end) : undefined;
}

function latin1(block: Uint8Array, start: number, end: number): string {
  return Buffer.from(block.buffer, block.byteOffset + start, end - start).toString('latin1');
}
