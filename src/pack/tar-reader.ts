import { MAX_PATH_BYTES } from './limits.ts';
import { packError, showName } from './pack-error.ts';
import { BLOCK, isZero, paddingOf, parseTarHeader } from './tar-header.ts';

export interface TarMember {
  readonly name: string;
  readonly sizeBytes: number;
  readonly isDirectory: boolean;
  /** Byte of the tar its header starts at. */
  readonly offset: number;
}

export interface TarHandler {
  /** Called before a byte of content is looked at; throws to refuse the member. */
  onMember(member: TarMember): void;
  onContent(chunk: Uint8Array): void;
  onMemberEnd(member: TarMember): void;
}

export interface TarReader {
  push(chunk: Uint8Array): void;
  /** The tar is over: throws when it is cut short. */
  end(): void;
}

/** Zero blocks a tar may end in: the writers pad to 10 KiB, some to more. */
const MAX_TRAILING_BYTES = 1024 ** 2;

/**
 * A tar reader that takes bytes as they come and knows regular files and directories only. Links, devices, fifos,
 * sparse files and pax headers that change anything are refused, not skipped: a pack never holds them.
 */
export function createTarReader(handler: TarHandler): TarReader {
  const block = Buffer.alloc(BLOCK);
  let filled = 0;
  let offset = 0;
  let contentLeft = 0;
  let paddingLeft = 0;
  let zeroBytes = 0;
  let member: TarMember | undefined;
  let extension: Extension | undefined;
  let longName: string | undefined;

  const finishContent = (): void => {
    if (extension !== undefined) {
      const text = Buffer.concat(extension.chunks);
      if (extension.typeflag === 'L') longName = readLongName(text, extension.offset);
      else checkPaxRecords(text, extension.offset);
      extension = undefined;
    } else if (member !== undefined) {
      handler.onMemberEnd(member);
      member = undefined;
    }
  };

  const onHeader = (at: number): void => {
    const header = parseTarHeader(block);
    if (typeof header === 'string') throw packError(header, { tarOffset: at });
    const kind = KINDS[header.typeflag];
    const shown = `\`${showName(longName ?? header.name)}\``;
    if (kind === undefined) throw packError(`${shown} is ${describeType(header.typeflag)}`, { tarOffset: at });
    contentLeft = header.sizeBytes;
    paddingLeft = paddingOf(header.sizeBytes);
    if (kind === 'extension') {
      if (header.sizeBytes === 0 || header.sizeBytes > MAX_EXTENSION_BYTES) {
        throw packError(`an extended header of ${header.sizeBytes} bytes`, { tarOffset: at });
      }
      if (header.typeflag === 'L' && longName !== undefined)
        throw packError('two long names in a row', { tarOffset: at });
      extension = { typeflag: header.typeflag, chunks: [], offset: at };
      return;
    }
    // A tar that does not know `L` records would take the header's own name: it must be the start of the long one.
    if (longName !== undefined && (header.name.length < 90 || !longName.startsWith(header.name))) {
      throw packError(`${shown} and its header name two files`, { tarOffset: at });
    }
    if (header.linkName !== '') throw packError(`${shown} has a link name`, { tarOffset: at });
    if ((header.mode & 0o7000) !== 0) throw packError(`${shown} has a set-id or sticky bit`, { tarOffset: at });
    const isDirectory = kind === 'directory';
    const needed = isDirectory ? 0o700 : 0o400;
    if ((header.mode & needed) !== needed) throw packError(`${shown} can't be read by its owner`, { tarOffset: at });
    if (isDirectory && header.sizeBytes !== 0)
      throw packError(`${shown} is a directory with content`, { tarOffset: at });
    member = { name: longName ?? header.name, sizeBytes: header.sizeBytes, isDirectory, offset: at };
    longName = undefined;
    handler.onMember(member);
    if (contentLeft === 0) finishContent();
  };

  const push = (chunk: Uint8Array): void => {
    let at = 0;
    while (at < chunk.length) {
      if (contentLeft > 0) {
        const part = chunk.subarray(at, at + Math.min(contentLeft, chunk.length - at));
        contentLeft -= part.length;
        at += part.length;
        offset += part.length;
        if (extension === undefined) handler.onContent(part);
        else extension.chunks.push(part);
        if (contentLeft === 0) finishContent();
      } else if (paddingLeft > 0) {
        const part = chunk.subarray(at, at + Math.min(paddingLeft, chunk.length - at));
        if (!isZero(part)) throw packError('the padding after a file holds data', { tarOffset: offset });
        paddingLeft -= part.length;
        at += part.length;
        offset += part.length;
      } else {
        const part = chunk.subarray(at, at + Math.min(BLOCK - filled, chunk.length - at));
        block.set(part, filled);
        filled += part.length;
        at += part.length;
        offset += part.length;
        if (filled < BLOCK) continue;
        filled = 0;
        if (isZero(block)) {
          if (longName !== undefined) throw packError('a long name without its file', { tarOffset: offset - BLOCK });
          zeroBytes += BLOCK;
          if (zeroBytes > MAX_TRAILING_BYTES) throw packError('more than 1 MiB of padding', { tarOffset: offset });
        } else if (zeroBytes > 0) {
          throw packError('data after the end of the tar', { tarOffset: offset - BLOCK });
        } else {
          onHeader(offset - BLOCK);
        }
      }
    }
  };

  const end = (): void => {
    if (contentLeft > 0 || paddingLeft > 0 || filled > 0)
      throw packError('the tar is cut short', { tarOffset: offset });
    // POSIX: "At the end of the archive file there shall be two 512-octet logical records filled with binary zeros".
    if (zeroBytes < 2 * BLOCK) throw packError('the tar has no end mark', { tarOffset: offset });
  };

  return { push, end };
}

interface Extension {
  readonly typeflag: string;
  readonly chunks: Uint8Array[];
  readonly offset: number;
}

const MAX_EXTENSION_BYTES = 4096;

const KINDS: { readonly [typeflag: string]: 'file' | 'directory' | 'extension' } = {
  '0': 'file',
  '\0': 'file',
  '5': 'directory',
  L: 'extension',
  x: 'extension',
};

const TYPE_NAMES: { readonly [typeflag: string]: string } = {
  '1': 'a hard link',
  '2': 'a symbolic link',
  '3': 'a character device',
  '4': 'a block device',
  '6': 'a fifo',
  '7': 'a contiguous file',
  K: 'a long link name',
  S: 'a sparse file',
  g: 'a global pax header',
};

function describeType(typeflag: string): string {
  return TYPE_NAMES[typeflag] ?? `of the unknown type \`${showName(typeflag)}\``;
}

/** GNU's `L` record: the name of the next member, ended by one NUL. */
function readLongName(text: Buffer, offset: number): string {
  const name = text.toString('latin1').replace(/\0$/, '');
  if (name.includes('\0')) throw packError('a long name holds a NUL', { tarOffset: offset });
  if (name.length === 0 || name.length > MAX_PATH_BYTES) {
    throw packError(`a name of ${name.length} bytes`, { tarOffset: offset });
  }
  return name;
}

/**
 * Tars that keep sub-second times write them as pax records. Only times are let through: busybox skips pax headers, so
 * a `path` or `size` in one would name another file there than here.
 */
function checkPaxRecords(text: Buffer, offset: number): void {
  let rest = text.toString('latin1');
  while (rest !== '') {
    const length = Number(/^([1-9][0-9]{0,3}) /.exec(rest)?.[1] ?? Number.NaN);
    const record = rest.slice(0, length);
    const match = /^[0-9]+ ([^=]+)=([^\n\0]*)\n$/.exec(record);
    if (Number.isNaN(length) || record.length !== length || match === null) {
      throw packError('a malformed pax header', { tarOffset: offset });
    }
    const [, key = '', value = ''] = match;
    if (!/^(?:mtime|atime|ctime)$/.test(key) || !/^[0-9]{1,15}(?:\.[0-9]{1,18})?$/.test(value)) {
      throw packError(`a pax header that sets \`${showName(key)}\``, { tarOffset: offset });
    }
    rest = rest.slice(length);
  }
}
