import type { Clock } from '../../core/clock.ts';
import type { Digest } from '../../core/digest.ts';
import { errorMessage, SlipwayError } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { PublicReading, ReadOptions, SecondSource, SnapshotName, Store, WriteResult } from '../port.ts';
import { compareSnapshots } from '../snapshot-key.ts';
import { askTiers } from './ask-tiers.ts';
import { fillNearer, hasToFill, keyOf, type ReadSnapshot } from './fill-nearer.ts';
import { fillTier, withinSeconds, type LocalBlob } from './fill-tier.ts';
import { mostExposed } from './most-exposed.ts';
import { namedBlobs } from './named-blobs.ts';
import { openBlobOfTiers, readFirst } from './read-tiers.ts';
import { newTier, tellReadFault, tellWriteFault, type Tier, type TierReport, type TierSpec } from './tier.ts';

export interface TieredOptions {
  readonly clock: Clock;
  /** Takes one warning for each store that fails. */
  readonly logger: Logger;
  readonly localBlob?: LocalBlob;
  /** How long bringing blobs from one store into another may take, each time. */
  readonly fillSeconds?: number;
}

export interface TieredStore extends Store, SecondSource, PublicReading {
  /** Would `fillNearer` write anything? */
  hasToFill(): boolean;
  /** Writes what came from a farther store into the nearer ones. A store that fails is told, never thrown. */
  fillNearer(options?: ReadOptions): Promise<void>;
  /** What was moved so far, store by store. */
  reports(): readonly TierReport[];
}

export function hasTiers(store: Store): store is TieredStore {
  return 'fillNearer' in store;
}

const DEFAULT_FILL_SECONDS = 30;

/**
 * Several stores as one, the nearest first. Snapshots are listed in all of them and united by their names; a blob comes
 * from the first store that has it, and from the next one when that fails on the way. Writes go to every store that may
 * be written; a snapshot only to those that hold all it names, after they were given what they lack. One store that
 * fails is told once and the others go on: only when all fail, or a strict one does, the call fails.
 */
export function tieredStore(specs: readonly TierSpec[], options: TieredOptions): TieredStore {
  const { logger, clock, localBlob = async () => undefined, fillSeconds = DEFAULT_FILL_SECONDS } = options;
  const tiers = specs.map(newTier);
  /** Who gave a blob or snapshot last. */
  const givers = new Map<string, Tier>();
  const snapshots = new Map<string, ReadSnapshot>();
  const filling = { clock, logger, localBlob, fillSeconds };

  const unrejected = (subject: string): readonly Tier[] => {
    const good = tiers.filter((tier) => !tier.rejected.has(subject));
    return good.length > 0 ? good : tiers;
  };
  const reject = (subject: string): boolean => {
    const giver = givers.get(subject);
    if (giver === undefined || giver.rejected.has(subject)) return false;
    if (giver.rejected.size === 0) {
      logger.warning(
        `${giver.store.description} holds something damaged, which another store may have: \`${subject}\``,
      );
    }
    giver.rejected.add(subject);
    return tiers.some((tier) => !tier.rejected.has(subject) && !tier.missing.has(subject as Digest));
  };
  const remember = (name: SnapshotName, manifest: Uint8Array, from: number): void => {
    snapshots.set(keyOf(name), { name, manifest, from });
    // A store shows a snapshot only when it has all that it names.
    for (const tier of tiers.filter(({ listed }) => listed.has(keyOf(name)))) {
      for (const { digest } of namedBlobs(manifest)) if (!tier.missing.has(digest)) tier.present.add(digest);
    }
  };

  return {
    description: tiers.map(({ store }) => store.description).join(', '),

    async hasBlob(digest, { signal } = {}) {
      const ask = ({ store }: Tier): Promise<boolean> => store.hasBlob(digest, { signal });
      const answers = await askTiers(tiers, ask, { logger, signal, tell: tellReadFault });
      return [...answers.values()].includes(true);
    },

    async readBlob(digest, readOptions = {}) {
      readOptions.signal?.throwIfAborted();
      const onGiver = (tier: Tier): void => void givers.set(digest, tier);
      return openBlobOfTiers(unrejected(digest), digest, { ...readOptions, logger, onGiver });
    },

    async writeBlob(blob, source, { signal } = {}) {
      const write = async (tier: Tier): Promise<WriteResult> => {
        const result = await tier.store.writeBlob(blob, source, { signal });
        tier.present.add(blob.digest);
        tier.missing.delete(blob.digest);
        tier.up.bytes += result.bytesSent;
        if (result.bytesSent > 0) tier.up.blobs += 1;
        return result;
      };
      return sumOf(await askTiers(writableTiers(tiers), write, { logger, signal, tell: tellWriteFault }));
    },

    async listSnapshots(scope, { signal } = {}) {
      const list = ({ store }: Tier): Promise<readonly SnapshotName[]> => store.listSnapshots(scope, { signal });
      const names = new Map<string, SnapshotName>();
      for (const [tier, listed] of await askTiers(tiers, list, { logger, signal, tell: tellReadFault })) {
        for (const name of listed) {
          tier.listed.add(keyOf(name));
          names.set(keyOf(name), name);
        }
      }
      return [...names.values()].sort(compareSnapshots);
    },

    async readSnapshot(name, { signal } = {}) {
      signal?.throwIfAborted();
      const key = keyOf(name);
      const isListed = (tier: Tier): number => Number(tier.listed.has(key));
      const order = unrejected(key).toSorted((a, b) => isListed(b) - isListed(a));
      const found = await readFirst(order, ({ store }) => store.readSnapshot(name, { signal }), { logger, signal });
      if (found === undefined) return undefined;
      givers.set(key, found.tier);
      found.tier.down.snapshots += 1;
      remember(name, found.value, tiers.indexOf(found.tier));
      return found.value;
    },

    async writeSnapshot(name, manifest, { signal } = {}) {
      const write = async (tier: Tier): Promise<WriteResult> => {
        await withinSeconds({ clock, seconds: fillSeconds, signal }, (inner) =>
          fillTier(tier, namedBlobs(manifest), { tiers, localBlob, signal: inner }),
        );
        const result = await tier.store.writeSnapshot(name, manifest, { signal });
        tier.listed.add(keyOf(name));
        tier.writtenScopes.add(name.scope);
        tier.up.bytes += result.bytesSent;
        tier.up.snapshots += 1;
        return result;
      };
      // Only this snapshot isn't there; another one may be.
      const tell = (tier: Tier, error: unknown): void => {
        tier.faults.add(errorMessage(error));
        logger.warning(`${tier.store.description} is not written: ${errorMessage(error)}`);
      };
      return sumOf(await askTiers(writableTiers(tiers), write, { logger, signal, tell }));
    },

    // What is only read is given nothing.
    readableByStrangers: (exposureOptions) =>
      mostExposed(
        tiers.filter(({ isReadOnly }) => !isReadOnly),
        exposureOptions,
      ),
    rejectBlob: reject,
    rejectSnapshot: (name) => reject(keyOf(name)),
    hasToFill: () => hasToFill(tiers, [...snapshots.values()]),
    fillNearer: ({ signal } = {}) => fillNearer(tiers, [...snapshots.values()], { ...filling, signal }),
    reports: () => tiers.map(reportOf),
  };
}

function writableTiers(tiers: readonly Tier[]): readonly Tier[] {
  const open = tiers.filter((tier) => !tier.isReadOnly);
  const healthy = open.filter((tier) => tier.writeFault === undefined);
  if (healthy.length > 0) return healthy;
  if (open.length > 0) throw new SlipwayError('STORE_FAILED', `no store is written: ${open[0]?.writeFault ?? ''}`);
  throw new SlipwayError('STORE_DENIED', 'no store may be written', {
    hint: 'Leave `read-only=true` out of the spec of one of them.',
  });
}

function reportOf(tier: Tier): TierReport {
  const { store, isReadOnly, down, up, filled, faults } = tier;
  return {
    store: store.description,
    isReadOnly,
    down: { ...down },
    up: { ...up },
    filled: { ...filled },
    faults: [...faults],
  };
}

function sumOf(results: ReadonlyMap<Tier, WriteResult>): WriteResult {
  return { bytesSent: [...results.values()].reduce((sum, { bytesSent }) => sum + bytesSent, 0) };
}
