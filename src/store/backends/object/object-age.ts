import { randomBytes } from 'node:crypto';
import type { Clock } from '../../../core/clock.ts';
import type { Digest } from '../../../core/digest.ts';
import { SlipwayError } from '../../../core/errors.ts';
import type { ReadOptions } from '../../port.ts';
import { checkedSource } from '../../streams.ts';
import type { Bucket, ObjectFacts } from './bucket.ts';

const YOUNG_MS = 3600 * 1000;
const CLOCKS = 'clocks/';

/** Is it less than an hour old? A clock of ours that is far off makes every object look old or from the future. */
export function isYoung({ writtenAtMs }: ObjectFacts, clock: Clock): boolean {
  return Math.abs(clock.now() - writtenAtMs) < YOUNG_MS;
}

/** Writes an object over itself, which makes it young; what is no longer what its name says stays as it is. */
export async function writeAnew(
  bucket: Bucket,
  { key, sizeBytes }: ObjectFacts,
  { digest, ...options }: ReadOptions & { readonly digest: Digest },
): Promise<void> {
  const mediaType = 'application/octet-stream';
  const read = async function* (): AsyncGenerator<Uint8Array> {
    const found = await bucket.open(key, options);
    if (found === undefined) throw new SlipwayError('BLOB_MISSING', `\`${digest}\` has gone meanwhile`);
    yield* found.body;
  };
  const open = (): AsyncIterable<Uint8Array> => checkedSource({ digest, sizeBytes, mediaType }, read);
  await bucket.write(key, { sizeBytes, mediaType, digest, open }, { ...options, onlyIfAbsent: false });
}

/** What time it is for the service: that of an object which is made for it. */
export async function readBucketClock(bucket: Bucket, options: ReadOptions = {}): Promise<number> {
  const key = CLOCKS + randomBytes(8).toString('hex');
  const body = {
    sizeBytes: 1,
    mediaType: 'text/plain',
    async *open() {
      yield Buffer.from('.');
    },
  };
  await bucket.write(key, body, { ...options, onlyIfAbsent: false });
  try {
    const facts = await bucket.find(key, options);
    if (facts === undefined)
      throw new SlipwayError('STORE_FAILED', `${bucket.description} doesn't keep what is written`);
    return facts.writtenAtMs;
  } finally {
    await bucket.remove(key, options);
  }
}
