import { gzipSync } from 'node:zlib';
import { systemClock } from '../../src/core/clock.ts';
import { digestOf, type Digest } from '../../src/core/digest.ts';
import type { MountKind } from '../../src/core/mount-kind.ts';
import { encodeEntryList } from '../../src/pack/entry-list.ts';
import { CONFIG_MEDIA_TYPE, LAYER_MEDIA_TYPE } from '../../src/pack/manifest.ts';
import { walkPack } from '../../src/pack/read-pack.ts';
import { decodeManifest, decodeSnapshot, encodeSnapshot } from '../../src/pack/snapshot.ts';
import type { Entry, PackRecord, Snapshot } from '../../src/pack/types.ts';
import { writePack } from '../../src/pack/write-pack.ts';
import { openDirStore } from '../../src/store/backends/dir/dir-store.ts';

/** The content of a store: every entry of its newest snapshot, by path. */
export type Contents = Readonly<Record<MountKind, Map<string, Buffer>>>;

/** A pack as an attacker stores it: its bytes, and the entries that the list claims for it. */
export interface ForgedPack {
  readonly kind: MountKind;
  readonly bytes: Uint8Array;
  readonly diffId: Digest;
  readonly uncompressedBytes: number;
  readonly listed: readonly Entry[];
}

/** Reads all entries of the scope's newest snapshot. */
export async function readContents(directory: string, scope: string): Promise<Contents> {
  const store = openDirStore(directory, systemClock);
  const [name] = await store.listSnapshots(scope);
  const manifest = name && (await store.readSnapshot(name));
  if (!manifest) throw new Error(`no snapshot of ${scope} in ${directory}`);
  const config = await collect(await store.readBlob(decodeManifest(manifest).config.digest));
  const contents: Contents = { gocache: new Map(), gomodcache: new Map() };
  for (const pack of decodeSnapshot(manifest, config).packs) {
    const body = await store.readBlob(pack.digest);
    if (!body) throw new Error(`the pack ${pack.digest} is gone`);
    let chunks: Buffer[] = [];
    await walkPack(body.body, {
      kind: pack.kind,
      onEntry: () => {
        chunks = [];
      },
      onContent: (chunk) => void chunks.push(Buffer.from(chunk)),
      onEntryEnd: (entry) => void contents[pack.kind].set(entry.path, Buffer.concat(chunks)),
    });
  }
  return contents;
}

/** A well-formed pack of these entries, whatever their contents are. */
export async function forgePack(kind: MountKind, entries: ReadonlyMap<string, Buffer>): Promise<ForgedPack> {
  const chunks: Uint8Array[] = [];
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  const members = (async function* () {
    for (const [path, body] of sorted) yield { path, sizeBytes: body.length, body };
  })();
  const facts = await writePack(members, { kind, write: async (chunk) => void chunks.push(Buffer.from(chunk)) });
  return { ...facts, bytes: Buffer.concat(chunks), listed: facts.entries };
}

/** What a member of a raw tar is made of; nothing is checked. */
export interface RawMember {
  readonly name: string;
  /** `0` file, `1` hard link, `2` symbolic link, `3` `4` devices, `5` directory, `6` fifo. */
  readonly type?: string;
  readonly link?: string;
  readonly mode?: string;
  readonly content?: Buffer;
}

/** A pack of any members at all; its list claims `listed`. */
export function forgeRawPack(kind: MountKind, members: readonly RawMember[], listed: readonly Entry[]): ForgedPack {
  const tar = Buffer.concat([...members.map(rawMember), Buffer.alloc(1024)]);
  return { kind, bytes: gzipSync(tar), diffId: digestOf(tar), uncompressedBytes: tar.length, listed };
}

/** Stores a snapshot of the scope `main` that names these packs, every digest of it right. */
export async function storeForged(
  directory: string,
  packs: readonly ForgedPack[],
  alter: (snapshot: Snapshot) => Snapshot = (snapshot) => snapshot,
): Promise<void> {
  const store = openDirStore(directory, systemClock);
  const put = async (bytes: Uint8Array, mediaType: string): Promise<void> => {
    const blob = { digest: digestOf(bytes), sizeBytes: bytes.length, mediaType };
    await store.writeBlob(blob, async function* () {
      yield bytes;
    });
  };
  const records: PackRecord[] = [];
  for (const { kind, bytes, diffId, uncompressedBytes, listed } of packs) {
    const digest = digestOf(bytes);
    const list = encodeEntryList({ kind, digest, entries: listed });
    await put(bytes, LAYER_MEDIA_TYPE);
    await put(list.bytes, LAYER_MEDIA_TYPE);
    const sizes = { sizeBytes: bytes.length, uncompressedBytes, entryCount: listed.length };
    const ages = new Uint8Array(listed.length);
    records.push({ kind, representation: 'files', digest, diffId, ...sizes, entryList: list.record, ages });
  }
  const name = { scope: 'main', sequence: 1, nonce: '00000000' };
  const rest = { createdAtMs: Date.now(), merged: [], history: [], owners: {}, facts: {} };
  const encoded = encodeSnapshot(alter({ formatVersion: 1, ...name, ...rest, packs: records }));
  await put(encoded.config, CONFIG_MEDIA_TYPE);
  await store.writeSnapshot(name, encoded.manifest);
}

function rawMember({ name, type = '0', link = '', mode = '0000644', content = Buffer.alloc(0) }: RawMember): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0, 100, 'latin1');
  header.write(`${mode}\0`, 100, 'latin1');
  header.write('0000000\0', 108, 'latin1');
  header.write('0000000\0', 116, 'latin1');
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
  header.write('00000000000\0', 136, 'latin1');
  header.write(type, 156, 'latin1');
  header.write(link, 157, 100, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

async function collect(stream: { body: AsyncIterable<Uint8Array> } | undefined): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream?.body ?? []) chunks.push(chunk);
  return Buffer.concat(chunks);
}
