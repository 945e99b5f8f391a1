import { type Digest, newSha256 } from '../core/digest.ts';
import type { MountKind } from '../core/mount-kind.ts';
import type { ActionRecord } from './action-record.ts';
import { expandPack } from './compression.ts';
import { type ContentCheck, type ContentVerdict, createContentCheck } from './content-check.ts';
import { isEntryParent, isEntryPath } from './grammar.ts';

import { DEFAULT_PACK_LIMITS, type PackLimits, RATIO_FREE_BYTES } from './limits.ts';
import { packError, showName } from './pack-error.ts';
import { createTarReader, type TarMember } from './tar-reader.ts';
import type { Entry, PackFacts, PackMeasure, Representation } from './types.ts';

export interface ReadPackOptions {
  readonly kind: MountKind;
  /** Default: `files`. */
  readonly representation?: Representation;
  readonly signal?: AbortSignal;
  readonly limits?: Partial<PackLimits>;
  /** The check of an entry's content; default: `createContentCheck`. */
  readonly createCheck?: (entry: Entry) => ContentCheck;
  /** Called after each entry was read whole, `damaged` saying why it must not travel. */
  readonly onMember?: (entry: Entry, damaged: string | undefined) => void;
}

/** What is in a pack. It counts every entry, the damaged ones too: drop those with `rewritePack`, or refuse the pack. */
export interface PackContent extends PackMeasure {
  readonly actions: readonly ActionRecord[];
  readonly damaged: readonly DamagedEntry[];
}

export interface PackReading extends PackFacts {
  readonly actions: readonly ActionRecord[];
  readonly damaged: readonly DamagedEntry[];
}

export interface DamagedEntry {
  readonly path: string;
  readonly reason: string;
}

/**
 * Reads a pack to its end and checks all of it: a broken structure throws PACK_INVALID, a wrong content is listed as
 * damaged. Holds no more than a few MiB, whatever the pack's size. Nothing of a pack may be used before this returns.
 */
export async function readPack(body: AsyncIterable<Uint8Array>, options: ReadPackOptions): Promise<PackReading> {
  const packHash = newSha256();
  const tarHash = newSha256();
  const content = await readContent(body, {
    ...options,
    onCompressed: (chunk) => packHash.update(chunk),
    onTar: (chunk) => tarHash.update(chunk),
  });
  const digest: Digest = `sha256:${packHash.digest('hex')}`;
  const diffId: Digest = `sha256:${tarHash.digest('hex')}`;
  return { ...content, digest, diffId };
}

/** The same for a pack whose digest is known to hold: its bytes are not hashed once more, each entry's content is. */
export function readPackContent(body: AsyncIterable<Uint8Array>, options: ReadPackOptions): Promise<PackContent> {
  return readContent(body, options);
}

async function readContent(
  body: AsyncIterable<Uint8Array>,
  options: ReadPackOptions & Pick<WalkPackOptions, 'onCompressed' | 'onTar'>,
): Promise<PackContent> {
  const actions: ActionRecord[] = [];
  const damaged: DamagedEntry[] = [];
  const createCheck =
    options.createCheck ?? ((entry: Entry) => createContentCheck(options.kind, entry, options.representation));
  const note = (entry: Entry, verdict: ContentVerdict): void => {
    if (verdict.action !== undefined) actions.push(verdict.action);
    if (verdict.damaged !== undefined) damaged.push({ path: entry.path, reason: verdict.damaged });
    options.onMember?.(entry, verdict.damaged);
  };
  let check: ContentCheck | undefined;
  // Verdicts that take their time are waited for before the next piece is read.
  let pending: Promise<void>[] = [];
  const measure = await walkPack(body, {
    ...options,
    onEntry: (entry) => {
      check = createCheck(entry);
    },
    onContent: (chunk) => check?.update(chunk),
    onEntryEnd: (entry) => {
      const verdict = check?.finish() ?? {};
      if (verdict instanceof Promise) pending.push(verdict.then((late) => note(entry, late)));
      else note(entry, verdict);
    },
    onPause: async () => {
      const verdicts = pending;
      pending = [];
      await Promise.all(verdicts);
    },
  });
  return { ...measure, actions, damaged };
}

export interface WalkPackOptions {
  readonly kind: MountKind;
  readonly representation?: Representation;
  readonly signal?: AbortSignal;
  readonly limits?: Partial<PackLimits>;
  readonly onEntry: (entry: Entry) => void;
  readonly onContent: (chunk: Uint8Array) => void;
  readonly onEntryEnd: (entry: Entry) => void;
  readonly onPause?: () => Promise<void> | void;
  /** Each chunk of the pack as it is stored. */
  readonly onCompressed?: (chunk: Uint8Array) => void;
  /** Each chunk of the tar archive inside. */
  readonly onTar?: (chunk: Uint8Array) => void;
}

/** The structure alone: every member's header, name and place, with the limits held; the content goes to the caller. */
export async function walkPack(body: AsyncIterable<Uint8Array>, options: WalkPackOptions): Promise<PackMeasure> {
  const limits: PackLimits = { ...DEFAULT_PACK_LIMITS, ...options.limits };
  const entries: Entry[] = [];
  const seen = new Set<string>();
  let sizeBytes = 0;
  let uncompressedBytes = 0;
  let current: Entry | undefined;

  const tar = createTarReader({
    onMember: (member) => {
      current = undefined;
      if (seen.size >= limits.entries)
        throw packError(`more than ${limits.entries} entries`, { tarOffset: member.offset });
      if (member.sizeBytes > limits.memberBytes || member.sizeBytes > limits.uncompressedBytes - uncompressedBytes) {
        throw packError(`\`${showName(member.name)}\` is said to have ${member.sizeBytes} bytes`, {
          tarOffset: member.offset,
        });
      }
      const name = member.isDirectory ? member.name.replace(/\/$/, '') : member.name;
      if (seen.has(name)) throw packError(`\`${showName(member.name)}\` is there twice`, { tarOffset: member.offset });
      seen.add(name);
      const path = checkMemberName(options, member);
      if (path === undefined) return;
      current = { path, sizeBytes: member.sizeBytes };
      entries.push(current);
      options.onEntry(current);
    },
    onContent: options.onContent,
    onMemberEnd: () => {
      if (current !== undefined) options.onEntryEnd(current);
    },
  });

  const compression = await expandPack(body, {
    signal: options.signal,
    onPause: options.onPause,
    onCompressed: (chunk) => {
      sizeBytes += chunk.length;
      if (sizeBytes > limits.compressedBytes) {
        throw packError(`larger than ${limits.compressedBytes} bytes`, { packedOffset: limits.compressedBytes });
      }
      options.onCompressed?.(chunk);
    },
    onBytes: (chunk) => {
      const isBomb = uncompressedBytes + chunk.length > RATIO_FREE_BYTES + limits.ratio * sizeBytes;
      if (isBomb || uncompressedBytes + chunk.length > limits.uncompressedBytes) {
        throw packError('it unpacks to far more than its size', { tarOffset: uncompressedBytes });
      }
      uncompressedBytes += chunk.length;
      options.onTar?.(chunk);
      tar.push(chunk);
    },
  });
  tar.end();
  entries.sort(byPath);
  return {
    kind: options.kind,
    representation: options.representation ?? 'files',
    ...(compression === 'gzip' ? {} : { compression }),
    sizeBytes,
    uncompressedBytes,
    entries,
  };
}

/** By bytes: paths are ASCII, so this is the order of `LC_ALL=C sort`. */
export function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

/** The entry path of a file, or undefined for a directory that may stand above one. */
function checkMemberName({ kind, representation }: WalkPackOptions, member: TarMember): string | undefined {
  const isInMount = member.name.startsWith(`${kind}/`) || (member.isDirectory && member.name === kind);
  const path = member.name.slice(kind.length + 1);
  if (isInMount && member.isDirectory && isEntryParent(kind, path.replace(/\/$/, ''), representation)) return undefined;
  if (isInMount && !member.isDirectory && isEntryPath(kind, path, representation)) return path;
  const what = member.isDirectory ? 'directory' : 'name';
  throw packError(`the ${what} \`${showName(member.name)}\` can't be in a pack of the ${kind}`, {
    tarOffset: member.offset,
  });
}
