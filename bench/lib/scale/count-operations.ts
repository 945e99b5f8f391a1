import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../src/core/clock.ts';
import { isStoreKeeper, type Store } from '../../../src/store/port.ts';
import { fetchPacks } from '../../../src/warm/fetch-packs.ts';
import { applyGarbage } from '../../../src/warm/keep/apply-garbage.ts';
import { planGarbage } from '../../../src/warm/keep/plan-garbage.ts';
import { publish } from '../../../src/warm/publish.ts';
import { readStoredState } from '../../../src/warm/stored-state.ts';
import { surveyStore } from '../../../src/warm/survey-store.ts';
import type { WarmContext } from '../../../src/warm/types.ts';
import type { VerifiedPack } from '../../../src/warm/verify-extract.ts';
import { createEntryMaker } from '../history/made-entry.ts';
import { packTo } from '../history/world.ts';
import { warmContext } from '../../../test/helpers/warm-context.ts';
import type { Counted, CountedService, StoreKind } from './counted-store.ts';
import { type HistoryShape, makeHistory } from './made-history.ts';

export type Operation = 'restore' | 'restore-here' | 'save' | 'gc';

/** One operation on one store with one history. */
export interface Count extends HistoryShape, Counted {
  readonly store: StoreKind;
  readonly operation: Operation;
  /** Of the bytes that moved, those of packs. */
  readonly packBytes: number;
}

/** As many packs as compaction leaves. */
const PACKS = 12;

/**
 * Counts what a worker of `branch-new`, which falls back to `main`, asks of the service: to restore with nothing and with
 * all packs here, and to save one new pack. Then what `slipway cache gc` asks, that finds all but the newest merged.
 */
export async function countOperations(service: CountedService, shape: HistoryShape): Promise<readonly Count[]> {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-scale-'));
  const counts: Count[] = [];
  try {
    const open = service.newStore();
    const packs = await Promise.all(Array.from({ length: PACKS }, (_, at) => smallPack(directory, `old ${at}`)));
    await makeHistory(open(), packs, shape);
    const count = async <T>(operation: Operation, packBytes: number, run: (store: Store) => Promise<T>): Promise<T> => {
      // Each is a process of its own, which knows nothing of the others.
      const store = open();
      service.take();
      const result = await run(store);
      counts.push({ store: service.kind, operation, ...shape, packBytes, ...service.take() });
      return result;
    };
    const contextOf = (store: Store): WarmContext =>
      warmContext({
        store,
        clock: systemClock,
        workDirectory: join(directory, 'work'),
        scopes: ['branch-new', 'main'],
      });
    const restore = async (store: Store) => {
      const context = contextOf(store);
      const state = await readStoredState(context, context.options.scopes.read);
      const { packs: fetched } = await fetchPacks(context, state, state.packs, { signal: context.signal });
      if (fetched.length !== PACKS) throw new Error(`${fetched.length} packs were restored instead of ${PACKS}`);
      return { context, state };
    };
    const allBytes = packs.reduce((sum, { facts }) => sum + facts.sizeBytes, 0);
    await count('restore', allBytes, restore);
    await count('restore-here', 0, restore);
    const fresh = await smallPack(directory, 'new');
    const { state } = await restore(open());
    await count('save', fresh.facts.sizeBytes, (store) =>
      publish(contextOf(store), state, {
        fresh: [fresh],
        used: {},
        build: undefined,
        owners: {},
        facts: {},
        signingKeys: [],
        directory,
      }),
    );
    await count('gc', 0, collect);
    // GitHub cleans its cache itself.
    return counts.filter(({ requests }) => requests > 0);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function collect(store: Store): Promise<void> {
  if (!isStoreKeeper(store)) return;
  const { signal } = new AbortController();
  const survey = await surveyStore(store, { signal });
  // Everything was written just now, and is to be taken for old.
  const nowMs = Date.now() + 60_000;
  const policy = { graceMs: 1, maxScopeBytes: Number.POSITIVE_INFINITY, keepNewest: 0 };
  await applyGarbage(store, { survey, plan: planGarbage(survey, policy, nowMs), graceMs: 1, nowMs, signal });
}

async function smallPack(directory: string, name: string): Promise<VerifiedPack> {
  const make = createEntryMaker(0);
  const output = make({ kind: 'gocache', key: name, what: 'output', weight: [2000, 1000] });
  return packTo(join(directory, `${name.replace(' ', '-')}.tar.gz`), [output]);
}
