import type { Digest } from '../../core/digest.ts';
import { errorMessage, isSlipwayError } from '../../core/errors.ts';
import { decodeEntryList } from '../../pack/entry-list.ts';
import { readPack } from '../../pack/read-pack.ts';
import type { PackRecord } from '../../pack/types.ts';
import { forEachLimited } from '../../store/each-limited.ts';
import type { Store } from '../../store/port.ts';
import { formatSnapshotName } from '../stored-state.ts';
import { collectBody } from '../read-document.ts';
import type { StoreSurvey } from '../survey-store.ts';

export interface StoreFault {
  /** `main@3-0a1b2c3d` for a snapshot, a digest for a pack. */
  readonly subject: string;
  readonly problem: string;
  /**
   * `snapshot`: it can't be read. `pack`: it, or its entry list, is gone or not what it should be. `newer-format`: a
   * newer slipway may read it.
   */
  readonly kind: 'snapshot' | 'pack' | 'newer-format';
  /** Only snapshots that others replace name it, so nobody reads it any more. */
  readonly isMerged?: boolean;
  /** The blob that isn't what its name says, where there is one: it is of no use to anybody. */
  readonly corrupt?: Digest;
}

export interface StoreCheck {
  readonly snapshots: number;
  readonly packs: number;
  readonly bytes: number;
  readonly faults: readonly StoreFault[];
}

const CHECKS_AT_ONCE = 2;
const LARGEST_LIST = 64 << 20;

/**
 * Reads everything again: each snapshot, each pack member by member, each entry list against its pack. A fault is a
 * finding, not an exception; only a store that fails ends the check.
 */
export async function checkStore(
  store: Store,
  survey: StoreSurvey,
  options: { readonly signal: AbortSignal; readonly onPack?: (done: number, total: number) => void },
): Promise<StoreCheck> {
  const faults: StoreFault[] = survey.snapshots.flatMap(({ name, problem, isUnknownFormat }) => {
    if (problem === undefined) return [];
    const kind = isUnknownFormat === true ? 'newer-format' : 'snapshot';
    return [{ subject: formatSnapshotName(name), problem, kind }];
  });
  const records = new Map<Digest, PackRecord>();
  for (const { snapshot } of survey.snapshots) for (const pack of snapshot?.packs ?? []) records.set(pack.digest, pack);
  const heads = survey.snapshots.filter(({ mergedBy, isPinned }) => mergedBy.length === 0 || isPinned);
  const living = new Set(heads.flatMap(({ snapshot }) => snapshot?.packs.map(({ digest }) => digest) ?? []));
  let done = 0;
  await forEachLimited(
    [...records.values()],
    { concurrency: CHECKS_AT_ONCE, signal: options.signal },
    async (pack, signal) => {
      const fault = await checkPack(store, pack, signal);
      if (fault !== undefined) {
        faults.push({
          subject: pack.digest,
          kind: 'pack',
          ...fault,
          ...(living.has(pack.digest) ? {} : { isMerged: true }),
        });
      }
      done += 1;
      options.onPack?.(done, records.size);
    },
  );
  const bytes = [...records.values()].reduce((sum, pack) => sum + pack.sizeBytes + pack.entryList.sizeBytes, 0);
  return {
    snapshots: survey.snapshots.length,
    packs: records.size,
    bytes,
    faults: faults.sort((a, b) => (a.subject < b.subject ? -1 : 1)),
  };
}

type PackFault = Pick<StoreFault, 'problem' | 'corrupt'>;

async function checkPack(store: Store, pack: PackRecord, signal: AbortSignal): Promise<PackFault | undefined> {
  let reading = pack.digest;
  try {
    const body = await store.readBlob(pack.digest, { signal });
    if (body === undefined) return { problem: 'the pack is gone' };
    const { kind, representation, entryCount } = pack;
    const content = await readPack(body.body, { kind, representation, signal });
    if (content.digest !== pack.digest) return { problem: 'the pack has other bytes', corrupt: pack.digest };
    if (content.sizeBytes !== pack.sizeBytes) return { problem: 'the pack has another size than the snapshot says' };
    if (content.diffId !== pack.diffId) return { problem: 'the pack has other content than the snapshot says' };
    const [damaged] = content.damaged;
    if (damaged !== undefined) return { problem: `\`${damaged.path}\` ${damaged.reason}` };
    reading = pack.entryList.digest;
    const list = await store.readBlob(pack.entryList.digest, { signal });
    if (list === undefined) return { problem: 'its entry list is gone' };
    const expected = { packDigest: pack.digest, kind, representation, entryCount };
    const entries = decodeEntryList(await collectBody(list.body, LARGEST_LIST), expected);
    const isSame =
      entries.length === content.entries.length &&
      entries.every((entry, index) => {
        const real = content.entries[index];
        return real?.path === entry.path && real.sizeBytes === entry.sizeBytes;
      });
    return isSame ? undefined : { problem: 'its entry list names other entries' };
  } catch (error) {
    signal.throwIfAborted();
    // A store that can't be asked says nothing about its content; what it hands out damaged does.
    if (!isSlipwayError(error) || error.code.startsWith('STORE_') || error.code === 'TIMEOUT') throw error;
    // What a pack's reader stumbles over may be its bytes or its making; only the digest tells.
    const corrupt = isSlipwayError(error, 'BLOB_CORRUPT') ? reading : await corruptBlob(store, reading, signal);
    return { problem: errorMessage(error), ...(corrupt === undefined ? {} : { corrupt }) };
  }
}

/** The digest, when the bytes under it are others. Reads to the end, so that the store's own check is heard. */
async function corruptBlob(store: Store, digest: Digest, signal: AbortSignal): Promise<Digest | undefined> {
  try {
    const found = await store.readBlob(digest, { signal });
    for await (const _chunk of found?.body ?? []) signal.throwIfAborted();
    return undefined;
  } catch (error) {
    if (isSlipwayError(error, 'BLOB_CORRUPT')) return digest;
    throw error;
  }
}
