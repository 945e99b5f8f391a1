import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../../src/core/clock.ts';
import type { MountKind } from '../../../src/core/mount-kind.ts';
import { encodeEntryList } from '../../../src/pack/entry-list.ts';
import { CONFIG_MEDIA_TYPE, LAYER_MEDIA_TYPE } from '../../../src/pack/manifest.ts';
import { decodeManifest, decodeSnapshot, encodeSnapshot, type EncodedSnapshot } from '../../../src/pack/snapshot.ts';
import type { PackRecord, Snapshot } from '../../../src/pack/types.ts';
import { createMemoryStore } from '../../../src/store/backends/memory/memory-store.ts';
import type { SnapshotName, Store, StoreKeeper } from '../../../src/store/port.ts';
import { digestOf, type Digest } from '../../../src/core/digest.ts';
import type { SigningKey } from '../../../src/trust/key-text.ts';
import { signSnapshot } from '../../../src/trust/sign-snapshot.ts';
import type { TrustedKey } from '../../../src/trust/trusted-key.ts';
import { publish } from '../../../src/warm/publish.ts';
import { planSigning } from '../../../src/warm/plan-signing.ts';
import { readStoredState, type StoredState } from '../../../src/warm/stored-state.ts';
import type { TrustSettings, WarmContext } from '../../../src/warm/types.ts';
import { warmContext } from '../../helpers/warm-context.ts';
import { moduleFiles, packOf, smallCache, type WrittenPack } from '../pack/pack-fixtures.ts';
import { DAY_MS, FACTS, MAIN, trusted } from '../trust/trust-fixtures.ts';

/** A store, a clock, and directories of machines: the world that signers, readers and attackers share. */
export interface World {
  readonly store: Store & StoreKeeper;
  readonly clock: Clock;
  readonly directory: string;
  nowMs: number;
}

export async function newWorld(): Promise<World> {
  const world: { nowMs: number } = { nowMs: 20_000 * DAY_MS };
  const clock: Clock = { now: () => world.nowMs, monotonic: () => world.nowMs, sleep: async () => {} };
  const directory = await mkdtemp(join(tmpdir(), 'slipway-signed-'));
  return Object.assign(world, { clock, directory, store: createMemoryStore(clock) });
}

export interface Who {
  /** Names the machine: what it remembers is its own. */
  readonly machine?: string;
  readonly scopes?: readonly string[];
  readonly keys?: readonly TrustedKey[];
  readonly signsWith?: readonly SigningKey[];
  readonly isRequired?: boolean;
  readonly areModulesProven?: boolean;
  readonly repository?: string;
  /** No keys and no word of signatures. */
  readonly isUnaware?: boolean;
}

export function contextOf(world: World, who: Who = {}): WarmContext {
  const { scopes = ['main'], isRequired = true, signsWith = [], areModulesProven = false } = who;
  const { repository = FACTS.repository } = who;
  const policy = { keys: who.keys ?? [trusted(MAIN, { name: 'ci' })], repository, maxAgeMs: 30 * DAY_MS };
  const trust: TrustSettings = { policy, isRequired, signingKeys: signsWith, areModulesProven };
  return warmContext({
    store: world.store,
    clock: world.clock,
    workDirectory: join(world.directory, who.machine ?? 'machine'),
    scopes,
    options: {
      isStrict: false,
      facts: { ...FACTS, repository },
      ...(who.isUnaware === true ? {} : { trust }),
    },
  });
}

export const read = (world: World, who: Who = {}): Promise<StoredState> => {
  const context = contextOf(world, who);
  return readStoredState(context, context.options.scopes.read);
};

export function packNamed(name: string, kind: MountKind = 'gocache'): Promise<WrittenPack> {
  return packOf(kind, kind === 'gocache' ? smallCache(name) : moduleFiles(`example.com/${name}`));
}

/** As `save` does after the mounts were looked at: the state is read now, unless an earlier one is given. */
export async function save(
  world: World,
  who: Who,
  packs: readonly WrittenPack[],
  earlier?: StoredState,
): Promise<SnapshotName> {
  const context = contextOf(world, who);
  const plan = planSigning(context.options, earlier ?? (await read(world, who)));
  const directory = join(world.directory, `out-${Math.random()}`);
  await mkdir(directory, { recursive: true });
  const fresh = await Promise.all(
    packs.map(async ({ facts, bytes }, index) => {
      const file = join(directory, `${index}.tar.gz`);
      await writeFile(file, bytes);
      return { facts, file };
    }),
  );
  const { name } = await publish(context, plan.state, {
    fresh,
    used: {},
    build: undefined,
    owners: {},
    facts: { ...context.options.facts },
    signingKeys: plan.keys,
    directory,
  });
  return name;
}

/** What the scope's snapshot of this name says. */
export async function snapshotAt(world: World, name: SnapshotName): Promise<Snapshot> {
  const { manifest, config } = await documentsAt(world, name);
  return decodeSnapshot(manifest, config);
}

export async function documentsAt(world: World, name: SnapshotName): Promise<{ manifest: Uint8Array; config: Buffer }> {
  const manifest = await world.store.readSnapshot(name);
  if (manifest === undefined) throw new Error('no such snapshot');
  const chunks: Uint8Array[] = [];
  const config = await world.store.readBlob(decodeManifest(manifest).config.digest);
  for await (const chunk of config?.body ?? []) chunks.push(chunk);
  return { manifest, config: Buffer.concat(chunks) };
}

export function recordOf({ facts }: WrittenPack): PackRecord {
  const { entries, ...rest } = facts;
  const ages = new Uint8Array(entries.length);
  return {
    ...rest,
    representation: 'files',
    entryCount: entries.length,
    entryList: encodeEntryList(facts).record,
    ages,
  };
}

/** What somebody does who may write to the store and has no key: any snapshot at all, every digest of it right. */
export async function plant(
  world: World,
  packs: readonly WrittenPack[],
  {
    change = {},
    sign,
    name,
  }: { change?: Partial<Snapshot>; sign?: readonly SigningKey[]; name?: Partial<SnapshotName> } = {},
): Promise<SnapshotName> {
  for (const { facts, bytes } of packs) {
    await put(world, facts.digest, bytes);
    const list = encodeEntryList(facts);
    await put(world, list.record.digest, list.bytes);
  }
  const snapshot: Snapshot = {
    formatVersion: 1,
    scope: 'main',
    sequence: 100,
    nonce: 'eeeeeeee',
    createdAtMs: world.nowMs,
    merged: [],
    packs: packs.map(recordOf),
    history: [],
    owners: {},
    facts: FACTS,
    ...change,
  };
  const plain = encodeSnapshot(snapshot);
  const encoded = sign === undefined ? plain : signSnapshot(plain, snapshot, sign);
  return plantDocuments(world, encoded, {
    scope: snapshot.scope,
    sequence: snapshot.sequence,
    nonce: snapshot.nonce,
    ...name,
  });
}

export async function plantDocuments(
  world: World,
  { manifest, config }: Pick<EncodedSnapshot, 'manifest' | 'config'>,
  name: SnapshotName,
): Promise<SnapshotName> {
  await put(world, digestOf(config), config, CONFIG_MEDIA_TYPE);
  await world.store.writeSnapshot(name, manifest);
  return name;
}

async function put(world: World, digest: Digest, bytes: Uint8Array, mediaType = LAYER_MEDIA_TYPE): Promise<void> {
  await world.store.writeBlob({ digest, sizeBytes: bytes.length, mediaType }, async function* () {
    yield bytes;
  });
}
