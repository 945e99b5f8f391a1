import { BLOCK, parseTarHeader, paddingOf } from '../../../src/pack/tar-header.ts';

export interface Member {
  readonly name: string;
  /** The header with its new time, then content and padding. */
  readonly blocks: Uint8Array;
  readonly content: Uint8Array;
}

/**
 * The members of a pack's tar, each with another modification time (seconds since 1970). `L` members, which hold a long name, come by
 * themselves. Whole in memory: for packs, which have some tens of MB.
 */
export function* retimeTar(tar: Uint8Array, seconds: number): Generator<Member> {
  let longName: string | undefined;
  for (let at = 0; at + BLOCK <= tar.length; ) {
    const header = parseTarHeader(tar.subarray(at, at + BLOCK));
    // Two zero blocks end the tar; packs hold nothing else without a checksum.
    if (typeof header === 'string') return;
    const end = at + BLOCK + header.sizeBytes + paddingOf(header.sizeBytes);
    const blocks = Buffer.from(tar.subarray(at, end));
    const content = blocks.subarray(BLOCK, BLOCK + header.sizeBytes);
    writeTime(blocks, seconds);
    yield { name: longName ?? header.name, blocks, content };
    longName = header.typeflag === 'L' ? content.toString('latin1').replace(/\0.*$/s, '') : undefined;
    at = end;
  }
}

function writeTime(header: Buffer, seconds: number): void {
  header.write(`${seconds.toString(8).padStart(11, '0')}\0`, 136, 'latin1');
  header.fill(' ', 148, 156);
  let sum = 0;
  for (let index = 0; index < BLOCK; index += 1) sum += header[index] ?? 0;
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
}
