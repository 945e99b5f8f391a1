import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { snapshotError } from './snapshot-json.ts';

/** Ages grow no further: "this long or longer". */
export const MAX_AGE = 255;

/** One byte per entry, deflated, as base64: most entries of a pack age alike, so thousands take a few bytes. */
export function encodeAges(ages: Uint8Array): string {
  return deflateRawSync(ages, { level: 9 }).toString('base64');
}

export function decodeAges(text: string, entryCount: number): Uint8Array {
  const ages = new Uint8Array(entryCount);
  let bytes: Uint8Array;
  try {
    // zlib refuses a bound of 0, and one byte too many is a fault that the comparison below finds.
    bytes = inflateRawSync(Buffer.from(text, 'base64'), { maxOutputLength: entryCount + 1 });
  } catch (error) {
    throw snapshotError('the ages of a pack are damaged', error);
  }
  if (bytes.length !== entryCount) throw snapshotError(`a pack has ages for ${bytes.length} of ${entryCount} entries`);
  ages.set(bytes);
  return ages;
}
