import { createHash, type Hash } from 'node:crypto';

/** `sha256:` and 64 lower-case hex digits: the only digest algorithm we read or write. */
export type Digest = `sha256:${string}`;

const DIGEST = /^sha256:[0-9a-f]{64}$/;

export function isDigest(text: string): text is Digest {
  return DIGEST.test(text);
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
