import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Digest } from '../core/digest.ts';
import { errorMessage, SlipwayError } from '../core/errors.ts';
import { LAYER_MEDIA_TYPE } from '../pack/manifest.ts';
import { readPackContent } from '../pack/read-pack.ts';
import type { Entry, PackRecord } from '../pack/types.ts';
import { forEachLimited } from '../store/each-limited.ts';
import { blobFile, downloadToDirectory } from '../store/transfer.ts';
import type { StoredState } from './stored-state.ts';
import { createTransferCounter } from './transfer-counter.ts';
import type { WarmContext } from './types.ts';

export interface FetchedPack {
  readonly record: PackRecord;
  readonly file: string;
}

export interface FetchResult {
  readonly packs: readonly FetchedPack[];
  /** Bytes that came from the store, without packs that were here already. */
  readonly bytesMoved: number;
  readonly packsMoved: number;
  /** Packs that the store doesn't have as it should: the next save must not count on them. */
  readonly lost: ReadonlySet<Digest>;
  /** Some packs were not waited for. */
  readonly isCutShort: boolean;
  readonly warnings: readonly string[];
}

export interface FetchOptions {
  readonly signal: AbortSignal;
  /** Aborted when no more packs are wanted: what is here by then is the result. */
  readonly enough?: AbortSignal;
  readonly onBytes?: (bytes: number) => void;
  /** Called with each pack when it may be used. */
  readonly onPack?: (pack: FetchedPack) => void;
}

const DOWNLOADS_AT_ONCE = 4;

/**
 * Brings packs here, each checked member by member before anybody may use it. A pack that is gone or wrong is left out
 * with a warning: the build is colder then, never different.
 */
export async function fetchPacks(
  context: WarmContext,
  state: StoredState,
  wanted: readonly PackRecord[],
  { signal, enough, onBytes, onPack }: FetchOptions,
): Promise<FetchResult> {
  const warnings: string[] = [];
  const counter = createTransferCounter(context, 'down', wanted);
  const count = (bytes: number): void => {
    counter.onBytes(bytes);
    onBytes?.(bytes);
  };
  let packsMoved = 0;
  const packs: FetchedPack[] = [];
  const lost = new Set<Digest>();
  const directory = packDirectory(context);
  const fetchOne = async (record: PackRecord, inner: AbortSignal): Promise<void> => {
    const blob = { ...record, mediaType: LAYER_MEDIA_TYPE };
    const options = { directory, signal: inner, clock: context.clock, onBytes: count };
    const outcome = await downloadToDirectory(context.store, blob, options);
    if (outcome === 'missing' || outcome === 'corrupt') {
      lost.add(record.digest);
      warnings.push(
        `pack ${record.digest.slice(0, 19)}… is ${outcome === 'corrupt' ? 'corrupt in' : 'gone from'} the store`,
      );
      return;
    }
    const file = blobFile(directory, record.digest);
    const wrong = await checkPack(record, state.entriesByPack.get(record.digest) ?? [], file, inner);
    counter.onPack();
    if (outcome === 'done') packsMoved += 1;
    if (wrong === undefined) {
      const pack = { record, file };
      packs.push(pack);
      onPack?.(pack);
      return;
    }
    await rm(file, { force: true });
    lost.add(record.digest);
    warnings.push(`pack ${record.digest.slice(0, 19)}… is refused: ${wrong}`);
  };
  const either = enough === undefined ? signal : AbortSignal.any([signal, enough]);
  try {
    await forEachLimited(wanted, { concurrency: DOWNLOADS_AT_ONCE, signal: either }, fetchOne);
  } catch (error) {
    if (signal.aborted || enough?.aborted !== true) throw error;
  }
  const isCutShort = packs.length + lost.size < wanted.length;
  return { packs, bytesMoved: counter.bytes(), packsMoved, lost, isCutShort, warnings };
}

/** Where packs lie on this machine, each under the hex digits of its digest. */
export function packDirectory(context: WarmContext): string {
  return path.join(context.workDirectory, 'packs');
}

/**
 * What is wrong with the content of a pack whose digest holds, or undefined: name grammar, type, size and hash of each
 * member, and its list.
 */
async function checkPack(
  record: PackRecord,
  entries: readonly Entry[],
  file: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const reading = await readPackContent(createReadStream(file, { highWaterMark: 1 << 18 }), {
      kind: record.kind,
      signal,
    });
    const [bad] = reading.damaged;
    if (bad !== undefined) return `\`${bad.path}\` ${bad.reason}`;
    const isListed =
      reading.entries.length === entries.length &&
      reading.entries.every(
        ({ path, sizeBytes }, i) => path === entries[i]?.path && sizeBytes === entries[i]?.sizeBytes,
      );
    return isListed ? undefined : 'its entry list names other entries';
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof SlipwayError) return errorMessage(error);
    throw error;
  }
}
