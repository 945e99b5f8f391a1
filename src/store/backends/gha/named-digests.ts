import { isDigest, type Digest } from '../../../core/digest.ts';

/** The digests of a manifest's config and layers; none for bytes that are no manifest. */
export function namedDigests(manifest: Uint8Array): readonly Digest[] {
  const { config, layers } = parse(manifest);
  const descriptors: readonly unknown[] = [config, ...(Array.isArray(layers) ? layers : [])];
  const digests = descriptors.map((one) => (one as { digest?: unknown } | null | undefined)?.digest);
  return [...new Set(digests.filter((digest) => typeof digest === 'string' && isDigest(digest)))];
}

function parse(manifest: Uint8Array): { config?: unknown; layers?: unknown } {
  try {
    return (JSON.parse(new TextDecoder().decode(manifest)) as object | null) ?? {};
  } catch {
    // Whoever reads the manifest says what is wrong with it.
    return {};
  }
}
