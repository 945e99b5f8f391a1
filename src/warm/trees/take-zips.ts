import { closeSync, createReadStream, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { ContentCheck } from '../../pack/content-check.ts';
import { moduleOfFile, type ModuleName } from '../../pack/module-name.ts';
import { readPackContent } from '../../pack/read-pack.ts';
import type { Entry } from '../../pack/types.ts';

/** A module zip, taken out of its pack. */
export interface TakenZip {
  readonly name: ModuleName;
  readonly file: string;
}

/** Writes the zips of a pack of module files into `directory`, each into a file of its own. */
export async function takeZips(pack: string, directory: string, signal: AbortSignal): Promise<readonly TakenZip[]> {
  const zips: TakenZip[] = [];
  const createCheck = (entry: Entry): ContentCheck => {
    const name = entry.path.endsWith('.zip') ? moduleOfFile(entry.path) : undefined;
    if (name === undefined) return { update: () => {}, finish: () => ({}) };
    const file = path.join(directory, `${path.basename(pack)}-${zips.length}.zip`);
    const descriptor = openSync(file, 'wx', 0o600);
    return {
      update: (chunk) => {
        for (let at = 0; at < chunk.length; ) at += writeSync(descriptor, chunk, at);
      },
      finish: () => {
        closeSync(descriptor);
        zips.push({ name, file });
        return {};
      },
    };
  };
  const body = createReadStream(pack, { highWaterMark: 1 << 18 });
  await readPackContent(body, { kind: 'gomodcache', signal, createCheck });
  return zips;
}
