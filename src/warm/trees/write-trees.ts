import path from 'node:path';
import type { Representation } from '../../pack/types.ts';
import { createPackWriter, type PackWriter } from '../../pack/write-pack.ts';
import { formatModuleFiles } from '../../trust/module-files.ts';
import { readZipContent, streamZipContent, WHOLE_BYTES } from '../../trust/zip-content.ts';
import { readZipEntries, type ZipEntry, type ZipSource } from '../../trust/zip-entries.ts';
import { writePackFile } from '../pack-file.ts';
import type { VerifiedPack } from '../verify-extract.ts';
import type { IndexedModule } from './plan-trees.ts';
import { openZipFile } from './zip-file.ts';

/** A module whose needed files are to be stored. */
export interface TreeToWrite {
  readonly module: IndexedModule;
  /** Entry paths; none of a module that is written into the index alone. */
  readonly paths: readonly string[];
  /** Text of `.packages`. */
  readonly packages: string;
}

/** A pack holds whole modules up to about this much content, so that several unpack side by side. */
const PACK_BYTES = 24 * 1024 ** 2;

interface WriteTreesOptions {
  /** By entry path, the zips of those that have paths, which go.sum vouches for. */
  readonly zips: ReadonlyMap<string, string>;
  readonly directory: string;
  readonly signal: AbortSignal;
}

/** Writes the trees, and the index of what they are trees of. */
export async function writeTrees(
  trees: readonly TreeToWrite[],
  { zips, directory, signal }: WriteTreesOptions,
): Promise<readonly VerifiedPack[]> {
  const packs: VerifiedPack[] = [];
  const rest = trees.filter(({ paths }) => paths.length > 0);
  while (rest.length > 0) {
    const file = path.join(directory, `trees-${packs.length}.tar.gz`);
    packs.push(
      await write(file, 'trees', signal, async (writer) => {
        for (let bytes = 0; rest.length > 0 && bytes < PACK_BYTES; ) {
          bytes += await writeTree(writer, rest.pop() as TreeToWrite, zips);
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

async function writeTree(
  writer: PackWriter,
  { module, paths }: TreeToWrite,
  zips: ReadonlyMap<string, string>,
): Promise<number> {
  const zip = zips.get(`${module.stem}.zip`);
  if (zip === undefined) throw new Error(`the zip of \`${module.directory}\` is not in its pack any more`);
  using source = openZipFile(zip);
  const entries = readZipEntries(source);
  if (typeof entries === 'string')
    throw new Error(`the zip of \`${module.directory}\` can't be read any more: ${entries}`);
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  let bytes = 0;
  for (const entryPath of paths) {
    const name = entryPath.slice(module.directory.length + 1);
    const entry = byName.get(`${module.path}@${module.version}/${name}`);
    const isWritten = entry !== undefined && (await writeFile(writer, entryPath, source, entry));
    if (!isWritten) throw new Error(`\`${entryPath}\` can't be read from its zip any more`);
    bytes += entry.sizeBytes;
  }
  return bytes;
}

/** False when it isn't what it was when the zip was checked. */
async function writeFile(writer: PackWriter, path: string, zip: ZipSource, entry: ZipEntry): Promise<boolean> {
  const { sizeBytes } = entry;
  if (sizeBytes > WHOLE_BYTES) {
    await writer.startEntry({ path, sizeBytes });
    const isRight = await streamZipContent(zip, entry, (chunk) => writer.content(chunk));
    await writer.endEntry();
    return isRight;
  }
  const content = readZipContent(zip, entry, WHOLE_BYTES);
  if (content !== undefined) await put(writer, path, content);
  return content !== undefined;
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
  const facts = await writePackFile(file, async (take) => {
    const writer = createPackWriter({ kind: 'gomodcache', representation, signal, write: take });
    try {
      await fill(writer);
      return await writer.end();
    } finally {
      writer.destroy();
    }
  });
  return { facts, file };
}
