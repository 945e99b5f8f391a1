import { newSha256, type Digest } from '../../core/digest.ts';
import { SlipwayError } from '../../core/errors.ts';
import type { Store } from '../port.ts';

/**
 * Checks every blob that is read from its start: a body with another digest (short, long, or something else) ends in
 * BLOB_CORRUPT before its end is reported. One that starts later can't be checked here and isn't marked as such.
 */
export function verifiedStore(inner: Store): Store {
  return {
    ...inner,
    async readBlob(digest, options) {
      const found = await inner.readBlob(digest, options);
      if (!found || found.offset !== 0) return found;
      return { offset: 0, body: verifiedBody(found.body, digest, inner.description), isVerified: true };
    },
  };
}

async function* verifiedBody(
  body: AsyncIterable<Uint8Array>,
  digest: Digest,
  place: string,
): AsyncGenerator<Uint8Array> {
  const hash = newSha256();
  for await (const chunk of body) {
    hash.update(chunk);
    yield chunk;
  }
  const actual = `sha256:${hash.digest('hex')}`;
  if (actual !== digest) {
    throw new SlipwayError('BLOB_CORRUPT', `\`${place}\` has something else as the blob \`${digest}\`: ${actual}`, {
      hint: 'It is left out; `slipway cache check` says what else is damaged.',
    });
  }
}
