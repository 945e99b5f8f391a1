import path from 'node:path';
import type { RunningFill } from '../buildkit/fill-behind-look.ts';
import type { BuilderFetches, InjectResult, PackToInject } from '../buildkit/inject-packs.ts';
import type { PackNames } from '../buildkit/name-lists.ts';
import type { Digest } from '../core/digest.ts';
import type { MountKind } from '../core/mount-kind.ts';
import type { PackRecord } from '../pack/types.ts';
import type { FetchedPack, FetchResult } from './fetch-packs.ts';
import type { InjectionPlace } from './inject-rounds.ts';
import type { BuilderPlan } from './plan-fetches.ts';
import { packNames } from './stored-state.ts';
import type { TransferCounter } from './transfer-counter.ts';

export interface Rounds {
  /** One inject build with those of these packs that no earlier one had; with a marker it is the last one, or the last one of a kind. */
  inject(packs: readonly FetchedPack[], last?: LastRound): Promise<InjectResult>;
  /** One that fetches packs, beside these, which are here already. */
  fetch(fetches: BuilderPlan, packs: readonly FetchedPack[], last?: LastRound): Promise<FetchedThere>;
  /** The same for what the look's step fetches, to the end of it. */
  join(fill: BegunFill): Promise<FetchedThere>;
}

export interface LastRound {
  readonly marker: string;
  /** Mounts of other kinds get theirs elsewhere. */
  readonly onlyKind?: MountKind;
}

export interface BegunFill {
  readonly records: readonly PackRecord[];
  readonly running: RunningFill;
}

/** Bytes that the builder fetched by itself. */
export interface BytesThere {
  readonly onBytes: (bytes: number) => void;
  sum(): number;
}

/** What came of a round in which the builder fetched. */
export interface FetchedThere {
  /** Undefined where another round has to follow. */
  readonly injected: InjectResult | undefined;
  readonly records: readonly PackRecord[];
  readonly unfetched: readonly PackRecord[];
  readonly fetched: FetchResult;
}

export interface RoundsRequest {
  /** All packs that are to come into the mounts. */
  readonly wanted: readonly PackRecord[];
  readonly present: readonly PackNames[];
  readonly counter: TransferCounter;
  readonly bytesThere: BytesThere;
}

interface Round extends Partial<LastRound> {
  readonly packs: readonly FetchedPack[];
  /** What this round and those behind it will write. */
  readonly toWrite: readonly PackRecord[];
  readonly fetches?: BuilderFetches & Pick<BuilderPlan, 'records'>;
  readonly signal?: AbortSignal;
}

/** The inject builds of one restore, one after another. */
export function createRounds(place: InjectionPlace, { wanted, present, counter, bytesThere }: RoundsRequest): Rounds {
  const { caches, state, directory, watch, guard, context } = place;
  const done = new Map<string, PackNames>();
  let count = 0;
  const isUnsigned = ({ kind, digest }: PackRecord): boolean => kind === 'gocache' && state.unsigned.has(digest);
  const run = ({ packs, toWrite, marker, onlyKind, fetches, signal = place.signal }: Round): Promise<InjectResult> =>
    watch.time('inject', () =>
      caches.inject(
        { signal, state, directory: path.join(directory, `inject-${count++}`) },
        {
          packs: packs.map(asInjected),
          present: marker === undefined ? [] : present,
          earlier: [...done.values()],
          neededBytes: bytesByKind(toWrite),
          isUnsigned: [...packs.map(({ record }) => record), ...(fetches?.records ?? [])].some(isUnsigned),
          marker,
          onlyKind,
          fetches,
        },
      ),
    );
  const isNew = ({ record }: FetchedPack): boolean => !done.has(record.digest);
  const note = (packs: readonly FetchedPack[]): void => {
    for (const { record, names } of packs) done.set(record.digest, { kind: record.kind, names });
  };
  const inject = async (packs: readonly FetchedPack[], last?: LastRound): Promise<InjectResult> => {
    const fresh = packs.filter(isNew);
    const toWrite =
      last === undefined ? wanted.filter(({ digest }) => !done.has(digest)) : fresh.map(({ record }) => record);
    const result = await run({ packs: fresh, toWrite, ...last });
    note(fresh);
    return result;
  };
  /** It downloads as well, and what the history knows of the way to the store comes from that. */
  const settle = async (
    wantedThere: readonly PackRecord[],
    running: () => Promise<InjectResult>,
  ): Promise<FetchedThere> => {
    const result = await watch.time('download', running).catch((error: unknown) => {
      if (place.signal.aborted || !guard.enough.aborted) throw error;
      return undefined;
    });
    // What it wrote until then are whole entries, which do no harm and aren't counted on.
    if (result === undefined) return whatCame({ bytes: bytesThere.sum(), records: [], isCutShort: true });
    const { unfetched = new Map<Digest, string>() } = result;
    const records = wantedThere.filter(({ digest }) => !unfetched.has(digest));
    for (const record of records) {
      counter.onPack();
      done.set(record.digest, packNames(record, state));
    }
    if (unfetched.size > 0) tellUnfetched(unfetched);
    return {
      ...whatCame({ bytes: bytesThere.sum(), records, isCutShort: false }),
      injected: unfetched.size === 0 ? result : undefined,
      unfetched: wantedThere.filter(({ digest }) => unfetched.has(digest)),
    };
  };
  const fetch = async (plan: BuilderPlan, packs: readonly FetchedPack[], last?: LastRound): Promise<FetchedThere> => {
    guard.expect(counter.left());
    const toWrite = wanted.filter(({ digest }) => !done.has(digest));
    const signal = AbortSignal.any([place.signal, guard.enough]);
    const fetches = { ...plan, onBytes: bytesThere.onBytes };
    const there = await settle(plan.records, () => run({ packs, toWrite, fetches, signal, ...last }));
    if (!there.fetched.isCutShort) note(packs);
    return last === undefined ? { ...there, injected: undefined } : there;
  };
  const join = async ({ records, running }: BegunFill): Promise<FetchedThere> => {
    guard.expect(counter.left());
    const stop = (): void => running.stop(guard.enough.reason);
    guard.enough.addEventListener('abort', stop, { once: true });
    if (guard.enough.aborted) stop();
    try {
      return await settle(records, () => watch.time('inject', () => running.done));
    } finally {
      guard.enough.removeEventListener('abort', stop);
    }
  };
  const tellUnfetched = (unfetched: ReadonlyMap<Digest, string>): void => {
    for (const [digest, why] of unfetched) context.logger.debug(`the builder did not fetch ${digest}: ${why}`);
    const [why = ''] = unfetched.values();
    const text = `the builder could not fetch ${unfetched.size} packs by itself (${why}), so this machine does`;
    context.onEvent({ type: 'message', level: 'info', text });
  };
  return { inject, fetch, join };
}

function whatCame(of: { bytes: number; records: readonly PackRecord[]; isCutShort: boolean }): FetchedThere {
  const { bytes, records, isCutShort } = of;
  return {
    injected: undefined,
    records,
    unfetched: [],
    fetched: {
      packs: [],
      bytesMoved: bytes,
      bytesByKind: bytes === 0 ? {} : { gocache: bytes },
      bytesByBuilder: bytes,
      packsMoved: records.length,
      lost: new Set(),
      isCutShort,
      warnings: [],
    },
  };
}

function asInjected({ record, file, names, zipSums }: FetchedPack): PackToInject {
  const { kind, digest, representation } = record;
  return { file, names, zipSums, kind, digest, isTrees: representation === 'trees' };
}

function bytesByKind(packs: readonly PackRecord[]): Readonly<Record<MountKind, number>> {
  const bytes = { gocache: 0, gomodcache: 0 };
  for (const { kind, uncompressedBytes } of packs) bytes[kind] += uncompressedBytes;
  return bytes;
}
