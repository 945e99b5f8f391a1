import { crc32, deflateRawSync } from 'node:zlib';
import { type Digest, digestOf, hexOf } from '../core/digest.ts';
import { errorMessage, SlipwayError } from '../core/errors.ts';
import type { MountKind } from '../core/mount-kind.ts';
import { ACTION_BYTES } from './action-record.ts';
import { isEntryPath } from './grammar.ts';
import { GZIP_HEADER, type GzipOptions, gunzipMemberSync, strategyOf } from './gzip-stream.ts';
import { MAX_ENTRY_LIST_BYTES } from './limits.ts';
import { BLOCK, formatTarHeader, MAX_OCTAL_SIZE, paddingOf } from './tar-header.ts';
import { createTarReader } from './tar-reader.ts';
import type { Entry, LayerRecord, PackFacts, Representation } from './types.ts';

export interface EncodedEntryList {
  readonly bytes: Uint8Array;
  readonly record: LayerRecord;
}

/** The entry list of a pack as a layer of its own: see `docs/formats/entry-list.md`. */
export function encodeEntryList(facts: Pick<PackFacts, 'kind' | 'digest' | 'entries'>): EncodedEntryList {
  const text = Buffer.from(formatList(facts.kind, facts.entries), 'latin1');
  const tar = Buffer.concat([
    ...formatTarHeader(memberName(facts.digest), text.length),
    text,
    Buffer.alloc(paddingOf(text.length) + 2 * BLOCK),
  ]);
  // Random hex digits hold no repeats to find: looking for them makes a gocache list 6 % larger.
  const bytes = gzip(tar, facts.kind === 'gocache' ? { isHuffmanOnly: true } : { level: 9 });
  return { bytes, record: { digest: digestOf(bytes), sizeBytes: bytes.length, diffId: digestOf(tar) } };
}

export interface ExpectedEntryList {
  readonly packDigest: Digest;
  readonly kind: MountKind;
  /** Default: `files`. */
  readonly representation?: Representation;
  readonly entryCount: number;
}

/** Reads an entry list that belongs to this pack; anything else throws SNAPSHOT_INVALID, a newer format FORMAT_UNKNOWN. */
export function decodeEntryList(bytes: Uint8Array, expected: ExpectedEntryList): Entry[] {
  const text = readOnlyMember(bytes, expected.packDigest);
  const headerEnd = text.indexOf('\n');
  const [name, version, kind, ...rest] = text.slice(0, headerEnd).split(' ');
  if (headerEnd < 0 || name !== 'slipway-entries') throw listError(expected, 'it has no header line');
  if (version !== '1') {
    throw new SlipwayError('FORMAT_UNKNOWN', 'the entry list has a format that this slipway does not know', {
      hint: 'Use the newest slipway everywhere, or another scope for the old one.',
    });
  }
  if (kind !== expected.kind || rest.length > 0) throw listError(expected, 'it is for another kind of mount');
  const entries = kind === 'gocache' ? parseCacheLines(text, headerEnd + 1) : parseModuleLines(text, headerEnd + 1);
  if (entries === undefined) throw listError(expected, 'a line of it is malformed');
  if (entries.length !== expected.entryCount) {
    throw listError(expected, `it has ${entries.length} entries instead of ${expected.entryCount}`);
  }
  let last = '';
  for (const entry of entries) {
    if (
      entry.path <= last ||
      !isEntryPath(expected.kind, entry.path, expected.representation) ||
      entry.sizeBytes > MAX_OCTAL_SIZE
    ) {
      throw listError(expected, 'an entry of it is out of order or has an impossible name or size');
    }
    last = entry.path;
  }
  return entries;
}

function formatList(kind: MountKind, entries: readonly Entry[]): string {
  const lines = [`slipway-entries 1 ${kind}`];
  let directory = '';
  for (const entry of entries) {
    if (kind === 'gomodcache') {
      lines.push(`${entry.sizeBytes} ${entry.path}`);
      continue;
    }
    if (entry.path.slice(0, 2) !== directory) {
      directory = entry.path.slice(0, 2);
      lines.push(directory);
    }
    const id = entry.path.slice(5, 67);
    const isPlainAction = entry.path.endsWith('-a') && entry.sizeBytes === ACTION_BYTES;
    lines.push(isPlainAction ? id : `${id}${entry.path.at(-1)}${entry.sizeBytes}`);
  }
  return `${lines.join('\n')}\n`;
}

const CACHE_LINE = /^(?:([0-9a-f]{2})|([0-9a-f]{62})(?:([ad])(0|[1-9][0-9]{0,10}))?)$/;
const MODULE_LINE = /^(0|[1-9][0-9]{0,10}) ([^ ]+)$/;

/** A directory of two digits on a line of its own, then its entries: digits 3 to 64, and type and size where they aren't an action's. */
function parseCacheLines(text: string, start: number): Entry[] | undefined {
  const entries: Entry[] = [];
  let directory = '';
  for (const line of linesOf(text, start)) {
    const match = CACHE_LINE.exec(line);
    if (match === null) return undefined;
    const [, newDirectory, id = '', type = 'a', size = ''] = match;
    if (newDirectory !== undefined) {
      if (newDirectory <= directory) return undefined;
      directory = newDirectory;
      continue;
    }
    // One way to write a list: an action of the usual size is written short.
    if (size === String(ACTION_BYTES) && type === 'a') return undefined;
    entries.push({
      path: `${directory}/${directory}${id}-${type}`,
      sizeBytes: size === '' ? ACTION_BYTES : Number(size),
    });
  }
  return entries;
}

function parseModuleLines(text: string, start: number): Entry[] | undefined {
  const entries: Entry[] = [];
  for (const line of linesOf(text, start)) {
    const match = MODULE_LINE.exec(line);
    if (match === null) return undefined;
    entries.push({ path: match[2] ?? '', sizeBytes: Number(match[1]) });
  }
  return entries;
}

/** Lines that each end in a newline; without the last one, an empty line stands for what is missing. */
function* linesOf(text: string, start: number): Generator<string> {
  let at = start;
  while (at < text.length) {
    const end = text.indexOf('\n', at);
    if (end < 0) {
      yield '';
      return;
    }
    yield text.slice(at, end);
    at = end + 1;
  }
}

function memberName(packDigest: Digest): string {
  return `.slipway/entries/${hexOf(packDigest)}`;
}

function readOnlyMember(bytes: Uint8Array, packDigest: Digest): string {
  const expected = { packDigest };
  const chunks: Uint8Array[] = [];
  let members = 0;
  try {
    const tar = createTarReader({
      onMember: (member) => {
        members += 1;
        if (members > 1 || member.isDirectory || member.name !== memberName(packDigest)) {
          throw listError(expected, 'it belongs to another pack');
        }
      },
      onContent: (chunk) => chunks.push(chunk),
      onMemberEnd: () => {},
    });
    tar.push(gunzipMemberSync(bytes, MAX_ENTRY_LIST_BYTES));
    tar.end();
  } catch (error) {
    if (error instanceof SlipwayError && error.code === 'SNAPSHOT_INVALID') throw error;
    throw listError(expected, errorMessage(error), error);
  }
  if (members !== 1) throw listError(expected, 'it is empty');
  return Buffer.concat(chunks).toString('latin1');
}

function listError(expected: { readonly packDigest: Digest }, problem: string, cause?: unknown): SlipwayError {
  return new SlipwayError(
    'SNAPSHOT_INVALID',
    `the entry list of pack \`${expected.packDigest}\` is not valid: ${problem}`,
    { cause },
  );
}

function gzip(bytes: Uint8Array, options: GzipOptions): Uint8Array {
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(bytes), 0);
  trailer.writeUInt32LE(bytes.length % 2 ** 32, 4);
  const deflated = deflateRawSync(bytes, { level: options.level ?? 6, strategy: strategyOf(options) });
  return Buffer.concat([GZIP_HEADER, deflated, trailer]);
}
