import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import type { Representation } from '../../pack/types.ts';
import { createPackWriter, type PackWriter } from '../../pack/write-pack.ts';
import { formatModuleFiles } from '../../trust/module-files.ts';
import type { VerifiedPack } from '../verify-extract.ts';
import type { IndexedModule } from './plan-trees.ts';
import { entriesByName, readZipFile } from './read-zip-module.ts';
import { openZipFile } from './zip-file.ts';

/** A module whose needed files are to be stored. */
export interface TreeToWrite {
  readonly module: IndexedModule;
  /** Its zip, which go.sum vouches for. */
  readonly zip: string;
  /** Entry paths; none of a module that is written into the index alone. */
  readonly paths: readonly string[];
  /** Text of `.packages`. */
  readonly packages: string;
}

/** A pack holds whole modules up to about this much content, so that several unpack side by side. */
const PACK_BYTES = 24 * 1024 ** 2;

/** Writes the trees, and the index of what they are trees of. */
export async function writeTrees(
  trees: readonly TreeToWrite[],
  directory: string,
  signal: AbortSignal,
): Promise<readonly VerifiedPack[]> {
  const packs: VerifiedPack[] = [];
  const rest = trees.filter(({ paths }) => paths.length > 0);
  while (rest.length > 0) {
    const file = path.join(directory, `trees-${packs.length}.tar.gz`);
    packs.push(
      await write(file, 'trees', signal, async (writer) => {
        for (let bytes = 0; rest.length > 0 && bytes < PACK_BYTES; ) {
          bytes += await writeTree(writer, rest.pop() as TreeToWrite);
        }
      }),
    );
  }
  if (trees.length === 0) return [];
  const index = await write(path.join(directory, 'tree-index.tar.gz'), 'tree-index', signal, async (writer) => {
    for (const { module, packages } of trees) {
      const files = formatModuleFiles(`${module.path}@${module.version}/`, module.files);
      await put(writer, `${module.stem}.packages`, Buffer.from(packages, 'latin1'));
      await put(writer, `${module.stem}.sums`, Buffer.from(files, 'latin1'));
    }
  });
  return [...packs, index];
}

async function writeTree(writer: PackWriter, { module, zip, paths }: TreeToWrite): Promise<number> {
  using source = openZipFile(zip);
  const entries = entriesByName(source, `${module.path}@${module.version}/`);
  let bytes = 0;
  for (const entryPath of paths) {
    const entry = entries?.get(entryPath.slice(module.directory.length + 1));
    if (entry === undefined) throw new Error(`\`${entryPath}\` is not in its zip any more`);
    const content = readZipFile(source, entry);
    await put(writer, entryPath, content);
    bytes += content.length;
  }
  return bytes;
}

async function put(writer: PackWriter, entryPath: string, content: Uint8Array): Promise<void> {
  await writer.startEntry({ path: entryPath, sizeBytes: content.length });
  if (content.length > 0) await writer.content(content);
  await writer.endEntry();
}

async function write(
  file: string,
  representation: Representation,
  signal: AbortSignal,
  fill: (writer: PackWriter) => Promise<void>,
): Promise<VerifiedPack> {
  const out = createWriteStream(file);
  const writer = createPackWriter({
    kind: 'gomodcache',
    representation,
    signal,
    write: async (chunk) => {
      if (!out.write(chunk)) await once(out, 'drain');
    },
  });
  try {
    await fill(writer);
    const facts = await writer.end();
    out.end();
    await finished(out);
    return { facts, file };
  } finally {
    writer.destroy();
    out.destroy();
  }
}
