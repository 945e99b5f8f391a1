import { SlipwayError } from '../core/errors.ts';
import { type Digest, newSha256 } from '../core/digest.ts';
import type { MountKind } from '../core/mount-kind.ts';
import { isEntryPath } from './grammar.ts';
import { byPath } from './read-pack.ts';
import { BLOCK, formatTarHeader, MAX_OCTAL_SIZE, paddingOf } from './tar-header.ts';
import type { Entry, PackFacts, Representation } from './types.ts';
import { createZstdWriter } from './zstd-stream.ts';

export interface PackMember {
  readonly path: string;
  readonly sizeBytes: number;
  readonly body: AsyncIterable<Uint8Array> | Uint8Array;
}

export interface WritePackOptions {
  readonly kind: MountKind;
  /** Default: `files`. */
  readonly representation?: Representation;
  /** Takes the pack's bytes in order; awaited before more are made. */
  readonly write: (chunk: Uint8Array) => Promise<void>;
  readonly signal?: AbortSignal;
  /** Of zstd; default: 3. */
  readonly level?: number;
}

/**
 * Writes a pack of these members, which must come sorted by path. The same members give the same tar, byte for byte:
 * fixed times, owners and modes.
 */
export async function writePack(members: AsyncIterable<PackMember>, options: WritePackOptions): Promise<PackFacts> {
  const writer = createPackWriter(options);
  let last = '';
  try {
    for await (const member of members) {
      options.signal?.throwIfAborted();
      if (member.path <= last) throw new SlipwayError('INTERNAL', `the pack member \`${member.path}\` is out of order`);
      last = member.path;
      await writer.startEntry(member);
      if (member.body instanceof Uint8Array) await writer.content(member.body);
      else for await (const chunk of member.body) await writer.content(chunk);
      await writer.endEntry();
    }
    return await writer.end();
  } finally {
    writer.destroy();
  }
}

export interface PackWriter {
  startEntry(entry: Entry): Promise<void>;
  content(chunk: Uint8Array): Promise<void>;
  endEntry(): Promise<void>;
  end(): Promise<PackFacts>;
  destroy(): void;
}

/** The tar of a pack, and its compression by zstd, entry by entry in the order given. */
export function createPackWriter(options: WritePackOptions): PackWriter {
  const { kind, representation = 'files' } = options;
  const packHash = newSha256();
  const tarHash = newSha256();
  const entries: Entry[] = [];
  const names = new Set<string>();
  let sizeBytes = 0;
  let uncompressedBytes = 0;
  let current: Entry | undefined;
  let contentLeft = 0;
  const packed = createZstdWriter(async (chunk) => {
    packHash.update(chunk);
    sizeBytes += chunk.length;
    await options.write(chunk);
  }, options.level ?? 3);
  const put = async (chunk: Uint8Array): Promise<void> => {
    if (chunk.length === 0) return;
    tarHash.update(chunk);
    uncompressedBytes += chunk.length;
    await packed.write(chunk);
  };
  return {
    startEntry: async (entry) => {
      if (
        !isEntryPath(options.kind, entry.path, representation) ||
        names.has(entry.path) ||
        !isTarSize(entry.sizeBytes)
      ) {
        throw new SlipwayError('INTERNAL', `\`${entry.path}\` can't be written into a pack of the ${kind}`);
      }
      names.add(entry.path);
      current = { path: entry.path, sizeBytes: entry.sizeBytes };
      contentLeft = entry.sizeBytes;
      await put(Buffer.concat(formatTarHeader(`${kind}/${entry.path}`, entry.sizeBytes)));
    },
    content: async (chunk) => {
      contentLeft -= chunk.length;
      if (contentLeft < 0) throw sizeError(current);
      await put(chunk);
    },
    endEntry: async () => {
      if (contentLeft !== 0 || current === undefined) throw sizeError(current);
      await put(Buffer.alloc(paddingOf(current.sizeBytes)));
      entries.push(current);
    },
    end: async () => {
      await put(Buffer.alloc(2 * BLOCK));
      await packed.end();
      entries.sort(byPath);
      const digest: Digest = `sha256:${packHash.digest('hex')}`;
      const diffId: Digest = `sha256:${tarHash.digest('hex')}`;
      return { kind, representation, compression: 'zstd', digest, sizeBytes, diffId, uncompressedBytes, entries };
    },
    destroy: () => packed.destroy(),
  };
}

function isTarSize(sizeBytes: number): boolean {
  return Number.isSafeInteger(sizeBytes) && sizeBytes >= 0 && sizeBytes <= MAX_OCTAL_SIZE;
}

function sizeError(entry: Entry | undefined): SlipwayError {
  return new SlipwayError(
    'INTERNAL',
    `\`${entry?.path ?? ''}\` did not have the ${entry?.sizeBytes ?? 0} bytes it was said to have`,
  );
}
