import type { Clock } from '../../../core/clock.ts';
import { isSlipwayError, SlipwayError } from '../../../core/errors.ts';
import type { CountedFetch } from '../../../oci/counted-fetch.ts';
import type { BlobStream, ReadBlobOptions, ReadOptions } from '../../port.ts';
import { openBlockBlob, uploadBlockBlob, type EntryBody, type UploadSizes } from './block-blob.ts';
import type { CacheService, FoundEntry } from './cache-service.ts';
import { anotherKey, isKeyOf, plainKey } from './entry-key.ts';
import type { TakeEntry } from './upload-budget.ts';

/** Entries of the cache by their keys: found, read from any byte on, and written once. */
export interface Entries {
  /** The key of the newest entry that begins with the first of these prefixes that any does. */
  findNewest(prefixes: readonly string[], options?: ReadOptions): Promise<string | undefined>;
  has(key: string, options?: ReadOptions): Promise<boolean>;
  open(key: string, options?: ReadBlobOptions): Promise<BlobStream | undefined>;
  /** The signed address of an entry, which is good for minutes. */
  locate(key: string, options?: ReadOptions): Promise<URL | undefined>;
  /** `exists` when an entry of this key is there to be read; nothing is moved then. */
  write(key: string, body: EntryBody, options?: ReadOptions): Promise<'written' | 'exists'>;
}

export interface EntriesOptions {
  readonly service: CacheService;
  readonly fetch: CountedFetch;
  readonly sizes: UploadSizes;
  readonly takeEntry: TakeEntry;
  readonly clock: Clock;
  /** 8 hex digits that nobody else draws. */
  readonly newNonce: () => string;
}

/** An entry that was reserved and isn't finalized: a later attempt goes on with it. */
interface Reservation {
  readonly key: string;
  readonly url: URL;
  /** Blocks that are there. */
  readonly staged: string[];
}

/** An address that was given longer ago is asked for again: signed ones live for minutes. */
const FRESH_MS = 30_000;

export function openEntries(options: EntriesOptions): Entries {
  const { service, fetch, sizes, takeEntry, clock, newNonce } = options;
  const unfinished = new Map<string, Reservation>();
  /** Addresses that came with an answer and weren't used yet. */
  const addresses = new Map<string, { readonly entry: FoundEntry; readonly atMs: number }>();

  const find = async (key: string, call?: ReadOptions): Promise<FoundEntry | undefined> => {
    const found = await service.find([key], call);
    return found && isKeyOf(found.key, key) ? found : undefined;
  };

  const takeAddress = (key: string): FoundEntry | undefined => {
    const known = addresses.get(key);
    addresses.delete(key);
    return known && clock.monotonic() - known.atMs < FRESH_MS ? known.entry : undefined;
  };

  /** Undefined when somebody's entry of this key is there. */
  const reserve = async (key: string, call?: ReadOptions): Promise<Reservation | undefined> => {
    takeEntry();
    const url = await service.reserve(key, call);
    if (url !== 'exists') return { key, url, staged: [] };
    if (await find(key, call)) return undefined;
    return reserveAnother(key, call);
  };

  /** The key is reserved, by a writer who isn't done or was killed, and will be so for hours. */
  const reserveAnother = async (key: string, call?: ReadOptions): Promise<Reservation> => {
    takeEntry();
    const other = anotherKey(key, newNonce());
    const url = await service.reserve(other, call);
    if (url === 'exists') {
      throw new SlipwayError('STORE_FAILED', `the GitHub Actions cache refused to take the new entry \`${other}\``);
    }
    return { key: other, url, staged: [] };
  };

  /** Returns the reservation that took the bytes. */
  const upload = async (
    reservation: Reservation,
    body: EntryBody,
    call: ReadOptions & { readonly key: string },
  ): Promise<Reservation> => {
    const { key, signal } = call;
    let current = reservation;
    for (let renewed = false; ; renewed = true) {
      try {
        const { url, staged } = current;
        if ((await uploadBlockBlob(url, body, { fetch, sizes, staged, ...(signal && { signal }) })) === 'done') {
          return current;
        }
      } catch (error) {
        // Taken up by the next attempt, where the fault is one of the connection.
        if (isSlipwayError(error) && error.retryable) unfinished.set(key, current);
        throw error;
      }
      if (renewed)
        throw new SlipwayError('STORE_DENIED', 'the GitHub Actions cache refused its own address for an upload');
      // The address has expired; entries can't be reserved twice.
      current = await reserveAnother(key, call);
    }
  };

  return {
    async findNewest(prefixes, call) {
      const found = await service.find(prefixes, call);
      if (!found) return undefined;
      addresses.set(plainKey(found.key), { entry: found, atMs: clock.monotonic() });
      return found.key;
    },

    has: async (key, call) => (await find(key, call)) !== undefined,

    locate: async (key, call) => (await find(key, call))?.url,

    async open(key, call = {}) {
      const known = takeAddress(key);
      let opened = known && (await openBlockBlob(known.url, { ...call, fetch }));
      // One that expired or was evicted between answer and use is worth another question.
      for (let asked = 0; asked < 2 && (opened === undefined || typeof opened === 'string'); asked += 1) {
        const found = await find(key, call);
        if (!found) return undefined;
        opened = await openBlockBlob(found.url, { ...call, fetch });
        // The service may name what its storage has lost.
        if (opened === 'gone') return undefined;
      }
      if (typeof opened === 'object') return opened;
      throw new SlipwayError('STORE_DENIED', 'the GitHub Actions cache refused its own address of an entry');
    },

    async write(key, body, call) {
      const earlier = unfinished.get(key);
      unfinished.delete(key);
      // The answer to the last attempt may be all that got lost.
      if (earlier && (await find(key, call))) return 'exists';
      const reservation = earlier ?? (await reserve(key, call));
      if (!reservation) return 'exists';
      const taken = await upload(reservation, body, { ...call, key });
      try {
        await service.finalize(taken.key, body.sizeBytes, call);
      } catch (error) {
        if (isSlipwayError(error) && error.retryable) unfinished.set(key, taken);
        throw error;
      }
      return 'written';
    },
  };
}
