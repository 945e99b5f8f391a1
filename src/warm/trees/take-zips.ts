import { closeSync, createReadStream, openSync, writeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { ContentCheck } from '../../pack/content-check.ts';
import { readPackContent } from '../../pack/read-pack.ts';
import type { Entry } from '../../pack/types.ts';
import type { VerifiedPack } from '../verify-extract.ts';

const UNWANTED: ContentCheck = { update: () => {}, finish: () => ({}) };

/** Writes the wanted zips of packs of module files into `directory`, each into a file of its own: by entry path. */
export async function takeZips(
  packs: readonly VerifiedPack[],
  wanted: ReadonlySet<string>,
  { directory, signal }: { readonly directory: string; readonly signal: AbortSignal },
): Promise<ReadonlyMap<string, string>> {
  await mkdir(directory);
  const zips = new Map<string, string>();
  const createCheck = (entry: Entry): ContentCheck => {
    if (!wanted.has(entry.path)) return UNWANTED;
    const file = path.join(directory, `${zips.size}.zip`);
    zips.set(entry.path, file);
    const descriptor = openSync(file, 'wx', 0o600);
    return {
      update: (chunk) => {
        for (let at = 0; at < chunk.length; ) at += writeSync(descriptor, chunk, at);
      },
      finish: () => {
        closeSync(descriptor);
        return {};
      },
    };
  };
  for (const { facts, file } of packs) {
    if (!facts.entries.some((entry) => wanted.has(entry.path))) continue;
    const body = createReadStream(file, { highWaterMark: 1 << 18 });
    await readPackContent(body, { kind: 'gomodcache', signal, createCheck });
  }
  return zips;
}
