import path from 'node:path';
import type { InjectResult, PackToInject } from '../buildkit/inject-packs.ts';
import type { PackNames } from '../buildkit/probe-mounts.ts';
import type { MountKind } from '../core/mount-kind.ts';
import type { PackRecord } from '../pack/types.ts';
import type { GoCaches } from './caches.ts';
import { fetchPacks, type FetchedPack, type FetchOptions, type FetchResult } from './fetch-packs.ts';
import type { RestoreWatch } from './guard/watch-restore.ts';
import type { Stopwatch } from './stopwatch.ts';
import type { StoredState } from './stored-state.ts';
import type { StoreContext } from './types.ts';

export interface Injection {
  /**
   * Injects the packs as they come and waits for the last one; `present` are packs that the mounts hold already. The last
   * round leaves the marker. `injected` is undefined when none of the packs can be used.
   */
  injectAll(present: readonly PackNames[], marker: string): Promise<Injected>;
  /** Ends the downloads. What came stays on this machine for the next time. */
  stop(): Promise<void>;
}

export interface Injected {
  readonly fetched: FetchResult;
  readonly injected: InjectResult | undefined;
  /** Gzip'd bytes of the packs that were unpacked. */
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

/** Starts to download packs. Unpacking begins with the first of them, in rounds beside the downloads, not behind the last. */
export function startInjection(place: InjectionPlace, wanted: readonly PackRecord[]): Injection {
  const { context, watch, guard } = place;
  const stopper = new AbortController();
  const signal = AbortSignal.any([context.signal, stopper.signal]);
  const arrivals = createArrivals(wanted);
  guard.expect(wanted.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
  const fetching = watch.time('download', () =>
    // Build cache first: modules are put in place in one go, by the last round.
    fetchPacks(context, place.state, gocacheFirst(wanted), {
      signal,
      enough: guard.enough,
      onBytes: guard.onBytes,
      onPack: arrivals.add,
      modules: place.modules,
    }),
  );
  // Awaited below in every case; until then a failure must not count as unhandled.
  fetching.then(arrivals.end, arrivals.end);
  const stop = async (): Promise<void> => {
    stopper.abort(new Error('the packs are not needed any more'));
    await fetching.catch(() => {});
  };
  return {
    stop,
    injectAll: async (present, marker) => {
      const rounds = createRounds(place, { wanted, present });
      try {
        for (let packs = await arrivals.next(); packs !== undefined; packs = await arrivals.next()) {
          await rounds.inject(packs);
        }
        const fetched = await fetching;
        guard.onDownloaded();
        if (fetched.packs.length === 0) return { fetched, injected: undefined, injectedBytes: 0 };
        const injected = await rounds.injectRest(fetched.packs, marker);
        return {
          fetched,
          injected,
          injectedBytes: fetched.packs.reduce((sum, { record }) => sum + record.sizeBytes, 0),
        };
      } catch (error) {
        await stop();
        throw error;
      }
    },
  };
}

function gocacheFirst(packs: readonly PackRecord[]): readonly PackRecord[] {
  return packs.toSorted((a, b) => Number(a.kind === 'gomodcache') - Number(b.kind === 'gomodcache'));
}

/** Packs that are here and checked, handed out when they are worth a round of their own. */
function createArrivals(wanted: readonly PackRecord[]) {
  let ready: FetchedPack[] = [];
  let bytesToCome = wanted.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let isOver = false;
  let wake = (): void => {};
  const isWorthARound = (): boolean =>
    bytesToCome >= ROUND_BYTES && ready.reduce((sum, { record }) => sum + record.sizeBytes, 0) >= ROUND_BYTES;
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

interface RoundsRequest {
  readonly wanted: readonly PackRecord[];
  readonly present: readonly PackNames[];
}

function createRounds({ caches, state, signal, directory, watch }: InjectionPlace, { wanted, present }: RoundsRequest) {
  const done: FetchedPack[] = [];
  const asInjected = ({ record, file, names, zipSums }: FetchedPack): PackToInject => ({
    file,
    names,
    zipSums,
    isTrees: record.representation === 'trees',
    kind: record.kind,
    digest: record.digest,
  });
  const inject = (packs: readonly FetchedPack[], toWrite: readonly PackRecord[], marker?: string) =>
    watch.time('inject', () =>
      caches.inject(
        { signal, state, directory: path.join(directory, `inject-${done.length}`) },
        {
          packs: packs.map(asInjected),
          present: marker === undefined ? [] : present,
          earlier: done.map(asInjected),
          neededBytes: bytesByKind(toWrite),
          isUnsigned: packs.some(({ record }) => record.kind === 'gocache' && state.unsigned.has(record.digest)),
          marker,
        },
      ),
    );
  return {
    inject: async (packs: readonly FetchedPack[]): Promise<void> => {
      const toWrite = wanted.filter(({ digest }) => done.every(({ record }) => record.digest !== digest));
      await inject(packs, toWrite);
      done.push(...packs);
    },
    injectRest: (packs: readonly FetchedPack[], marker: string): Promise<InjectResult> => {
      const rest = packs.filter((pack) => !done.includes(pack));
      return inject(
        rest,
        rest.map(({ record }) => record),
        marker,
      );
    },
  };
}

function bytesByKind(packs: readonly PackRecord[]): Readonly<Record<MountKind, number>> {
  const bytes = { gocache: 0, gomodcache: 0 };
  for (const { kind, uncompressedBytes } of packs) bytes[kind] += uncompressedBytes;
  return bytes;
}
