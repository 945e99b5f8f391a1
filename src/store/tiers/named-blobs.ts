import { isDigest } from '../../core/digest.ts';
import type { BlobDescriptor } from '../port.ts';

/**
 * The blobs that a snapshot's manifest names, its config first; nothing for bytes that are no manifest. Only names,
 * sizes and types are read: what makes a manifest valid is not this layer's business.
 */
export function namedBlobs(manifest: Uint8Array): readonly BlobDescriptor[] {
  const document = parse(manifest);
  const layers = Array.isArray(document?.['layers']) ? document['layers'] : [];
  const found = [document?.['config'], ...layers].map(readDescriptor).filter((blob) => blob !== undefined);
  return [...new Map(found.map((blob) => [blob.digest, blob])).values()];
}

function readDescriptor(value: unknown): BlobDescriptor | undefined {
  const { digest, size, mediaType } = (value ?? {}) as Record<string, unknown>;
  if (typeof digest !== 'string' || !isDigest(digest)) return undefined;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return undefined;
  return { digest, sizeBytes: size, mediaType: typeof mediaType === 'string' ? mediaType : 'application/octet-stream' };
}

function parse(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
