import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { actionPath, outputPath } from '../pack/action-record.ts';
import type { PackFacts } from '../pack/types.ts';
import { writePack, type PackMember } from '../pack/write-pack.ts';
import type { LocalCache } from './local-cache.ts';

export interface PackNewOptions {
  /** Output by action, in hex. */
  readonly newActions: ReadonlyMap<string, string>;
  /** Paths that the store has already. */
  readonly known: ReadonlySet<string>;
  readonly local: LocalCache;
  /** Where the pack is written to. */
  readonly file: string;
  readonly signal: AbortSignal;
}

/** One pack of what this run brought; undefined when the store has all of it. */
export async function packNewEntries(options: PackNewOptions): Promise<PackFacts | undefined> {
  const { newActions, known, local, signal } = options;
  const all = [...newActions].flatMap(([action, output]) => [actionPath(action), outputPath(output)]);
  const paths = [...new Set(all)].filter((path) => !known.has(path)).sort();
  if (paths.length === 0) return undefined;
  async function* members(): AsyncGenerator<PackMember> {
    for (const path of paths) {
      const file = local.pathOf(path);
      yield { path, sizeBytes: (await stat(file)).size, body: createReadStream(file) };
    }
  }
  const handle = await open(options.file, 'w');
  try {
    return await writePack(members(), {
      kind: 'gocache',
      signal,
      write: async (chunk) => {
        await handle.writeFile(chunk);
      },
    });
  } finally {
    await handle.close();
  }
}
