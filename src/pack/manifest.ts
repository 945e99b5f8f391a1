import { type Digest, digestOf } from '../core/digest.ts';
import type { Compression } from './compression.ts';
import { MAX_CONFIG_BYTES, MAX_LAYERS, MAX_MANIFEST_BYTES } from './limits.ts';
import {
  asArray,
  asCount,
  asDigest,
  asObject,
  type JsonObject,
  parseJsonObject,
  snapshotError,
} from './snapshot-json.ts';

/** https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md and media-types.md */
export const MANIFEST_MEDIA_TYPE = 'application/vnd.oci.image.manifest.v1+json';
export const CONFIG_MEDIA_TYPE = 'application/vnd.oci.image.config.v1+json';
export const LAYER_MEDIA_TYPE = 'application/vnd.oci.image.layer.v1.tar+gzip';
const ZSTD_LAYER_MEDIA_TYPE = 'application/vnd.oci.image.layer.v1.tar+zstd';

/** Where a manifest carries signatures; what they are is for `trust/` to say. */
export const SIGNATURES_KEY = 'dev.slipway.signatures';

export interface BlobRecord {
  readonly digest: Digest;
  readonly sizeBytes: number;
}

export interface LayerBlob extends BlobRecord {
  /** Absent: `gzip`. */
  readonly compression?: Compression;
}

/** A layer as stores are given it. */
export function layerBlob({ digest, sizeBytes, compression }: LayerBlob): BlobRecord & { readonly mediaType: string } {
  return { digest, sizeBytes, mediaType: compression === 'zstd' ? ZSTD_LAYER_MEDIA_TYPE : LAYER_MEDIA_TYPE };
}

export interface DecodedManifest {
  readonly config: BlobRecord;
  readonly layers: readonly LayerBlob[];
  /** The annotation with the signatures as it stands there, or '' for one that is no text. */
  readonly signatures?: string;
}

/** An image manifest with its members in a fixed order and no white space. */
export function encodeManifest(manifest: DecodedManifest): Uint8Array {
  const descriptor = ({ mediaType, digest, sizeBytes }: BlobRecord & { readonly mediaType: string }): object => ({
    mediaType,
    digest,
    size: sizeBytes,
  });
  return Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST_MEDIA_TYPE,
      config: descriptor({ ...manifest.config, mediaType: CONFIG_MEDIA_TYPE }),
      layers: manifest.layers.map((layer) => descriptor(layerBlob(layer))),
      ...(manifest.signatures === undefined ? {} : { annotations: { [SIGNATURES_KEY]: manifest.signatures } }),
    }),
  );
}

/**
 * Reads the manifest of a snapshot. Its config says whether it is one of ours, and holds a digest over the layers.
 * A document with `layers` and `manifests` could be taken for an image here and an index there: CVE-2021-41190.
 */
export function decodeManifest(bytes: Uint8Array): DecodedManifest {
  if (bytes.length > MAX_MANIFEST_BYTES) throw snapshotError(`a manifest of ${bytes.length} bytes`);
  const manifest = parseJsonObject(bytes, 'manifest');
  if (manifest.schemaVersion !== 2 || manifest.mediaType !== MANIFEST_MEDIA_TYPE) {
    throw snapshotError('the manifest is not an OCI image manifest');
  }
  if ('manifests' in manifest) throw snapshotError('the manifest has both `layers` and `manifests`');
  const signatures = readSignatures(manifest.annotations);
  return {
    config: parseDescriptor(manifest.config, 'config', { mediaType: CONFIG_MEDIA_TYPE, maxBytes: MAX_CONFIG_BYTES }),
    layers: asArray(manifest.layers, 'layers', MAX_LAYERS).map((layer, index) => parseLayer(layer, `layers[${index}]`)),
    ...(signatures === undefined ? {} : { signatures }),
  };
}

/** Annotations are anybody's: none of them makes a manifest unreadable. */
function readSignatures(annotations: unknown): string | undefined {
  if (typeof annotations !== 'object' || annotations === null || !Object.hasOwn(annotations, SIGNATURES_KEY))
    return undefined;
  const text = (annotations as JsonObject)[SIGNATURES_KEY];
  return typeof text === 'string' ? text : '';
}

/** Names all layers, so that the config, which the manifest names by digest, vouches for the manifest in turn. */
export function layersDigest(layers: readonly BlobRecord[]): Digest {
  return digestOf(layers.map((layer) => `${layer.digest} ${layer.sizeBytes}\n`).join(''));
}

function parseLayer(value: unknown, what: string): LayerBlob {
  const isZstd = asObject(value, what).mediaType === ZSTD_LAYER_MEDIA_TYPE;
  const blob = parseDescriptor(value, what, { mediaType: isZstd ? ZSTD_LAYER_MEDIA_TYPE : LAYER_MEDIA_TYPE });
  return isZstd ? { ...blob, compression: 'zstd' } : blob;
}

/** `urls` in a descriptor is not even looked at: a blob comes from the store or not at all. */
function parseDescriptor(value: unknown, what: string, rule: { mediaType: string; maxBytes?: number }): BlobRecord {
  const descriptor = asObject(value, what);
  if (descriptor.mediaType !== rule.mediaType)
    throw snapshotError(`\`${what}.mediaType\` is not \`${rule.mediaType}\``);
  return {
    digest: asDigest(descriptor.digest, `${what}.digest`),
    sizeBytes: asCount(descriptor.size, `${what}.size`, rule.maxBytes),
  };
}
