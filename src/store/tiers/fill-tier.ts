import type { Clock } from '../../core/clock.ts';
import type { Digest } from '../../core/digest.ts';
import { isSlipwayError, SlipwayError } from '../../core/errors.ts';
import { forEachLimited } from '../each-limited.ts';
import type { BlobDescriptor, BlobSource } from '../port.ts';
import type { Tier } from './tier.ts';

/** A blob that lies on this machine, where there is one: nearer than any store. What it holds is checked as it is written. */
export type LocalBlob = (digest: Digest) => Promise<BlobSource | undefined>;

export interface FillOptions {
  readonly tiers: readonly Tier[];
  readonly localBlob: LocalBlob;
  readonly signal: AbortSignal;
}

const COPIES_AT_ONCE = 4;

/**
 * Brings into a store what it lacks of these blobs, from this machine or another store. Throws when one can't be had or
 * the store fails; what was brought before stays, so that the next try has less to do.
 */
export async function fillTier(tier: Tier, blobs: readonly BlobDescriptor[], options: FillOptions): Promise<void> {
  const lacking = blobs.filter(({ digest }) => !tier.present.has(digest));
  const { signal } = options;
  await forEachLimited(lacking, { concurrency: COPIES_AT_ONCE, signal }, async (blob, inner) => {
    const bytesSent = await copyBlob(tier, blob, { ...options, signal: inner });
    tier.present.add(blob.digest);
    tier.missing.delete(blob.digest);
    tier.filled.bytes += bytesSent;
    if (bytesSent > 0) tier.filled.blobs += 1;
  });
}

async function copyBlob(tier: Tier, blob: BlobDescriptor, options: FillOptions): Promise<number> {
  const { signal } = options;
  const local = await options.localBlob(blob.digest);
  if (local !== undefined) {
    try {
      return (await tier.store.writeBlob(blob, local, { signal })).bytesSent;
    } catch (error) {
      // A copy of ours that is damaged: a store's is asked for instead.
      if (!isSlipwayError(error, 'BLOB_CORRUPT')) throw error;
    }
  }
  return (await tier.store.writeBlob(blob, fromOthers(tier, blob, options), { signal })).bytesSent;
}

/** Those that are known to have it first, and each only as long as it keeps its word. */
function fromOthers(target: Tier, { digest }: BlobDescriptor, { tiers, signal }: FillOptions): BlobSource {
  const likely = (tier: Tier): number => (tier.present.has(digest) ? 0 : tier.missing.has(digest) ? 2 : 1);
  const others = tiers
    .filter((tier) => tier !== target && !tier.rejected.has(digest))
    .toSorted((a, b) => likely(a) - likely(b));
  return async function* () {
    for (const { store } of others) {
      const found = await store.readBlob(digest, { signal });
      if (found !== undefined) return yield* found.body;
    }
    throw new SlipwayError('STORE_FAILED', `it lacks the blob \`${digest}\`, which no other store has`);
  };
}

/** Runs `work` with so many seconds; then it ends with a TIMEOUT that says so. */
export async function withinSeconds(
  limit: { readonly clock: Clock; readonly seconds: number; readonly signal?: AbortSignal },
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const timer = new AbortController();
  const over = new AbortController();
  limit.clock.sleep(limit.seconds * 1000, timer.signal).then(
    () => {
      if (timer.signal.aborted) return;
      const text = `it lacks more than could be brought there in ${limit.seconds} s; the next save goes on`;
      over.abort(new SlipwayError('TIMEOUT', text));
    },
    () => undefined,
  );
  try {
    await work(limit.signal === undefined ? over.signal : AbortSignal.any([limit.signal, over.signal]));
  } finally {
    timer.abort();
  }
}
