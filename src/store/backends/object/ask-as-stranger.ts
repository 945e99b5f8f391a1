import { digestOf } from '../../../core/digest.ts';
import { errorMessage } from '../../../core/errors.ts';
import type { ExposureOptions } from '../../port.ts';
import type { StrangersAnswer } from '../../strangers/exposure.ts';
import type { Bucket, ObjectBody } from './bucket.ts';

/** An empty object that stands for those to come; see `docs/formats/store-layout.md`. */
const MARK = 'readable-by-strangers';
const EMPTY: ObjectBody = {
  sizeBytes: 0,
  mediaType: 'application/octet-stream',
  digest: digestOf(''),
  async *open() {},
};

/**
 * Reads an object of the store as somebody without credentials: `key`, or where none is known and the caller writes anyway
 * the mark, since many buckets let everybody read objects but list none. Then the list, which names all that is there.
 */
export async function askAsStranger(
  own: Bucket,
  stranger: Bucket,
  {
    key,
    mayWrite = false,
    signal,
  }: Pick<ExposureOptions, 'mayWrite' | 'signal'> & { readonly key?: string | undefined },
): Promise<StrangersAnswer> {
  const known = key ?? (mayWrite ? MARK : undefined);
  if (known === MARK) {
    try {
      await own.write(MARK, EMPTY, { onlyIfAbsent: false, signal });
    } catch (error) {
      signal?.throwIfAborted();
      // Nobody was refused but us.
      return { readable: 'unknown', seenBy: `nothing could be written that would show it: ${errorMessage(error)}` };
    }
  }
  if (known !== undefined) {
    const found = await stranger.open(known, { signal });
    if (found !== undefined) {
      for await (const _ of found.body) break;
      return { readable: 'yes', seenBy: `\`${known}\` was given to a request without credentials` };
    }
  }
  for await (const _ of stranger.list('', { signal })) break;
  return { readable: 'yes', seenBy: 'the list of objects was given to a request without credentials' };
}
