import type { Digest } from '../core/digest.ts';
import type { MountKind } from '../core/mount-kind.ts';
import type { Compression } from './compression.ts';

/**
 * What a pack's entries are: `files` are cache files as they are, `trees` the directories of modules that builds import, unpacked, and
 * `tree-index` what those modules hold. See `docs/formats/pack.md`.
 */
export type Representation = 'files' | 'trees' | 'tree-index';

/** One file of a mount that may travel. `path` is relative to the cache directory, with `/`, without a leading one. */
export interface Entry {
  readonly path: string;
  readonly sizeBytes: number;
}

/** What reading a pack's structure tells. */
export interface PackMeasure {
  readonly kind: MountKind;
  readonly representation: Representation;
  /** Absent: `gzip`. */
  readonly compression?: Compression;
  /** Of the compressed bytes. */
  readonly sizeBytes: number;
  readonly uncompressedBytes: number;
  /** Sorted by path. */
  readonly entries: readonly Entry[];
}

/** What is known of a pack after its bytes were read and checked. */
export interface PackFacts extends PackMeasure {
  /** Of the compressed bytes. */
  readonly digest: Digest;
  /** Of the tar inside: what an OCI image config lists. */
  readonly diffId: Digest;
}

/** A pack as a snapshot names it. */
export interface PackRecord {
  readonly kind: MountKind;
  /** Readers skip packs of one that they don't know. */
  readonly representation: Representation;
  /** Absent: `gzip`. What a snapshot says of it is the media type of the layer; a reader sees by itself. */
  readonly compression?: Compression;
  readonly digest: Digest;
  readonly sizeBytes: number;
  readonly diffId: Digest;
  readonly uncompressedBytes: number;
  readonly entryCount: number;
  readonly entryList: LayerRecord;
  /** Per entry, in the order of the entry list: in how many saved builds running it was not used. 0 = by the last one, 255 = 255 or more. */
  readonly ages: Uint8Array;
}

export interface LayerRecord {
  readonly digest: Digest;
  readonly sizeBytes: number;
  readonly diffId: Digest;
  /** Absent: `gzip`, as always of entry lists. */
  readonly compression?: Compression;
}

/** One build that was saved, for the closing line and for the question whether the cache pays. */
export interface BuildRecord {
  readonly finishedAtMs: number;
  /** Seconds of the user's build alone. */
  readonly buildSeconds: number;
  readonly restoreSeconds: number;
  readonly restoredBytes: number;
  /** True when nothing was restored and the mounts were empty. */
  readonly isCold: boolean;
  /** What the build found in its mounts of what is stored; undefined in records of older writers. */
  readonly restored?: RestoredShare;
  /** In which `restoredBytes` came and were checked. */
  readonly downloadSeconds?: number;
  /** Compressed bytes of the packs that were unpacked, and how long that took. */
  readonly injectedBytes?: number;
  readonly injectSeconds?: number;
  /** Absent where a builder built. */
  readonly place?: BuildPlace;
  /** Of a build that stored its layers: 16 hex digits for all that decides its steps with cache mounts. */
  readonly stepsKey?: string;
}

/** Where Go ran: in a builder's container, or on the machine that slipway runs on. */
export type BuildPlace = 'builder' | 'host';

/** `part`: less than was meant, or it can't be told how much. */
export type RestoredShare = 'all' | 'modules' | 'part' | 'none';

/** The immutable document that names packs and their facts, written last. See `docs/formats/snapshot.md`. */
export interface Snapshot {
  readonly formatVersion: 1;
  readonly scope: string;
  readonly sequence: number;
  readonly nonce: string;
  readonly createdAtMs: number;
  /** Names (`<sequence>-<nonce>`) of the scope's snapshots whose entries this one holds too: they need not be read. */
  readonly merged: readonly string[];
  readonly packs: readonly PackRecord[];
  /** Newest first, at most 20. */
  readonly history: readonly BuildRecord[];
  /** `uid:gid` that owned the files of the mounts, so that a restore for a named USER knows whom to give them to. */
  readonly owners: { readonly [kind in MountKind]?: string };
  /** Free facts for people: `goVersion`, `ref`, `writer`. Short strings. */
  readonly facts: Readonly<Record<string, string>>;
}
