import type { Digest } from '../../core/digest.ts';
import type { Logger } from '../../core/logger.ts';
import type { BlobStream, ReadBlobOptions, ReadOptions } from '../port.ts';
import { settleFaults, type TierFault } from './ask-tiers.ts';
import { isTierFault, tellReadFault, type Tier } from './tier.ts';

export interface FirstOptions extends ReadOptions {
  readonly logger: Logger;
}

/**
 * Asks one store after the other until one has it. A store that fails is passed over; undefined when none of those that
 * answered has it, the first error when none answered.
 */
export async function readFirst<T>(
  tiers: readonly Tier[],
  read: (tier: Tier) => Promise<T | undefined>,
  { logger, signal }: FirstOptions,
): Promise<{ readonly tier: Tier; readonly value: T } | undefined> {
  const faults: TierFault[] = [];
  const settle = (hasAnswer: boolean): void => settleFaults(faults, { logger, tell: tellReadFault, hasAnswer });
  for (const tier of tiers) {
    try {
      const value = await read(tier);
      if (value === undefined) continue;
      settle(true);
      return { tier, value };
    } catch (error) {
      signal?.throwIfAborted();
      if (!isTierFault(error) || tier.isStrict) throw error;
      faults.push({ tier, error });
    }
  }
  settle(faults.length < tiers.length);
  return undefined;
}

export interface BlobOptions extends ReadBlobOptions {
  readonly logger: Logger;
  readonly onGiver: (tier: Tier) => void;
}

/** A blob from the first store that has it; when that breaks off, the next one goes on at the byte where it stopped. */
export async function openBlobOfTiers(
  tiers: readonly Tier[],
  digest: Digest,
  options: BlobOptions,
): Promise<BlobStream | undefined> {
  const { offset, signal, onGiver } = options;
  const found = await readFirst(
    tiers,
    async (tier) => {
      const stream = await tier.store.readBlob(digest, { offset, signal });
      if (stream !== undefined) return stream;
      tier.missing.add(digest);
      tier.present.delete(digest);
      return undefined;
    },
    options,
  );
  if (found === undefined) return undefined;
  const { tier, value } = found;
  onGiver(tier);
  tier.present.add(digest);
  if (value.offset === 0) tier.down.blobs += 1;
  const rest = tiers.slice(tiers.indexOf(tier) + 1);
  return { offset: value.offset, body: bodyOf(value, tier, { ...options, digest, rest }) };
}

async function* bodyOf(
  stream: BlobStream,
  tier: Tier,
  options: BlobOptions & { readonly digest: Digest; readonly rest: readonly Tier[] },
): AsyncGenerator<Uint8Array> {
  let at = stream.offset;
  try {
    for await (const chunk of stream.body) {
      at += chunk.byteLength;
      tier.down.bytes += chunk.byteLength;
      yield chunk;
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!isTierFault(error) || tier.isStrict || options.rest.length === 0) throw error;
    const next = await openBlobOfTiers(options.rest, options.digest, { ...options, offset: at });
    if (next === undefined) throw error;
    tellReadFault(tier, error, options.logger);
    yield* skipBytes(next.body, at - next.offset);
  }
}

/** What a store that can't seek sends once more. */
async function* skipBytes(body: AsyncIterable<Uint8Array>, count: number): AsyncGenerator<Uint8Array> {
  let left = count;
  for await (const chunk of body) {
    if (left < chunk.byteLength) yield chunk.subarray(left);
    left = Math.max(0, left - chunk.byteLength);
  }
}
