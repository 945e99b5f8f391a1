/** What a pack may cost its reader. Held before anything is allocated; a pack beyond them is refused, never cut. */
export interface PackLimits {
  /** Bytes of the gzip'd pack. */
  readonly compressedBytes: number;
  /** Bytes of the tar inside. */
  readonly uncompressedBytes: number;
  /** Bytes of one member. */
  readonly memberBytes: number;
  readonly entries: number;
  /** Bytes out per byte in, beyond the first 64 MiB. Go's archives reach 10; a bomb reaches 1000. */
  readonly ratio: number;
}

const GIB = 1024 ** 3;

export const DEFAULT_PACK_LIMITS: PackLimits = {
  compressedBytes: 8 * GIB,
  uncompressedBytes: 64 * GIB,
  memberBytes: 4 * GIB,
  entries: 2_000_000,
  ratio: 200,
};

/** The ratio is not judged before this many bytes came out: small packs of zeros are no danger. */
export const RATIO_FREE_BYTES: number = 64 * 1024 ** 2;

/** Longest entry path and member name, in bytes, and most path elements. */
export const MAX_PATH_BYTES = 1024;
export const MAX_PATH_DEPTH = 64;

/** File systems take no longer names. */
export const MAX_ELEMENT_BYTES = 255;

export const MAX_MANIFEST_BYTES: number = 4 * 1024 ** 2;
export const MAX_CONFIG_BYTES: number = 16 * 1024 ** 2;
export const MAX_LAYERS = 512;
export const MAX_ENTRY_LIST_BYTES: number = 64 * 1024 ** 2;
