import { isSlipwayError, SlipwayError } from '../core/errors.ts';
import type { BlobRecord } from '../pack/manifest.ts';
import { decodeSnapshot } from '../pack/snapshot.ts';
import type { Snapshot } from '../pack/types.ts';
import { hasSecondSource, type Store } from '../store/port.ts';

const LARGEST_CONFIG = 16 << 20;

/** The snapshot of a manifest whose config was named by it. Throws SNAPSHOT_INVALID, FORMAT_UNKNOWN, BLOB_MISSING, or what the store throws. */
export async function readSnapshotDocument(
  store: Store,
  manifest: Uint8Array,
  { config, signal }: { readonly config: BlobRecord; readonly signal: AbortSignal },
): Promise<Snapshot> {
  if (config.sizeBytes > LARGEST_CONFIG) throw new SlipwayError('SNAPSHOT_INVALID', 'its config is over 16 MiB');
  return decodeSnapshot(manifest, await readConfig(store, config, signal));
}

async function readConfig(store: Store, config: BlobRecord, signal: AbortSignal): Promise<Uint8Array> {
  const blob = await store.readBlob(config.digest, { signal });
  if (blob === undefined) throw new SlipwayError('BLOB_MISSING', `its config \`${config.digest}\` is gone`);
  try {
    return await collectBody(blob.body, LARGEST_CONFIG);
  } catch (error) {
    const isElsewhere =
      isSlipwayError(error, 'BLOB_CORRUPT') && hasSecondSource(store) && store.rejectBlob(config.digest);
    if (!isElsewhere) throw error;
    return readConfig(store, config, signal);
  }
}

/** The whole of a small document; one that goes on past the limit throws SNAPSHOT_INVALID before it is in memory. */
export async function collectBody(body: AsyncIterable<Uint8Array>, limitBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > limitBytes) throw new SlipwayError('SNAPSHOT_INVALID', `it is larger than ${limitBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
