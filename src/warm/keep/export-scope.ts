import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import type { Clock } from '../../core/clock.ts';
import { SlipwayError } from '../../core/errors.ts';
import { makeTemporaryDirectory } from '../../core/temporary-directory.ts';
import { decodeEntryList } from '../../pack/entry-list.ts';
import { CONFIG_MEDIA_TYPE, layerBlob } from '../../pack/manifest.ts';
import { readPack } from '../../pack/read-pack.ts';
import { encodeSnapshot } from '../../pack/snapshot.ts';
import type { PackRecord } from '../../pack/types.ts';
import type { BlobDescriptor, BlobSource, SnapshotName, Store } from '../../store/port.ts';
import { blobFile, downloadToDirectory } from '../../store/transfer.ts';
import type { StoreSurvey, SurveyedSnapshot } from '../survey-store.ts';
import type { ExportTarget } from './export-target.ts';
import { headsOf } from './plan-garbage.ts';
import { areSigned, planSuccessor, type SuccessorOptions } from './successor.ts';

/** One document that is exported, with the packs it names. */
export interface ExportedSnapshot {
  readonly name: SnapshotName;
  readonly manifest: Uint8Array;
  /** Undefined: the config lies in the store, under the digest that the manifest names. */
  readonly config: Uint8Array | undefined;
  readonly configBlob: BlobDescriptor;
  readonly packs: readonly PackRecord[];
  /** How many snapshots it holds together. */
  readonly unites: number;
}

export interface ExportOptions extends SuccessorOptions {
  readonly clock: Clock;
  readonly onPack?: (done: number, total: number) => void;
}

export interface ExportResult {
  readonly snapshots: readonly SnapshotName[];
  readonly blobs: number;
  readonly bytes: number;
}

/**
 * What of a scope is exported. Its heads as they are, name, bytes and signature, since a reader unites them; for a target with
 * room for one image of a scope, several of them as one snapshot that holds what they hold.
 */
export async function planExport(
  store: Store,
  survey: StoreSurvey,
  {
    scope,
    isOnePerScope,
    clock,
    signal,
    seal = (encoded) => encoded,
  }: ExportOptions & {
    readonly scope: string;
    readonly isOnePerScope: boolean;
  },
): Promise<readonly ExportedSnapshot[]> {
  const heads = headsOf(survey.snapshots, scope);
  if (isOnePerScope && heads.length > 1) {
    const visible = heads.map(({ name }) => name);
    const request = { heads, drop: new Set<never>(), writer: 'slipway cache export', createdAtMs: clock.now() };
    const snapshot = planSuccessor(request, visible, randomBytes(4).toString('hex'));
    const { manifest, config, configDigest } = seal(encodeSnapshot(snapshot), snapshot, areSigned(heads));
    const configBlob = { digest: configDigest, sizeBytes: config.byteLength, mediaType: CONFIG_MEDIA_TYPE };
    const { sequence, nonce, packs } = snapshot;
    const name = { scope: snapshot.scope, sequence, nonce };
    return [{ name, manifest, config, configBlob, packs, unites: heads.length }];
  }
  const ones = await Promise.all(heads.map((head) => readHead(store, head, signal)));
  return ones.filter((one) => one !== undefined);
}

async function readHead(
  store: Store,
  { name, blobs, snapshot }: SurveyedSnapshot,
  signal: AbortSignal,
): Promise<ExportedSnapshot | undefined> {
  const manifest = await store.readSnapshot(name, { signal });
  const [config] = blobs;
  // Collected since the survey.
  if (manifest === undefined || config === undefined || snapshot === undefined) return undefined;
  const configBlob = { ...config, mediaType: CONFIG_MEDIA_TYPE };
  const own = { scope: snapshot.scope, sequence: name.sequence, nonce: name.nonce };
  return { name: own, manifest, config: undefined, configBlob, packs: snapshot.packs, unites: 1 };
}

/**
 * Copies snapshots to the target, blobs first, and only what it lacks. Each pack is read member by member on the way and
 * held against its list: what is damaged ends the export before a snapshot that names it is written.
 */
export async function applyExport(
  store: Store,
  target: ExportTarget,
  snapshots: readonly ExportedSnapshot[],
  options: ExportOptions,
): Promise<ExportResult> {
  const { signal, onPack } = options;
  const directory = await makeTemporaryDirectory('export');
  const total = snapshots.reduce((sum, { packs }) => sum + packs.length, 0);
  let [done, blobs, bytes] = [0, 0, 0];
  const put = async (blob: BlobDescriptor, source: BlobSource): Promise<void> => {
    const moved = await target.putBlob(blob, source, signal);
    blobs += moved > 0 ? 1 : 0;
    bytes += moved;
  };
  let isWhole = false;
  try {
    for (const { name, manifest, config, configBlob, packs } of snapshots) {
      for (const pack of packs) {
        const place = { directory, ...options };
        const fetched = onceAsked(() => fetchPack(store, pack, place));
        await put(layerBlob(pack), () => readFetched(fetched, ({ file }) => file));
        await put(layerBlob(pack.entryList), () => readFetched(fetched, ({ list }) => list));
        await rm(blobFile(directory, pack.digest), { force: true });
        onPack?.((done += 1), total);
      }
      await put(configBlob, async function* () {
        yield config ?? (await readFile(await fetchBlob(store, configBlob, { directory, ...options })));
      });
      await target.commit(name, manifest, signal);
    }
    isWhole = true;
  } finally {
    await target.close(isWhole);
    await rm(directory, { recursive: true, force: true });
  }
  return { snapshots: snapshots.map(({ name }) => name), blobs, bytes };
}

interface FetchPlace extends ExportOptions {
  readonly directory: string;
}

interface FetchedFiles {
  readonly file: string;
  readonly list: string;
}

/** A pack and its list, checked. */
async function fetchPack(store: Store, pack: PackRecord, place: FetchPlace): Promise<FetchedFiles> {
  const file = await fetchBlob(store, layerBlob(pack), place);
  const list = await fetchBlob(store, layerBlob(pack.entryList), place);
  const { signal } = place;
  const { kind, representation, entryCount } = pack;
  const body = createReadStream(file, { highWaterMark: 1 << 18 });
  const content = await readPack(body, { kind, representation, signal });
  const [bad] = content.damaged;
  if (bad !== undefined) throw damaged('PACK_INVALID', `\`${bad.path}\` of \`${pack.digest}\` ${bad.reason}`);
  const expected = { packDigest: pack.digest, kind, representation, entryCount };
  const listed = decodeEntryList(await readFile(list), expected);
  const isListed =
    content.diffId === pack.diffId &&
    listed.length === content.entries.length &&
    listed.every(({ path }, index) => path === content.entries[index]?.path);
  if (!isListed) throw damaged('PACK_INVALID', `\`${pack.digest}\` is not what its snapshot says`);
  return { file, list };
}

async function fetchBlob(
  store: Store,
  blob: BlobDescriptor,
  { directory, clock, signal }: FetchPlace,
): Promise<string> {
  const outcome = await downloadToDirectory(store, blob, { directory, clock, signal });
  if (outcome === 'done' || outcome === 'present') return blobFile(directory, blob.digest);
  throw damaged(outcome === 'missing' ? 'BLOB_MISSING' : 'BLOB_CORRUPT', `\`${blob.digest}\` is ${outcome}`);
}

async function* readFetched(
  fetched: () => Promise<FetchedFiles>,
  choose: (files: FetchedFiles) => string,
): AsyncGenerator<Uint8Array> {
  yield* createReadStream(choose(await fetched()), { highWaterMark: 1 << 18 });
}

function onceAsked<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => (answer ??= ask());
}

function damaged(code: 'BLOB_MISSING' | 'BLOB_CORRUPT' | 'PACK_INVALID', what: string): SlipwayError {
  return new SlipwayError(code, `the export is not complete: ${what}`, {
    hint: '`slipway cache check --repair` mends the store; then export again.',
  });
}
