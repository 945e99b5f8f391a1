import type { MountKind } from '../../../src/core/mount-kind.ts';
import { choosePacks } from '../../../src/pack/plan-compaction.ts';
import { encodeSnapshot } from '../../../src/pack/snapshot.ts';
import type { PackRecord } from '../../../src/pack/types.ts';
import type { Store } from '../../../src/store/port.ts';
import type { StoredState } from '../../../src/warm/stored-state.ts';
import { modelBuild, type ModelEntry } from './build-model.ts';
import type { Commit, CommitKind } from './commits.ts';
import { createEntryMaker, type MadeEntry } from './made-entry.ts';
import type { RecordedProject } from './project.ts';
import { collectGarbage, createWorld, readState, saveEntries, storedBytes, type World } from './world.ts';

/** What one build of a history moved and compiled. All bytes are packed ones. */
export interface BuildMeasure {
  readonly kind: CommitKind;
  readonly scope: string;
  /** What a fresh worker fetches: packs, entry lists and the snapshots' documents. */
  readonly restoredBytes: number;
  /** Of what this build reads, all that was ever saved where it may read: what a restore would move that knew all. */
  readonly idealBytes: number;
  readonly uploadedBytes: number;
  readonly newBytes: number;
  readonly compiled: number;
  /** Compiled, though an earlier build had saved it where this one reads. */
  readonly avoidable: number;
  readonly packs: number;
  readonly isCompacted: boolean;
  /** After the build, without what clean-up has taken away; and as if nothing had ever been taken. */
  readonly storedBytes: number;
  readonly grownBytes: number;
  readonly snapshots: number;
}

export interface PlayOptions {
  readonly project: RecordedProject;
  readonly commits: readonly Commit[];
  readonly workDirectory: string;
  readonly onBuild?: (measure: BuildMeasure, number: number) => void;
}

const HOUR_MS = 3_600_000;
const BUILDS_A_DAY = 20;
/** As `slipway cache gc` has them where nothing is said: what branches left behind stays. */
const GARBAGE = { graceMs: 24 * HOUR_MS, maxScopeBytes: 2 * 1024 ** 3, keepNewest: 0 };

/** Plays a history, each build on a fresh worker: what the store's state gives it, what it makes, and how that is saved. */
export async function playHistory(options: PlayOptions): Promise<readonly BuildMeasure[]> {
  const { commits, onBuild } = options;
  const world = createWorld(options.workDirectory);
  const player = createPlayer(options, world);
  const measures: BuildMeasure[] = [];
  for (let at = 0; at < commits.length; ) {
    const isPair = commits[at]?.isAtOnceWithNext === true && at + 1 < commits.length;
    const together = commits.slice(at, at + (isPair ? 2 : 1));
    // Both have read before either has saved, and the second doesn't see the first one's snapshot.
    const begun = [];
    for (const [number, commit] of together.entries()) begun.push(await player.restore(commit, at + number));
    const seen = await freezeListing(
      world.store,
      begun.flatMap(({ scopes }) => scopes),
    );
    for (const [number, build] of begun.entries()) {
      const measure = await player.save(build, number === 0 ? world.store : seen);
      measures.push(measure);
      onBuild?.(measure, measures.length);
    }
    at += together.length;
    world.nowMs += (24 * HOUR_MS * together.length) / BUILDS_A_DAY;
    if (Math.floor(at / BUILDS_A_DAY) > Math.floor((at - together.length) / BUILDS_A_DAY))
      await collectGarbage(world, GARBAGE);
  }
  return measures;
}

interface Begun {
  readonly commit: Commit;
  readonly scopes: readonly string[];
  readonly state: StoredState;
  readonly used: Readonly<Record<MountKind, ReadonlySet<string>>>;
  readonly made: readonly MadeEntry[];
  readonly measure: Pick<BuildMeasure, 'restoredBytes' | 'idealBytes' | 'newBytes' | 'compiled' | 'avoidable'>;
}

function createPlayer({ project }: PlayOptions, world: World) {
  const make = createEntryMaker(world.nowMs);
  /** By scope, the paths of all that was ever saved there. */
  const everSaved = new Map<string, Set<string>>();
  let grownBytes = 0;

  const restore = async (commit: Commit, number: number): Promise<Begun> => {
    const scopes = [...new Set([commit.scope, 'main'])];
    const state = await readState(world.contextOf(scopes));
    const chosen = choosePacks(state.packs, state.entriesByPack);
    const known = new Set(
      state.packs.flatMap(({ digest }) => (state.entriesByPack.get(digest) ?? []).map((entry) => entry.path)),
    );
    const restored = new Set(
      chosen.flatMap(({ digest }) => (state.entriesByPack.get(digest) ?? []).map((entry) => entry.path)),
    );
    const ever = (path: string): boolean => scopes.some((scope) => everSaved.get(scope)?.has(path) === true);
    const build = modelBuild(project, commit.tree, `checkout ${number}`);
    // Outputs first: an action's file names its output.
    const madeOf = (entries: readonly ModelEntry[]): readonly MadeEntry[] => [
      ...entries.filter(({ what }) => what !== 'action').map(make),
      ...entries.filter(({ what }) => what === 'action').map(make),
    ];
    const needed = new Map(madeOf(build.entries).map((entry) => [entry.path, entry]));
    const pathOf = new Map(build.entries.map((entry) => [entry.key, make(entry).path]));
    const outputOf = new Map(build.entries.map((entry) => [entry.key, entry.output]));
    const isThere = (action: string, has: (path: string) => boolean): boolean =>
      [action, outputOf.get(action) ?? ''].every((key) => has(pathOf.get(key) ?? ''));
    let [compiled, avoidable] = [0, 0];
    for (const action of build.compiles.values()) {
      const key = `compile ${action}`;
      if (isThere(key, (path) => restored.has(path))) continue;
      compiled += 1;
      if (isThere(key, ever)) avoidable += 1;
      for (const entry of madeOf(build.beside.get(action) ?? [])) needed.set(entry.path, entry);
    }
    const all = [...needed.values()];
    // What is stored already is not packed again, restored or not.
    const made = all.filter(({ path }) => !known.has(path));
    const pathsOf = (kind: MountKind): ReadonlySet<string> =>
      new Set(all.filter((one) => one.kind === kind).map(({ path }) => path));
    return {
      commit,
      scopes,
      state,
      made,
      used: { gocache: pathsOf('gocache'), gomodcache: pathsOf('gomodcache') },
      measure: {
        restoredBytes: restoreBytes(state, chosen),
        idealBytes: sumPacked(all.filter(({ path }) => ever(path))),
        newBytes: sumPacked(made),
        compiled,
        avoidable,
      },
    };
  };

  const save = async ({ commit, scopes, state, used, made, measure }: Begun, seen: Store): Promise<BuildMeasure> => {
    const published = await saveEntries(world.contextOf(scopes, seen), state, { made, used });
    const saved = everSaved.get(commit.scope) ?? new Set();
    everSaved.set(commit.scope, saved);
    for (const { path } of made) saved.add(path);
    grownBytes += published.bytesMoved;
    return {
      ...measure,
      kind: commit.kind,
      scope: commit.scope,
      uploadedBytes: published.bytesMoved,
      packs: published.packs.length,
      isCompacted: published.isCompacted,
      storedBytes: await storedBytes(world),
      grownBytes,
      snapshots: (
        await Promise.all((await world.store.listScopes()).map((scope) => world.store.listSnapshots(scope)))
      ).flat().length,
    };
  };
  return { restore, save };
}

/** What a worker that has nothing fetches. */
function restoreBytes({ packs, heads }: StoredState, chosen: readonly PackRecord[]): number {
  const documents = heads.map(({ snapshot }) => encodeSnapshot(snapshot));
  return (
    sum(documents.map(({ config, manifest }) => config.byteLength + manifest.byteLength)) +
    sum(packs.map(({ entryList }) => entryList.sizeBytes)) +
    sum(chosen.map(({ sizeBytes }) => sizeBytes))
  );
}

/** The store as it is listed now, for these scopes. */
async function freezeListing(store: Store, scopes: readonly string[]): Promise<Store> {
  const listed = new Map<string, Awaited<ReturnType<Store['listSnapshots']>>>();
  for (const scope of scopes) listed.set(scope, await store.listSnapshots(scope));
  return { ...store, listSnapshots: async (scope) => listed.get(scope) ?? [] };
}

function sumPacked(entries: readonly MadeEntry[]): number {
  return sum(entries.map(({ packedBytes }) => packedBytes));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
