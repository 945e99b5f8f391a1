import { type InjectResult, joinInjected } from '../buildkit/inject-packs.ts';
import type { PackNames } from '../buildkit/name-lists.ts';
import type { PackRecord } from '../pack/types.ts';
import type { GoCaches } from './caches.ts';
import { fetchPacks, type FetchedPack, type FetchOptions, type FetchResult, joinFetched } from './fetch-packs.ts';
import type { RestoreWatch } from './guard/watch-restore.ts';
import type { BuilderPlan } from './plan-fetches.ts';
import { type BegunFill, type BytesThere, createRounds, type FetchedThere, type Rounds } from './rounds.ts';
import type { Stopwatch } from './stopwatch.ts';
import type { StoredState } from './stored-state.ts';
import { createTransferCounter } from './transfer-counter.ts';
import type { StoreContext } from './types.ts';

export interface Injection {
  /**
   * Injects the packs as they come and waits for the last one. The last round leaves the marker. `injected` is undefined when none of
   * the packs can be used.
   */
  injectAll(order: InjectOrder): Promise<Injected>;
  /** Counts what the builder fetches by itself. */
  readonly onBytesThere: (bytes: number) => void;
  /** Ends the downloads. What came stays on this machine for the next time. */
  stop(): Promise<void>;
}

export interface InjectOrder {
  /** Packs that the mounts hold already. */
  readonly present: readonly PackNames[];
  readonly marker: string;
  /** Packs that the builder fetches by itself; what it can't, this machine does. */
  readonly fetches?: BuilderPlan | undefined;
  /** Packs that it fetches already: all of the build cache. */
  readonly fill?: BegunFill | undefined;
}

export interface Injected {
  /** What was fetched, by whomever. */
  readonly fetched: FetchResult;
  readonly injected: InjectResult | undefined;
  /** Packed bytes of the packs that were unpacked. */
  readonly injectedBytes: number;
}

export interface InjectionPlace {
  readonly context: StoreContext;
  readonly caches: GoCaches;
  readonly state: StoredState;
  /** What go.sum says of the modules; undefined when none are wanted. */
  readonly modules: FetchOptions['modules'];
  /** Of this restore: the run's own, and the guard's. */
  readonly signal: AbortSignal;
  /** Of this restore, beside the packs. */
  readonly directory: string;
  readonly watch: Stopwatch;
  readonly guard: RestoreWatch;
}

/** A round costs a helper build, so it is made only for so many compressed bytes, with as many still to come. */
const ROUND_BYTES = 48 * 1024 ** 2;

export interface InjectionOptions {
  /** What the builder is to fetch later: it counts among what is to come. */
  readonly others?: readonly PackRecord[] | undefined;
  /** See `fetchPacks`. */
  readonly checkAfter?: Promise<void>;
}

/** Starts to download packs. Unpacking begins with the first of them, in rounds beside the downloads, not behind the last. */
export function startInjection(
  place: InjectionPlace,
  wanted: readonly PackRecord[],
  { others = [], checkAfter }: InjectionOptions = {},
): Injection {
  const { context, watch, guard } = place;
  const stopper = new AbortController();
  const signal = AbortSignal.any([context.signal, stopper.signal]);
  const arrivals = createArrivals(wanted);
  const counter = createTransferCounter(context, 'down', [...wanted, ...others]);
  const fetch = (packs: readonly PackRecord[], onPack?: (pack: FetchedPack) => void): Promise<FetchResult> =>
    watch.time('download', () =>
      // Build cache first: modules are put in place in one go, by the last round.
      fetchPacks(context, place.state, gocacheFirst(packs), {
        signal,
        enough: guard.enough,
        onBytes: guard.onBytes,
        counter,
        modules: place.modules,
        checkAfter,
        ...(onPack && { onPack }),
      }),
    );
  guard.expect(counter.left());
  const fetching = fetch(wanted, arrivals.add);
  // Awaited below in every case; until then a failure must not count as unhandled.
  fetching.then(arrivals.end, arrivals.end);
  const stop = async (): Promise<void> => {
    stopper.abort(new Error('the packs are not needed any more'));
    await fetching.catch(() => {});
  };
  const bytesThere = countBytes([counter.onBytes, guard.onBytes]);
  const inRounds = async (rounds: Rounds, { fetches, marker }: InjectOrder): Promise<Came> => {
    // With much to download here as well, the builder doesn't wait for it.
    const isAlone = fetches !== undefined && bytesOf(wanted) >= ROUND_BYTES;
    const early = isAlone ? await rounds.fetch(fetches, []) : undefined;
    for (let packs = await arrivals.next(); packs !== undefined; packs = await arrivals.next()) {
      await rounds.inject(packs);
    }
    const here = await fetching;
    const there = fetches && !isAlone ? await rounds.fetch(fetches, here.packs, { marker }) : early;
    return { there, injected: there?.injected };
  };
  const besideFill = async (rounds: Rounds, fill: BegunFill, marker: string): Promise<Came> => {
    const filled = rounds.join(fill);
    fetching.catch((error: unknown) => fill.running.stop(error));
    const hasModules = place.caches.places.some(({ kind }) => kind === 'gomodcache');
    const placed = hasModules
      ? fetching.then(({ packs }) => rounds.inject(packs, { marker, onlyKind: 'gomodcache' }))
      : Promise.resolve(joinInjected([]));
    // What places modules may fail for want of room: then the fill does too, and is left to take away what it wrote.
    await Promise.allSettled([filled, placed]);
    const [there, modules] = [await filled, await placed];
    return { there, injected: there.injected && joinInjected([there.injected, modules]) };
  };
  const injectAll = async (order: InjectOrder): Promise<Injected> => {
    const { present, marker, fetches, fill } = order;
    const all = [...wanted, ...((fill ?? fetches)?.records ?? [])];
    const rounds = createRounds(place, { wanted: all, present, counter, bytesThere });
    const { there, injected } = await (fill ? besideFill(rounds, fill, marker) : inRounds(rounds, order));
    const here = await fetching;
    const again = there !== undefined && there.unfetched.length > 0 ? await fetch(there.unfetched) : undefined;
    guard.onDownloaded();
    const parts = [here, there?.fetched, again].filter((part) => part !== undefined);
    const fetched = joinFetched(parts);
    const unpacked = [...fetched.packs.map(({ record }) => record), ...(there?.records ?? [])];
    if (unpacked.length === 0) return { fetched, injected: undefined, injectedBytes: 0 };
    const result = injected ?? (await rounds.inject(fetched.packs, { marker }));
    return { fetched, injected: result, injectedBytes: bytesOf(unpacked) };
  };
  return {
    stop,
    onBytesThere: bytesThere.onBytes,
    injectAll: async (order) => {
      try {
        return await injectAll(order);
      } catch (error) {
        await stop();
        throw error;
      }
    },
  };
}

/** Until the last round, if there has to be one. */
interface Came {
  /** By the builder itself. */
  readonly there: FetchedThere | undefined;
  /** All of it; undefined where a last round has to follow. */
  readonly injected: InjectResult | undefined;
}

function countBytes(listeners: readonly ((bytes: number) => void)[]): BytesThere {
  let sum = 0;
  return {
    onBytes: (bytes) => {
      sum += bytes;
      for (const listener of listeners) listener(bytes);
    },
    sum: () => sum,
  };
}

function gocacheFirst(packs: readonly PackRecord[]): readonly PackRecord[] {
  return packs.toSorted((a, b) => Number(a.kind === 'gomodcache') - Number(b.kind === 'gomodcache'));
}

/** Packs that are here and checked, handed out when they are worth a round of their own. */
function createArrivals(wanted: readonly PackRecord[]) {
  let ready: FetchedPack[] = [];
  let bytesToCome = bytesOf(wanted);
  let isOver = false;
  let wake = (): void => {};
  const isWorthARound = (): boolean =>
    bytesToCome >= ROUND_BYTES && bytesOf(ready.map(({ record }) => record)) >= ROUND_BYTES;
  return {
    add: (pack: FetchedPack): void => {
      bytesToCome -= pack.record.sizeBytes;
      if (pack.record.kind === 'gocache') ready.push(pack);
      wake();
    },
    end: (): void => {
      isOver = true;
      wake();
    },
    /** Undefined when the downloads are over: all that is left belongs into the last round. */
    next: async (): Promise<readonly FetchedPack[] | undefined> => {
      while (!isOver && !isWorthARound()) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (isOver) return undefined;
      const packs = ready;
      ready = [];
      return packs;
    },
  };
}

function bytesOf(packs: readonly PackRecord[]): number {
  return packs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
