import { randomBytes } from 'node:crypto';
import type { Digest } from '../core/digest.ts';
import { oneChunk } from '../core/one-chunk.ts';
import { encodeEntryList, type EncodedEntryList } from '../pack/entry-list.ts';
import { CONFIG_MEDIA_TYPE, layerBlob } from '../pack/manifest.ts';
import { compactSnapshot } from '../pack/plan-compaction.ts';
import { planSnapshot, type NewPack, type PlanSnapshotInput } from '../pack/plan-snapshot.ts';
import { encodeSnapshot } from '../pack/snapshot.ts';
import type { Entry, PackRecord, Snapshot } from '../pack/types.ts';
import { forEachLimited } from '../store/each-limited.ts';
import type { BlobDescriptor, SnapshotName } from '../store/port.ts';
import { formatSnapshotKey, HIGHEST_SEQUENCE } from '../store/snapshot-key.ts';
import { openSnapshotWriter, type SnapshotWriter } from '../store/snapshot-writer.ts';
import { uploadBlob } from '../store/transfer.ts';
import type { SigningKey } from '../trust/key-text.ts';
import { signSnapshot } from '../trust/sign-snapshot.ts';
import { compact } from './compact.ts';
import { countByKind } from './count-by-kind.ts';
import { rememberSequence } from './seen-sequences.ts';
import { readStoredState, signedPart, withoutPacks, type StoredState } from './stored-state.ts';
import { createTransferCounter } from './transfer-counter.ts';
import type { BytesByKind, StoreContext } from './types.ts';
import type { VerifiedPack } from './verify-extract.ts';

export interface Publication {
  readonly fresh: readonly VerifiedPack[];
  readonly used: PlanSnapshotInput['used'];
  readonly build: PlanSnapshotInput['build'];
  readonly owners: PlanSnapshotInput['owners'];
  readonly facts: PlanSnapshotInput['facts'];
  /** Each signs the snapshot, which then builds on signed ones only. */
  readonly signingKeys: readonly SigningKey[];
  /** An empty directory for rewritten packs. */
  readonly directory: string;
}

export interface Published {
  readonly name: SnapshotName;
  readonly bytesMoved: number;
  readonly bytesByKind: BytesByKind;
  /** What the new snapshot names. */
  readonly packs: readonly PackRecord[];
  readonly packsMoved: number;
  readonly isCompacted: boolean;
}

const UPLOADS_AT_ONCE = 4;

/**
 * Commits: packs and their entry lists first, the snapshot that names them last, so that a run which dies on the way
 * leaves nothing that a reader would see. The scope is read again just before, since another saver may have been faster.
 */
export async function publish(context: StoreContext, state: StoredState, publication: Publication): Promise<Published> {
  const lists = new Map<Digest, EncodedEntryList>();
  const listOf = ({ facts }: VerifiedPack): EncodedEntryList => {
    const list = lists.get(facts.digest) ?? encodeEntryList(facts);
    lists.set(facts.digest, list);
    return list;
  };
  const toNewPack = (pack: VerifiedPack): NewPack => ({ facts: pack.facts, entryList: listOf(pack).record });
  const fresh = publication.fresh.map(toNewPack);
  const draft = draftSnapshot(context, state, publication, {
    fresh,
    ...DRAFT_NAME,
    scope: context.options.scopes.write,
    merged: [],
  });
  const compaction = await compact(context, { ...publication, draft, state });
  const gone = new Set(
    compaction === undefined
      ? []
      : [...compaction.plan.dropped, ...compaction.plan.groups.flatMap((group) => group.sources)],
  );
  const packs = [...publication.fresh.filter(({ facts }) => !gone.has(facts.digest)), ...(compaction?.rewritten ?? [])];
  const writer = openSnapshotWriter(context.store);
  let bytesSent = 0;
  const onSent = (bytes: number): void => {
    bytesSent += bytes;
  };
  const byKind = countByKind();
  const counter = createTransferCounter(
    context,
    'up',
    packs.map(({ facts }) => facts),
  );
  await forEachLimited(packs, { concurrency: UPLOADS_AT_ONCE, signal: context.signal }, async (pack, signal) => {
    const onPackSent = byKind.with(pack.facts.kind, onSent);
    await uploadPack(writer, pack, listOf(pack), { signal, onBytes: counter.onBytes, onPackSent, onSent });
    counter.onPack();
  });
  const finish = (now: StoredState, snapshot: Snapshot): Snapshot => {
    if (compaction === undefined) return snapshot;
    const entries = new Map<Digest, readonly Entry[]>(now.entriesByPack);
    for (const { facts } of publication.fresh) entries.set(facts.digest, facts.entries);
    return compactSnapshot(snapshot, entries, {
      plan: compaction.plan,
      rewritten: compaction.rewritten.map(toNewPack),
    });
  };
  const { name, snapshot } = await commit(context, state, publication, { fresh, finish, onSent, writer });
  return {
    name,
    bytesMoved: bytesSent,
    bytesByKind: byKind.bytes(),
    packs: snapshot.packs,
    packsMoved: packs.length,
    isCompacted: compaction !== undefined,
  };
}

const DRAFT_NAME = { sequence: 1, nonce: '00000000' };

function draftSnapshot(
  context: StoreContext,
  state: StoredState,
  publication: Publication,
  name: SnapshotName & { readonly merged: readonly string[]; readonly fresh: readonly NewPack[] },
): Snapshot {
  const { used, owners, facts, build } = publication;
  return planSnapshot({
    scope: name.scope,
    sequence: name.sequence,
    nonce: name.nonce,
    createdAtMs: context.clock.now(),
    merged: name.merged,
    united: { ...state.united, packs: state.packs },
    entriesByPack: state.entriesByPack,
    used,
    newPacks: name.fresh,
    owners,
    facts,
    ...(build === undefined ? {} : { build }),
  });
}

interface Upload {
  readonly signal: AbortSignal;
  readonly onBytes: (bytes: number) => void;
  readonly onPackSent: (bytes: number) => void;
  readonly onSent: (bytes: number) => void;
}

async function uploadPack(
  writer: SnapshotWriter,
  pack: VerifiedPack,
  list: EncodedEntryList,
  upload: Upload,
): Promise<void> {
  const { signal, onBytes, onPackSent, onSent } = upload;
  const blob = layerBlob(pack.facts);
  onPackSent((await uploadBlob(writer, blob, pack.file, { signal, onBytes })).bytesSent);
  onSent((await writeBytes(writer, layerBlob(list.record), list.bytes, signal)).bytesSent);
}

interface Commit {
  readonly fresh: readonly NewPack[];
  readonly finish: (now: StoredState, snapshot: Snapshot) => Snapshot;
  readonly onSent: (bytes: number) => void;
  readonly writer: SnapshotWriter;
}

async function commit(
  context: StoreContext,
  state: StoredState,
  publication: Publication,
  { fresh, finish, onSent, writer }: Commit,
): Promise<{ readonly name: SnapshotName; readonly snapshot: Snapshot }> {
  const { store, signal } = context;
  const { write: scope, read } = context.options.scopes;
  const { signingKeys } = publication;
  const visible = await store.listSnapshots(scope, { signal });
  const isKnown = new Set([...state.covered, ...state.untrusted.map(({ name }) => formatSnapshotKey(name))]);
  const isNews = visible.some((name) => !isKnown.has(formatSnapshotKey(name)));
  const latest = isNews
    ? withoutPacks(await readStoredState(context, [...new Set([scope, ...read])]), state.lost)
    : state;
  const now = signingKeys.length === 0 ? latest : signedPart(latest, scope);
  const name: SnapshotName = {
    scope,
    // There is no number above the highest: whoever stored that one must not end all saving.
    sequence: Math.min(Math.max(0, ...visible.map(({ sequence }) => sequence)) + 1, HIGHEST_SEQUENCE),
    nonce: randomBytes(4).toString('hex'),
  };
  const merged = visible.map(formatSnapshotKey).filter((key) => now.covered.has(key));
  const snapshot = finish(now, draftSnapshot(context, now, publication, { ...name, merged, fresh }));
  const plain = encodeSnapshot(snapshot);
  const encoded = signingKeys.length === 0 ? plain : signSnapshot(plain, snapshot, signingKeys);
  const config = { digest: encoded.configDigest, sizeBytes: encoded.config.byteLength, mediaType: CONFIG_MEDIA_TYPE };
  onSent((await writeBytes(writer, config, encoded.config, signal)).bytesSent);
  onSent((await writer.writeSnapshot(name, encoded.manifest, { signal })).bytesSent);
  if (signingKeys.length > 0) await rememberSequence(context, scope, name.sequence);
  return { name, snapshot };
}

function writeBytes(writer: SnapshotWriter, blob: BlobDescriptor, bytes: Uint8Array, signal: AbortSignal) {
  return writer.writeBlob(blob, () => oneChunk(bytes), { signal });
}
