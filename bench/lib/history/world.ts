import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../../../src/core/clock.ts';
import type { MountKind } from '../../../src/core/mount-kind.ts';
import { writePack } from '../../../src/pack/write-pack.ts';
import { createMemoryStore } from '../../../src/store/backends/memory/memory-store.ts';
import type { Store, StoreKeeper } from '../../../src/store/port.ts';
import { applyGarbage } from '../../../src/warm/keep/apply-garbage.ts';
import { type GarbagePolicy, planGarbage } from '../../../src/warm/keep/plan-garbage.ts';
import { type Published, publish } from '../../../src/warm/publish.ts';
import { makeRunDirectory } from '../../../src/warm/run-directory.ts';
import { readStoredState, type StoredState } from '../../../src/warm/stored-state.ts';
import { surveyStore } from '../../../src/warm/survey-store.ts';
import type { WarmContext } from '../../../src/warm/types.ts';
import type { VerifiedPack } from '../../../src/warm/verify-extract.ts';
import { warmContext } from '../../../test/helpers/warm-context.ts';
import type { MadeEntry } from './made-entry.ts';

/** A store in memory, a clock that the history moves, and the part of slipway that needs no builder. */
export interface World {
  readonly store: Store & StoreKeeper;
  nowMs: number;
  /** As a runner has it that reads these scopes and writes the first; `seen` is the store as it sees it. */
  contextOf(scopes: readonly string[], seen?: Store): WarmContext;
}

/** `workDirectory` keeps packs and lists for all runners: what a fresh one would fetch is counted, not moved. */
export function createWorld(workDirectory: string): World {
  const clock: Clock = { now: () => world.nowMs, monotonic: () => world.nowMs, sleep: async () => {} };
  const store = createMemoryStore(clock);
  const world: World = {
    store,
    nowMs: Date.UTC(2026, 0, 5, 8),
    contextOf: (scopes, seen = store) => warmContext({ store: seen, clock, workDirectory, scopes }),
  };
  return world;
}

/** `slipway save` from where the new entries have left the builder. */
export async function saveEntries(
  context: WarmContext,
  state: StoredState,
  {
    made,
    used,
  }: { readonly made: readonly MadeEntry[]; readonly used: Readonly<Record<MountKind, ReadonlySet<string>>> },
): Promise<Published> {
  const directory = await makeRunDirectory(context);
  try {
    await mkdir(directory, { recursive: true });
    const parts = (['gocache', 'gomodcache'] as const).flatMap((kind) => splitAsExtract(kind, made));
    const fresh: VerifiedPack[] = [];
    for (const [at, part] of parts.entries()) fresh.push(await packTo(path.join(directory, `${at}.tar.gz`), part));
    return await publish(context, state, {
      fresh,
      used,
      build: undefined,
      owners: {},
      facts: {},
      signingKeys: [],
      directory,
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** As many packs as the helper build makes of so many entries, and dealt out as it does: src/buildkit/scripts/extract.ts. */
function splitAsExtract(kind: MountKind, made: readonly MadeEntry[]): readonly (readonly MadeEntry[])[] {
  const entries = made.filter((entry) => entry.kind === kind).toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const [per, most] = kind === 'gocache' ? [500, 8] : [100, 4];
  const parts = Math.min(most, Math.ceil(entries.length / per));
  return Array.from({ length: parts }, (_, part) => entries.filter((_, at) => at % parts === part));
}

/** A pack of these entries, sorted by path. */
export async function packTo(file: string, entries: readonly MadeEntry[]): Promise<VerifiedPack> {
  const chunks: Uint8Array[] = [];
  const facts = await writePack(
    (async function* () {
      for (const entry of entries) yield { path: entry.path, sizeBytes: entry.sizeBytes, body: entry.content() };
    })(),
    { kind: entries[0]?.kind ?? 'gocache', write: async (chunk) => void chunks.push(chunk.slice()) },
  );
  await writeFile(file, Buffer.concat(chunks));
  return { facts, file };
}

/** What `slipway cache gc` does. */
export async function collectGarbage(world: World, policy: GarbagePolicy): Promise<void> {
  const { signal } = new AbortController();
  const survey = await surveyStore(world.store, { signal });
  const plan = planGarbage(survey, policy, world.nowMs);
  await applyGarbage(world.store, { survey, plan, graceMs: policy.graceMs, nowMs: world.nowMs, signal });
}

export async function storedBytes({ store }: World): Promise<number> {
  return ((await store.listBlobs()) ?? []).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

export const readState = (context: WarmContext): Promise<StoredState> =>
  readStoredState(context, context.options.scopes.read);
