import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { digestOf, hexOf } from '../../core/digest.ts';
import { SlipwayError } from '../../core/errors.ts';
import { oneChunk } from '../../core/one-chunk.ts';
import { replaceFile, writeWhole } from '../../core/write-whole.ts';
import { MANIFEST_MEDIA_TYPE } from '../../pack/manifest.ts';
import { BLOCK, formatTarHeader, paddingOf } from '../../pack/tar-header.ts';
import type { BlobDescriptor, BlobSource, SnapshotName } from '../../store/port.ts';
import { encodeScope } from '../../store/scope-name.ts';
import type { ExportTarget } from './export-target.ts';

/** https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md */
const LAYOUT_FILE = 'oci-layout';
const LAYOUT_TEXT = JSON.stringify({ imageLayoutVersion: '1.0.0' });
const INDEX_MEDIA_TYPE = 'application/vnd.oci.image.index.v1+json';
const REF_NAME = 'org.opencontainers.image.ref.name';

interface IndexEntry {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A directory in OCI's image layout, one image for each scope, its encoded name as the tag. Others in it stay. */
export async function openLayoutDirectory(directory: string): Promise<ExportTarget> {
  const others = await readIndex(directory);
  const entries: IndexEntry[] = [];
  const blobPath = (digest: BlobDescriptor['digest']): string => join(directory, 'blobs', 'sha256', hexOf(digest));
  const written = new Set<string>();
  return {
    description: directory,
    isOnePerScope: true,
    putBlob: async ({ digest, sizeBytes }, source) => {
      if (written.has(digest)) return 0;
      await writeWhole(blobPath(digest), source(), 0o666);
      written.add(digest);
      return sizeBytes;
    },
    commit: async (name, manifest) => {
      await writeWhole(blobPath(digestOf(manifest)), manifest, 0o666);
      entries.push(indexEntry(name, manifest));
      const names = new Set(entries.map(nameOf));
      const kept = others.filter((entry) => !names.has(nameOf(entry)));
      await replaceFile(join(directory, LAYOUT_FILE), LAYOUT_TEXT);
      await replaceFile(join(directory, 'index.json'), formatIndex([...kept, ...entries]));
    },
    close: async () => undefined,
  };
}

/** The same in one tar file, which has its name only when it is whole. */
export async function openLayoutArchive(path: string): Promise<ExportTarget> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  const file = await open(temporary, 'wx');
  const entries: IndexEntry[] = [];
  const written = new Set<string>();
  const add = async (name: string, sizeBytes: number, chunks: AsyncIterable<Uint8Array>): Promise<void> => {
    for (const block of formatTarHeader(name, sizeBytes)) await file.writeFile(block);
    for await (const chunk of chunks) await file.writeFile(chunk);
    await file.writeFile(Buffer.alloc(paddingOf(sizeBytes)));
  };
  const addBytes = (name: string, bytes: Uint8Array): Promise<void> => add(name, bytes.byteLength, oneChunk(bytes));
  const addBlob = async ({ digest, sizeBytes }: Omit<BlobDescriptor, 'mediaType'>, source: BlobSource) => {
    if (written.has(digest)) return 0;
    await add(`blobs/sha256/${hexOf(digest)}`, sizeBytes, source());
    written.add(digest);
    return sizeBytes;
  };
  const drop = async (): Promise<void> => {
    await file.close();
    await rm(temporary, { force: true });
  };
  try {
    await addBytes(LAYOUT_FILE, Buffer.from(LAYOUT_TEXT));
  } catch (error) {
    await drop();
    throw error;
  }
  return {
    description: path,
    isOnePerScope: true,
    putBlob: addBlob,
    commit: async (name, manifest) => {
      await addBlob({ digest: digestOf(manifest), sizeBytes: manifest.byteLength }, () => oneChunk(manifest));
      entries.push(indexEntry(name, manifest));
    },
    close: async (isWhole) => {
      try {
        if (!isWhole) return;
        await addBytes('index.json', Buffer.from(formatIndex(entries)));
        await file.writeFile(Buffer.alloc(2 * BLOCK));
        await file.sync();
        await rename(temporary, path);
      } finally {
        await drop();
      }
    },
  };
}

async function readIndex(directory: string): Promise<readonly IndexEntry[]> {
  let names: readonly string[];
  try {
    names = await readdir(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  if (names.length === 0) return [];
  if (!names.includes(LAYOUT_FILE) || !names.includes('index.json')) {
    throw new SlipwayError('INPUT_INVALID', `\`${directory}\` is neither empty nor an OCI image layout`, {
      hint: 'Name another directory.',
    });
  }
  const index = JSON.parse(await readFile(join(directory, 'index.json'), 'utf8')) as { manifests?: IndexEntry[] };
  return index.manifests ?? [];
}

function indexEntry(name: SnapshotName, manifest: Uint8Array): IndexEntry {
  return {
    mediaType: MANIFEST_MEDIA_TYPE,
    digest: digestOf(manifest),
    size: manifest.byteLength,
    annotations: { [REF_NAME]: encodeScope(name.scope) },
  };
}

function nameOf(entry: IndexEntry): string {
  return entry.annotations?.[REF_NAME] ?? entry.digest;
}

function formatIndex(manifests: readonly IndexEntry[]): string {
  return JSON.stringify({ schemaVersion: 2, mediaType: INDEX_MEDIA_TYPE, manifests });
}
