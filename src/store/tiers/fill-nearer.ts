import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/logger.ts';
import { formatBytes } from '../../core/size.ts';
import type { ReadOptions, SnapshotName } from '../port.ts';
import { formatSnapshotKey } from '../snapshot-key.ts';
import { fillTier, withinSeconds, type LocalBlob } from './fill-tier.ts';
import { namedBlobs } from './named-blobs.ts';
import { tellWriteFault, type Tier } from './tier.ts';

/** A snapshot that this run has read, with the place of the store that gave it. */
export interface ReadSnapshot {
  readonly name: SnapshotName;
  readonly manifest: Uint8Array;
  readonly from: number;
}

export interface NearerOptions extends ReadOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly localBlob: LocalBlob;
  /** For each store. */
  readonly fillSeconds: number;
}

/**
 * Writes what came from a farther store into the nearer ones: the blobs that a snapshot there lacks, and whole snapshots,
 * blobs first. A store that fails is told and left as it is, which is never worse than before.
 */
export async function fillNearer(
  tiers: readonly Tier[],
  snapshots: readonly ReadSnapshot[],
  options: NearerOptions,
): Promise<void> {
  const { logger, signal, fillSeconds } = options;
  await Promise.all(
    tiers.map(async (tier, index) => {
      const wanted = wantedBy(tier, index, snapshots);
      if (wanted.length === 0) return;
      try {
        await withinSeconds({ ...options, seconds: fillSeconds }, async (inner) => {
          for (const one of wanted) await bring(tier, one, { ...options, tiers, signal: inner });
        });
        const { blobs, bytes } = tier.filled;
        logger.info(
          `${tier.store.description} was filled from the other stores: ${blobs} blobs, ${formatBytes(bytes)}`,
        );
      } catch (error) {
        signal?.throwIfAborted();
        tellWriteFault(tier, error, logger);
      }
    }),
  );
}

/** Is there anything that `fillNearer` would write? */
export function hasToFill(tiers: readonly Tier[], snapshots: readonly ReadSnapshot[]): boolean {
  return tiers.some((tier, index) => wantedBy(tier, index, snapshots).length > 0);
}

function wantedBy(tier: Tier, index: number, snapshots: readonly ReadSnapshot[]): readonly ReadSnapshot[] {
  if (tier.isReadOnly || tier.readFault !== undefined || tier.writeFault !== undefined) return [];
  return snapshots.filter((one) => isWanted(tier, index, one));
}

function isWanted(tier: Tier, index: number, { name, manifest, from }: ReadSnapshot): boolean {
  if (tier.listed.has(keyOf(name))) return namedBlobs(manifest).some(({ digest }) => tier.missing.has(digest));
  return index < from && !tier.writtenScopes.has(name.scope);
}

async function bring(
  tier: Tier,
  { name, manifest }: ReadSnapshot,
  options: NearerOptions & { readonly tiers: readonly Tier[]; readonly signal: AbortSignal },
): Promise<void> {
  await fillTier(tier, namedBlobs(manifest), options);
  if (tier.listed.has(keyOf(name))) return;
  const { bytesSent } = await tier.store.writeSnapshot(name, manifest, { signal: options.signal });
  tier.listed.add(keyOf(name));
  tier.filled.bytes += bytesSent;
  tier.filled.snapshots += 1;
}

/** `scope@key`, for sets and maps. */
export function keyOf(name: SnapshotName): string {
  return `${name.scope}@${formatSnapshotKey(name)}`;
}
