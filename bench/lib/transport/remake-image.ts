import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip, zstdCompress, zstdDecompress } from 'node:zlib';
import { digestOf } from '../../../src/core/digest.ts';
import { formatTarHeader, paddingOf } from '../../../src/pack/tar-header.ts';
import { retimeTar } from './retime-tar.ts';

/** A repository of a registry on this machine: `http://127.0.0.1:5000/v2/heavy/cache`. */
export type RepositoryUrl = string;

export interface Remake {
  /** Modification time of every file, in seconds since 1970. */
  readonly seconds: number;
  readonly compression: 'gzip' | 'zstd';
}

interface Manifest {
  readonly layers: readonly { readonly mediaType: string; readonly digest: string; readonly size: number }[];
}

const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';

/**
 * Writes the snapshot of the tag `from` once more under the tag `to`, as an image with other times in its layers. Modules that travel
 * as trees get the `.ziphash` that Go asks for, which a restore would write.
 */
export async function remakeImage(
  repository: RepositoryUrl,
  tags: { from: string; to: string },
  remake: Remake,
): Promise<void> {
  const manifest = (await (
    await ask(repository, `manifests/${tags.from}`, { headers: { accept: MANIFEST_TYPE } })
  ).json()) as Manifest;
  const hashes: Uint8Array[] = [];
  const layers: Layer[] = [];
  for (const { digest } of manifest.layers) {
    const packed = Buffer.from(await (await ask(repository, `blobs/${digest}`)).arrayBuffer());
    const blocks: Uint8Array[] = [];
    for (const member of retimeTar(await expand(packed), remake.seconds)) {
      blocks.push(member.blocks);
      if (member.name.endsWith('.sums')) hashes.push(...zipHash(member.name, member.content));
    }
    layers.push(await upload(repository, blocks, remake));
  }
  if (hashes.length > 0) layers.push(await upload(repository, hashes, remake));
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    }),
  );
  const configDigest = await uploadBlob(repository, config);
  const body = JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: configDigest, size: config.length },
    layers: layers.map(({ descriptor }) => descriptor),
  });
  await ask(repository, `manifests/${tags.to}`, { method: 'PUT', body, headers: { 'content-type': MANIFEST_TYPE } });
}

/** The digest that a tag names now. */
export async function digestOfTag(repository: RepositoryUrl, tag: string): Promise<string> {
  const answer = await ask(repository, `manifests/${tag}`, { method: 'HEAD', headers: { accept: MANIFEST_TYPE } });
  const digest = answer.headers.get('docker-content-digest');
  if (digest === null) throw new Error(`the registry names no digest for the tag ${tag}`);
  return digest;
}

interface Layer {
  readonly descriptor: Manifest['layers'][number];
  readonly diffId: string;
}

/** Entry lists are gzip'd, and packs of before zstd. */
function expand(packed: Buffer): Promise<Buffer> {
  return packed[0] === 0x1f ? promisify(gunzip)(packed) : promisify(zstdDecompress)(packed);
}

async function upload(
  repository: RepositoryUrl,
  blocks: readonly Uint8Array[],
  { compression }: Remake,
): Promise<Layer> {
  const tar = Buffer.concat([...blocks, Buffer.alloc(1024)]);
  const packed = compression === 'gzip' ? await promisify(gzip)(tar, { level: 1 }) : await promisify(zstdCompress)(tar);
  const mediaType = `application/vnd.oci.image.layer.v1.tar+${compression}`;
  const digest = await uploadBlob(repository, packed);
  return { descriptor: { mediaType, digest, size: packed.length }, diffId: digestOf(tar) };
}

async function uploadBlob(repository: RepositoryUrl, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = digestOf(bytes);
  const session = (await ask(repository, 'blobs/uploads/', { method: 'POST' })).headers.get('location') ?? '';
  const place = new URL(session, repository);
  place.searchParams.set('digest', digest);
  await ask(repository, place.href, {
    method: 'PUT',
    body: bytes,
    headers: { 'content-type': 'application/octet-stream' },
  });
  return digest;
}

/** `h1:` and the hash of the sums' text is what Go writes of a module's zip: golang.org/x/mod/sumdb/dirhash. */
function zipHash(name: string, sums: Uint8Array): Uint8Array[] {
  const text = Buffer.from(`h1:${createHash('sha256').update(sums).digest('base64')}`);
  return [
    ...formatTarHeader(name.replace(/\.sums$/, '.ziphash'), text.length),
    text,
    Buffer.alloc(paddingOf(text.length)),
  ];
}

async function ask(repository: RepositoryUrl, path: string, init?: RequestInit): Promise<Response> {
  const url = path.startsWith('http') ? path : `${repository}/${path}`;
  // Packing takes longer than a server keeps an idle connection.
  const answer = await fetch(url, { ...init, headers: { ...init?.headers, connection: 'close' } });
  if (!answer.ok) throw new Error(`${init?.method ?? 'GET'} ${url}: ${answer.status} ${await answer.text()}`);
  return answer;
}
