import type { Digest } from '../core/digest.ts';
import { errorMessage, isSlipwayError } from '../core/errors.ts';
import { decodeEntryList } from '../pack/entry-list.ts';
import { readPack } from '../pack/read-pack.ts';
import type { PackRecord } from '../pack/types.ts';
import { forEachLimited } from '../store/each-limited.ts';
import type { Store } from '../store/port.ts';
import { collectBody } from './read-document.ts';
import type { StoreSurvey } from './survey-store.ts';

export interface StoreFault {
  /** `main@3-0a1b2c3d` for a snapshot, a digest for a pack. */
  readonly subject: string;
  readonly problem: string;
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
  const faults: StoreFault[] = survey.snapshots.flatMap(({ name, problem }) =>
    problem === undefined ? [] : [{ subject: `${name.scope}@${name.sequence}-${name.nonce}`, problem }],
  );
  const records = new Map<Digest, PackRecord>();
  for (const { snapshot } of survey.snapshots) for (const pack of snapshot?.packs ?? []) records.set(pack.digest, pack);
  let done = 0;
  await forEachLimited(
    [...records.values()],
    { concurrency: CHECKS_AT_ONCE, signal: options.signal },
    async (pack, signal) => {
      const problem = await checkPack(store, pack, signal);
      if (problem !== undefined) faults.push({ subject: pack.digest, problem });
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

async function checkPack(store: Store, pack: PackRecord, signal: AbortSignal): Promise<string | undefined> {
  try {
    const body = await store.readBlob(pack.digest, { signal });
    if (body === undefined) return 'the pack is gone';
    const reading = await readPack(body.body, { kind: pack.kind, signal });
    if (reading.digest !== pack.digest || reading.sizeBytes !== pack.sizeBytes) return 'the pack has other bytes';
    if (reading.diffId !== pack.diffId) return 'the pack has other content than the snapshot says';
    const [damaged] = reading.damaged;
    if (damaged !== undefined) return `\`${damaged.path}\` ${damaged.reason}`;
    const list = await store.readBlob(pack.entryList.digest, { signal });
    if (list === undefined) return 'its entry list is gone';
    const expected = { packDigest: pack.digest, kind: pack.kind, entryCount: pack.entryCount };
    const entries = decodeEntryList(await collectBody(list.body, LARGEST_LIST), expected);
    const isSame =
      entries.length === reading.entries.length &&
      entries.every((entry, index) => {
        const real = reading.entries[index];
        return real?.path === entry.path && real.sizeBytes === entry.sizeBytes;
      });
    return isSame ? undefined : 'its entry list names other entries';
  } catch (error) {
    signal.throwIfAborted();
    // A store that can't be asked says nothing about its content; what it hands out damaged does.
    if (!isSlipwayError(error) || error.code.startsWith('STORE_')) throw error;
    return errorMessage(error);
  }
}
