import { createHash, type Hash } from 'node:crypto';
import { SlipwayError } from './errors.ts';

/** `sha256:` and 64 lower-case hex digits: the only digest algorithm we read or write. */
export type Digest = `sha256:${string}`;

const DIGEST = /^sha256:[0-9a-f]{64}$/;

export function isDigest(text: string): text is Digest {
  return DIGEST.test(text);
}

/** Checks the grammar before anything is made of a digest, such as a path or a URL. */
export function parseDigest(text: string): Digest {
  if (!isDigest(text)) throw new SlipwayError('SNAPSHOT_INVALID', `\`${text.slice(0, 80)}\` is not a sha256 digest`);
  return text;
}

export function digestOf(bytes: Uint8Array | string): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

export function newSha256(): Hash {
  return createHash('sha256');
}

export function hexOf(digest: Digest): string {
  return digest.slice('sha256:'.length);
}
