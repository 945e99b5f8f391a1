import { createHash } from 'node:crypto';
import { crc32, deflateRawSync } from 'node:zlib';
import type { MountKind } from '../../../src/core/mount-kind.ts';
import { hashGoMod, hashZip } from '../../../src/trust/hash-zip.ts';
import { type PackReading, type ReadPackOptions, readPack } from '../../../src/pack/read-pack.ts';
import type { Entry, PackFacts } from '../../../src/pack/types.ts';
import { writePack } from '../../../src/pack/write-pack.ts';
import { zipFile } from '../../helpers/zip-file.ts';

export function sha256Hex(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export interface File {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** A GOCACHE output as Go names it. */
export function outputFile(bytes: Uint8Array | string): File {
  const hex = sha256Hex(bytes);
  return { path: `${hex.slice(0, 2)}/${hex}-d`, bytes: Buffer.from(bytes) };
}

/** A GOCACHE action that leads to an output, as Go writes it. */
export function actionFile(seed: string, output: File): File {
  const id = sha256Hex(`action ${seed}`);
  const size = String(output.bytes.length).padStart(20);
  const text = `v1 ${id} ${output.path.slice(3, 67)} ${size} ${'1700000000000000000'.padStart(20)}\n`;
  return { path: `${id.slice(0, 2)}/${id}-a`, bytes: Buffer.from(text) };
}

export function sortFiles(files: readonly File[]): File[] {
  return [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** 6 actions and outputs, as a one-line edit leaves them. */
export function smallCache(seed = 'x', outputs = 3): File[] {
  const files: File[] = [];
  for (let i = 0; i < outputs; i++) {
    const output = outputFile(`output ${seed} ${i} ${'some text '.repeat(i * 20)}`);
    files.push(output, actionFile(`${seed} ${i}`, output));
  }
  return sortFiles(files);
}

export function moduleFiles(path = 'example.com/!big/mod', version = 'v1.2.3'): File[] {
  const base = `cache/download/${path}/@v/${version}`;
  const plain = version.replace(/!(.)/g, (_, letter: string) => letter.toUpperCase());
  return [
    { path: `${base}.info`, bytes: Buffer.from(`{"Version":"${plain}","Time":"2024-01-01T00:00:00Z"}`) },
    { path: `${base}.mod`, bytes: Buffer.from('module example.com/Big/mod\n') },
    { path: `${base}.zip`, bytes: zipFile(`example.com/Big/mod@${plain}/a.go`, 'package a\n') },
  ];
}

export interface WrittenPack {
  readonly facts: PackFacts;
  readonly bytes: Buffer;
}

export async function packOf(kind: MountKind, files: readonly File[]): Promise<WrittenPack> {
  const chunks: Uint8Array[] = [];
  async function* members(): AsyncGenerator<Entry & { body: Uint8Array }> {
    for (const file of files) yield { path: file.path, sizeBytes: file.bytes.length, body: file.bytes };
  }
  const facts = await writePack(members(), {
    kind,
    write: async (chunk) => {
      chunks.push(chunk);
    },
  });
  return { facts, bytes: Buffer.concat(chunks) };
}

export async function* streamOf(bytes: Uint8Array, chunkBytes = 65_536): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

export function readBytes(bytes: Uint8Array, options: ReadPackOptions): Promise<PackReading> {
  return readPack(streamOf(bytes), options);
}

/** gzip as slipway writes it: no optional header fields. */
export function gzipOf(tar: Uint8Array, level = 1): Buffer {
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(tar), 0);
  trailer.writeUInt32LE(tar.length % 2 ** 32, 4);
  const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
  return Buffer.concat([header, deflateRawSync(tar, { level }), trailer]);
}

/** Fields of a tar header as raw as it takes to lie in each of them. */
export interface RawMember {
  readonly name?: string | Buffer;
  readonly mode?: string | Buffer;
  readonly uid?: string | Buffer;
  readonly mtime?: string | Buffer;
  readonly size?: string | Buffer;
  readonly type?: string;
  readonly link?: string;
  readonly magic?: string;
  readonly prefix?: string | Buffer;
  readonly rest?: Buffer;
  /** Added to the right checksum. */
  readonly checksumOff?: number;
  readonly checksum?: string;
  readonly body?: Uint8Array | string;
  readonly padding?: Buffer;
}

export function rawMember(raw: RawMember): Buffer {
  const block = Buffer.alloc(512);
  const body = Buffer.from(raw.body ?? '');
  const put = (value: string | Buffer, at: number, length: number): void => {
    const bytes = typeof value === 'string' ? Buffer.from(value, 'latin1') : value;
    bytes.copy(block, at, 0, Math.min(bytes.length, length));
  };
  put(raw.name ?? '', 0, 100);
  put(raw.mode ?? '0000644\0', 100, 8);
  put(raw.uid ?? '0000000\0', 108, 8);
  put('0000000\0', 116, 8);
  put(raw.size ?? `${body.length.toString(8).padStart(11, '0')}\0`, 124, 12);
  put(raw.mtime ?? '14000000000\0', 136, 12);
  put(raw.type ?? '0', 156, 1);
  put(raw.link ?? '', 157, 100);
  put(raw.magic ?? 'ustar\x0000', 257, 8);
  put(raw.prefix ?? '', 345, 155);
  if (raw.rest !== undefined) put(raw.rest, 345, 167);
  let sum = 8 * 32;
  for (const [index, byte] of block.entries()) if (index < 148 || index >= 156) sum += byte;
  put(raw.checksum ?? `${(sum + (raw.checksumOff ?? 0)).toString(8).padStart(6, '0')}\0 `, 148, 8);
  return Buffer.concat([block, body, raw.padding ?? Buffer.alloc((512 - (body.length % 512)) % 512)]);
}

export const TAR_END: Buffer = Buffer.alloc(1024);

/** One pax record; its length counts itself. */
export function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return `${length}${rest}`;
}

/** Numbers that look random and are the same each time: mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** The go.sum that lists these module files. */
export async function goSumOf(files: readonly File[]): Promise<string> {
  const lines: string[] = [];
  for (const { path, bytes: content } of files) {
    const bytes = Buffer.from(content);
    const [, module = '', version = '', ending] = /^cache\/download\/(.+)\/@v\/(.+)\.(mod|zip)$/.exec(path) ?? [];
    const plain = `${module} ${version}`.replace(/!(.)/g, (_, letter: string) => letter.toUpperCase());
    if (ending === 'mod') lines.push(`${plain}/go.mod ${hashGoMod(bytes)}\n`);
    if (ending !== 'zip') continue;
    const hashed = await hashZip({ sizeBytes: bytes.length, read: (at, length) => bytes.subarray(at, at + length) });
    lines.push(`${plain} ${'sum' in hashed ? hashed.sum : hashed.damaged}\n`);
  }
  return lines.join('');
}
