import { type Digest, digestOf } from '../core/digest.ts';
import { SlipwayError } from '../core/errors.ts';
import type { MountKind } from '../core/mount-kind.ts';
import { decodeAges, encodeAges } from './ages.ts';
import { DEFAULT_PACK_LIMITS, MAX_CONFIG_BYTES, MAX_LAYERS } from './limits.ts';
import { decodeManifest, encodeManifest, layersDigest, type LayerBlob } from './manifest.ts';
import {
  asAmount,
  asArray,
  asCount,
  asDigest,
  asObject,
  asText,
  type JsonObject,
  parseJsonObject,
  snapshotError,
} from './snapshot-json.ts';
import type { BuildRecord, LayerRecord, PackRecord, Representation, RestoredShare, Snapshot } from './types.ts';

export { decodeManifest } from './manifest.ts';

/** Our member of the image config. Other tools ignore members they don't know: image-spec v1.1.1, config.md. */
const DOCUMENT_KEY = 'dev.slipway.snapshot';
const FORMAT_VERSION = 1;
const MAX_HISTORY = 20;

export interface EncodedSnapshot {
  readonly manifest: Uint8Array;
  readonly manifestDigest: Digest;
  readonly config: Uint8Array;
  readonly configDigest: Digest;
}

/**
 * The snapshot as an OCI image manifest and config: see `docs/formats/snapshot.md`. The same snapshot gives the same
 * bytes. The config, the packs and the entry lists are stored before the manifest, which is the commit.
 */
export function encodeSnapshot(snapshot: Snapshot): EncodedSnapshot {
  const layers = snapshot.packs.flatMap((pack): LayerRecord[] => [
    layerOf(pack),
    { digest: pack.entryList.digest, sizeBytes: pack.entryList.sizeBytes, diffId: pack.entryList.diffId },
  ]);
  const [os, architecture] = (snapshot.facts.platform ?? 'linux/amd64').split('/');
  const config = Buffer.from(
    JSON.stringify({
      created: new Date(snapshot.createdAtMs).toISOString(),
      architecture,
      os,
      config: {},
      rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.diffId) },
      [DOCUMENT_KEY]: formatDocument(snapshot, layers),
    }),
  );
  const configDigest = digestOf(config);
  const manifest = encodeManifest({ config: { digest: configDigest, sizeBytes: config.length }, layers });
  // What readers would refuse must never be published.
  decodeSnapshot(manifest, config);
  return { manifest, manifestDigest: digestOf(manifest), config, configDigest };
}

function layerOf({ digest, sizeBytes, diffId, compression }: PackRecord): LayerRecord {
  return { digest, sizeBytes, diffId, ...(compression === undefined ? {} : { compression }) };
}

/** Reads a snapshot back; packs of a kind or representation that this version doesn't know are left out. */
export function decodeSnapshot(manifestBytes: Uint8Array, configBytes: Uint8Array): Snapshot {
  const manifest = decodeManifest(manifestBytes);
  if (configBytes.length > MAX_CONFIG_BYTES) throw snapshotError(`a config of ${configBytes.length} bytes`);
  if (configBytes.length !== manifest.config.sizeBytes || digestOf(configBytes) !== manifest.config.digest) {
    throw snapshotError('the config is not the one that the manifest names');
  }
  const config = parseJsonObject(configBytes, 'config');
  if (!(DOCUMENT_KEY in config)) throw snapshotError('the image is not a snapshot of slipway');
  const document = asObject(config[DOCUMENT_KEY], DOCUMENT_KEY);
  if (document.formatVersion !== FORMAT_VERSION) {
    throw new SlipwayError('FORMAT_UNKNOWN', 'the snapshot has a format that this slipway does not know', {
      hint: 'Use the newest slipway everywhere, or another scope for the old one.',
    });
  }
  return parseDocument(document, parseLayers(config, manifest.layers, document));
}

function formatDocument(snapshot: Snapshot, layers: readonly LayerBlob[]): object {
  return {
    formatVersion: FORMAT_VERSION,
    scope: snapshot.scope,
    sequence: snapshot.sequence,
    nonce: snapshot.nonce,
    createdAtMs: snapshot.createdAtMs,
    layersDigest: layersDigest(layers),
    merged: snapshot.merged,
    packs: snapshot.packs.map((pack, index) => ({
      layer: 2 * index,
      entryListLayer: 2 * index + 1,
      kind: pack.kind,
      representation: pack.representation,
      uncompressedBytes: pack.uncompressedBytes,
      entryCount: pack.entryCount,
      ages: encodeAges(pack.ages),
    })),
    history: snapshot.history.map((build) => ({
      finishedAtMs: build.finishedAtMs,
      buildSeconds: build.buildSeconds,
      restoreSeconds: build.restoreSeconds,
      restoredBytes: build.restoredBytes,
      isCold: build.isCold,
      // Absent where they aren't known; JSON leaves them out.
      restored: build.restored,
      downloadSeconds: build.downloadSeconds,
      injectedBytes: build.injectedBytes,
      injectSeconds: build.injectSeconds,
      place: build.place === 'host' ? 'host' : undefined,
      stepsKey: build.stepsKey,
    })),
    owners: sortKeys(snapshot.owners),
    facts: sortKeys(snapshot.facts),
  };
}

function parseLayers(config: JsonObject, layers: readonly LayerBlob[], document: JsonObject): LayerRecord[] {
  const rootfs = asObject(config.rootfs, 'rootfs');
  const diffIds = asArray(rootfs.diff_ids, 'rootfs.diff_ids', MAX_LAYERS);
  if (rootfs.type !== 'layers' || diffIds.length !== layers.length) {
    throw snapshotError('the config does not list the layers of the manifest');
  }
  if (asDigest(document.layersDigest, 'layersDigest') !== layersDigest(layers)) {
    throw snapshotError('the layers of the manifest are not those of the config');
  }
  return layers.map((layer, index) => ({ ...layer, diffId: asDigest(diffIds[index], `rootfs.diff_ids[${index}]`) }));
}

function parseDocument(document: JsonObject, layers: readonly LayerRecord[]): Snapshot {
  const packs = asArray(document.packs, 'packs', MAX_LAYERS / 2)
    .map((value, index) => parsePack(asObject(value, `packs[${index}]`), `packs[${index}]`, layers))
    .filter((pack) => pack !== undefined);
  if (new Set(packs.map((pack) => pack.digest)).size !== packs.length) throw snapshotError('a pack is named twice');
  if (packs.reduce((sum, pack) => sum + pack.entryCount, 0) > DEFAULT_PACK_LIMITS.entries) {
    throw snapshotError(`more than ${DEFAULT_PACK_LIMITS.entries} entries`);
  }
  return {
    formatVersion: FORMAT_VERSION,
    scope: asText(document.scope, 'scope', PLAIN_TEXT),
    sequence: asCount(document.sequence, 'sequence'),
    nonce: asText(document.nonce, 'nonce', /^[0-9a-f]{8}$/),
    createdAtMs: asCount(document.createdAtMs, 'createdAtMs', 8.64e15),
    merged: asArray(document.merged, 'merged', 10_000).map((name) =>
      asText(name, 'merged', /^[0-9]{1,16}-[0-9a-f]{8}$/),
    ),
    packs,
    history: asArray(document.history, 'history', MAX_HISTORY).map(parseBuild),
    owners: parseOwners(asObject(document.owners, 'owners')),
    facts: parseFacts(asObject(document.facts, 'facts')),
  };
}

function parsePack(pack: JsonObject, what: string, layers: readonly LayerRecord[]): PackRecord | undefined {
  const { kind, representation } = pack;
  if (!isMountKind(kind) || !isRepresentation(representation)) return undefined;
  if (kind === 'gocache' && representation !== 'files') return undefined;
  const layer = layers[asCount(pack.layer, `${what}.layer`)];
  const entryList = layers[asCount(pack.entryListLayer, `${what}.entryListLayer`)];
  if (layer === undefined || entryList === undefined || layer === entryList)
    throw snapshotError(`\`${what}\` names no layer`);
  const entryCount = asCount(pack.entryCount, `${what}.entryCount`, DEFAULT_PACK_LIMITS.entries);
  return {
    kind,
    representation,
    ...layer,
    uncompressedBytes: asCount(
      pack.uncompressedBytes,
      `${what}.uncompressedBytes`,
      DEFAULT_PACK_LIMITS.uncompressedBytes,
    ),
    entryCount,
    entryList,
    ages: decodeAges(asText(pack.ages, `${what}.ages`, /^[A-Za-z0-9+/]+={0,2}$/), entryCount),
  };
}

function parseBuild(value: unknown): BuildRecord {
  const build = asObject(value, 'history');
  if (typeof build.isCold !== 'boolean') throw snapshotError('`history.isCold` is not true or false');
  return {
    finishedAtMs: asCount(build.finishedAtMs, 'history.finishedAtMs', 8.64e15),
    buildSeconds: asAmount(build.buildSeconds, 'history.buildSeconds'),
    restoreSeconds: asAmount(build.restoreSeconds, 'history.restoreSeconds'),
    restoredBytes: asCount(build.restoredBytes, 'history.restoredBytes'),
    isCold: build.isCold,
    ...(RESTORED_SHARES.includes(build.restored as RestoredShare) ? { restored: build.restored as RestoredShare } : {}),
    ...optionalAmount(build, 'downloadSeconds'),
    ...optionalAmount(build, 'injectedBytes'),
    ...optionalAmount(build, 'injectSeconds'),
    ...(build.place === 'host' ? { place: 'host' } : {}),
    ...(typeof build.stepsKey === 'string' && STEPS_KEY.test(build.stepsKey) ? { stepsKey: build.stepsKey } : {}),
  };
}

const STEPS_KEY = /^[0-9a-f]{16}$/;

const RESTORED_SHARES: readonly RestoredShare[] = ['all', 'modules', 'part', 'none'];

function optionalAmount<K extends string>(build: JsonObject, key: K): { readonly [key in K]?: number } {
  if (build[key] === undefined) return {};
  return { [key]: asAmount(build[key], `history.${key}`) } as { readonly [key in K]: number };
}

/** Printable characters only: these texts end up on terminals and in reports. */
const PLAIN_TEXT = /^[^\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]{1,512}$/u;

function parseOwners(owners: JsonObject): Snapshot['owners'] {
  const known: { [kind in MountKind]?: string } = {};
  for (const [kind, owner] of Object.entries(owners)) {
    if (isMountKind(kind)) known[kind] = asText(owner, `owners.${kind}`, /^[0-9]{1,10}:[0-9]{1,10}$/);
  }
  return known;
}

function parseFacts(facts: JsonObject): Readonly<Record<string, string>> {
  const pairs = Object.entries(facts);
  if (pairs.length > 64) throw snapshotError('`facts` has more than 64 members');
  return Object.fromEntries(
    pairs.map(([key, value]) => [asText(key, 'facts', /^[a-z][A-Za-z0-9]{0,63}$/), asText(value, 'facts', PLAIN_TEXT)]),
  );
}

function isMountKind(value: unknown): value is MountKind {
  return value === 'gocache' || value === 'gomodcache';
}

function isRepresentation(value: unknown): value is Representation {
  return value === 'files' || value === 'trees' || value === 'tree-index';
}

function sortKeys(record: Readonly<Record<string, string | undefined>>): object {
  return Object.fromEntries(
    Object.entries(record)
      .filter(([, value]) => value !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
