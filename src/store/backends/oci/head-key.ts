import { digestOf, isDigest } from '../../../core/digest.ts';
import { openBlob } from '../../../oci/blobs.ts';
import type { Repository } from '../../../oci/repository.ts';
import type { ReadOptions } from '../../port.ts';

/** See `docs/formats/snapshot.md`, which sets this limit and the name of the member. */
const MAX_CONFIG_BYTES = 16 * 1024 * 1024;
const DOCUMENT_KEY = 'dev.slipway.snapshot';

/** `<sequence>-<nonce>` of the snapshot whose manifest this is, from its config; '' for what is no snapshot of ours. */
export async function readHeadKey(
  repository: Repository,
  manifest: Uint8Array,
  options: ReadOptions = {},
): Promise<string> {
  const digest = at(parse(manifest), 'config', 'digest');
  if (typeof digest !== 'string' || !isDigest(digest)) return '';
  const config = await openBlob(repository, digest, options);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of config?.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_CONFIG_BYTES) return '';
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  if (digestOf(bytes) !== digest) return '';
  const document = parse(bytes);
  return `${String(at(document, DOCUMENT_KEY, 'sequence'))}-${String(at(document, DOCUMENT_KEY, 'nonce'))}`;
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    // Somebody else's tag: no snapshot of ours.
    return undefined;
  }
}

function at(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | null | undefined)?.[key], value);
}
