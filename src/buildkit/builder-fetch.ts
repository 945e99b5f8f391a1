import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import tls from 'node:tls';
import { hexOf, type Digest } from '../core/digest.ts';
import { RESTORED_MTIME_SECONDS } from './scripts/inject.ts';

/** A build cache pack that the builder may fetch by itself. */
export interface PackToFetch {
  readonly digest: Digest;
  readonly sizeBytes: number;
  /** Where anybody who knows it can GET the pack. A secret: it may be signed. */
  readonly url: string;
  /** May hold a token that reads the store, for minutes. */
  readonly headers: Readonly<Record<string, string>>;
  /** What its entry list names: it must hold that and nothing else. */
  readonly entries: readonly { readonly path: string; readonly sizeBytes: number }[];
}

/** BuildKit takes no larger secret: https://github.com/moby/buildkit/blob/v0.33.1/session/secrets/secrets.go */
const MAX_SECRET_BYTES = 500 * 1024;

/** The secret of a helper build that fetches packs, or tries whether it could. */
export function formatFetchPlan(packs: readonly PackToFetch[], timeoutSeconds: number): string {
  const isEncrypted = packs.some(({ url }) => url.startsWith('https:'));
  return JSON.stringify({
    schemaVersion: 1,
    // An image for helpers needn't have any.
    ...(isEncrypted && { ca: tls.getCACertificates('default').join('\n') }),
    timeoutSeconds,
    modifiedSeconds: RESTORED_MTIME_SECONDS,
    packs: packs.map(({ digest, sizeBytes, url, headers }) => ({ digest, sizeBytes, url, headers })),
  });
}

export function fitsSecret(plan: string): boolean {
  return Buffer.byteLength(plan) <= MAX_SECRET_BYTES;
}

/** Writes the secret beside a helper's context, never into it: BuildKit keeps contexts. */
export async function writeFetchPlan(context: string, plan: string): Promise<string> {
  const file = `${context}-secret.json`;
  await writeFile(file, plan, { mode: 0o600 });
  return file;
}

/** `fetch/<hex of the digest>` for each pack: a line `<path> <bytes>` for each entry that it must hold. */
export async function writeFetchLists(context: string, packs: readonly PackToFetch[]): Promise<void> {
  const directory = path.join(context, 'fetch');
  await mkdir(directory, { recursive: true });
  for (const { digest, entries } of packs) {
    const lines = entries.map((entry) => `${entry.path} ${entry.sizeBytes}\n`);
    await writeFile(path.join(directory, hexOf(digest)), lines.join(''));
  }
}
