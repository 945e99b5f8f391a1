import { rm } from 'node:fs/promises';
import type { MountProbe } from '../buildkit/probe-mounts.ts';
import { SlipwayError } from '../core/errors.ts';
import { buildsAt } from '../pack/build-place.ts';
import { choosePacks } from '../pack/plan-compaction.ts';
import type { PackRecord, RestoredShare } from '../pack/types.ts';
import type { ModuleSums } from '../trust/module-sums.ts';
import type { GoCaches } from './caches.ts';
import { packDirectory, type FetchResult, joinFetched } from './fetch-packs.ts';
import { measurePacks } from './guard/measure-packs.ts';
import { buildsOnRecord } from './guard/read-evidence.ts';
import { planRestore, type RestorePlan } from './guard/plan-restore.ts';
import { watchRestore, type RestoreWatch } from './guard/watch-restore.ts';
import { startLocating } from './locate-packs.ts';
import { emptyReport, notRestored, type RestoreOutcome } from './restore-outcome.ts';
import { type Filled, type FillQuestion, probeAndInject } from './probe-and-inject.ts';
import { makeRunDirectory } from './run-directory.ts';
import type { Stopwatch } from './stopwatch.ts';
import { formatSnapshotName, readStoredState, withoutPacks, type StoredState } from './stored-state.ts';
import type { TreePlan } from './trees/plan-trees.ts';
import { readStoredTrees } from './trees/stored-trees.ts';
import type { RestoreDecision, RestoreReport, StoreContext } from './types.ts';
import { wantedNames } from './wanted-names.ts';

/** Reads what the store holds for these caches and brings into them what is missing there and worth its time. */
export async function fillCaches(
  context: StoreContext,
  caches: GoCaches,
  { watch, reading }: { readonly watch: Stopwatch; readonly reading?: Promise<StoredState> | undefined },
): Promise<RestoreOutcome> {
  const stored = await watch.time('read', () => reading ?? readStoredState(context, context.options.scopes.read));
  const chosen = withChosenPacks(stored);
  await using locating = startLocating(context, { caches, packs: chosen.packs });
  const { plan, packs, sums, trees, index } = await planChosen(context, caches, chosen);
  const state = withoutPacks(stored, index?.lost ?? new Set());
  warn(context, [...state.warnings, ...(index?.warnings ?? [])]);
  if (sums?.fileCount === 0) {
    context.logger.info('modules are not restored: there is no go.sum to check them against');
  }
  if (packs.length === 0) return leaveAlone({ plan, state, watch });
  const directory = await makeRunDirectory(context);
  using guard = watchRestore(context.clock, { limits: plan, elapsedSeconds: watch.seconds });
  try {
    const signal = AbortSignal.any([context.signal, guard.over]);
    signal.addEventListener('abort', () => locating.stop(signal.reason), { once: true });
    const modules = sums && { sums, trees, scratchDirectory: directory };
    const about = { context, caches, state, plan, packs, modules, index, signal, directory, watch, guard };
    return await fillMissing({ ...about, locations: locating.locations });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

export interface FillPlan {
  readonly plan: RestorePlan;
  readonly decision: RestoreDecision;
  /** What is to be in the caches afterwards. */
  readonly packs: readonly PackRecord[];
  /** What go.sum says of modules; undefined when none are stored. */
  readonly sums: ModuleSums | undefined;
  /** Which modules come as trees; undefined when none do. */
  readonly trees?: TreePlan | undefined;
  /** How what is known of stored trees was come by. */
  readonly index?: FetchResult | undefined;
}

/** How much of what is stored for these caches is to be restored. */
export function planFill(context: StoreContext, caches: GoCaches, state: StoredState): Promise<FillPlan> {
  return planChosen(context, caches, withChosenPacks(state));
}

function withChosenPacks(state: StoredState): StoredState {
  return { ...state, packs: choosePacks(state.packs, state.entriesByPack) };
}

async function planChosen(context: StoreContext, caches: GoCaches, state: StoredState): Promise<FillPlan> {
  const { believes, isGuarded } = context.options;
  const kinds = new Set(caches.places.map(({ kind }) => kind));
  const mine = state.packs.filter(({ kind }) => kinds.has(kind));
  const sums = mine.some(({ kind }) => kind === 'gomodcache') ? await caches.readSums() : undefined;
  const hasTrees =
    caches.closeTrees !== undefined && mine.some(({ representation }) => representation === 'tree-index');
  const known = sums && hasTrees ? await readStoredTrees(context, caches.checkout, { state, sums }) : undefined;
  const trees = known?.plan;
  // What no go.sum lists isn't fetched for nothing.
  const stored = mine.filter((pack) => wantedNames(pack, state, { sums, trees }).names.length > 0);
  const bytes = await measurePacks(packDirectory(context), stored);
  const history = buildsAt(caches.buildPlace, state.united.history);
  const plan = planRestore({ bytes, trust: believes, isGuarded, history });
  const packs = stored.filter(
    ({ kind }) => plan.share === 'all' || (plan.share === 'modules' && kind === 'gomodcache'),
  );
  return { plan, decision: decisionOf(plan), packs, sums, trees, index: known?.fetched };
}

/** Nothing is stored, or nothing of it is wanted. */
function leaveAlone(about: Pick<Filling, 'plan' | 'state' | 'watch'>): RestoreOutcome {
  const { plan, state, watch } = about;
  const isUnwanted = plan.reason !== undefined;
  const outcome = isUnwanted
    ? notRestored(watch, 'skipped', { reason: plan.reason })
    : notRestored(watch, 'nothing-stored', {});
  const report = { ...outcome.report, decision: decisionOf(plan), warnings: state.warnings };
  return { ...outcome, report, state, share: 'none' };
}

interface Filling extends FillQuestion {
  readonly index: FetchResult | undefined;
}

async function fillMissing(filling: Filling): Promise<RestoreOutcome> {
  const { context, state, watch, guard } = filling;
  const reportOn = (plan: RestorePlan): Omit<RestoreReport, 'state'> => ({
    ...emptyReport(watch),
    decision: decisionOf(plan),
    snapshots: state.heads.map(({ name }) => formatSnapshotName(name)),
  });
  const trees = [...(filling.modules?.trees?.covered.keys() ?? [])];
  const base = { state, share: undefined, injectedBytes: 0, entriesBefore: undefined, isStoreFaultTold: false, trees };
  let filled: Filled;
  try {
    filled = await probeAndInject(filling);
  } catch (error) {
    if (!guard.over.aborted || context.signal.aborted) throw error;
    const stopped = { ...reportOn(filling.plan), ...tellStopped(context, guard), seconds: watch.seconds() };
    return { ...base, marker: undefined, share: 'part', report: stopped };
  }
  const { plan, marker, probes, fetched, injected, injectedBytes } = filled;
  const report = reportOn(plan);
  const entriesBefore = probes.reduce((sum, probe) => sum + probe.presentEntries, 0);
  // What a build made warm by itself never had a marker, so none may be missed afterwards.
  if (fetched === undefined) {
    const share = plan.share === 'all' ? 'all' : 'part';
    const warm = { ...report, ...onRecord(filling, share), state: 'already-warm', seconds: watch.seconds() } as const;
    return { ...base, entriesBefore, marker: undefined, share, report: warm };
  }
  warn(context, fetched.warnings);
  const warnings = [...state.warnings, ...fetched.warnings];
  const left = withoutPacks(state, fetched.lost);
  const stopped = fetched.isCutShort ? tellStopped(context, guard) : undefined;
  const moved = {
    ...sumMoved(fetched, filling.index),
    warnings,
  };
  if (injected === undefined) {
    const why = stopped ?? { state: 'failed' as const, reason: 'none of the packs that are missing here can be used' };
    const none = { ...report, ...why, ...moved, seconds: watch.seconds() };
    return { ...base, entriesBefore, marker: undefined, state: left, share: stopped && 'part', report: none };
  }
  const missingBefore = probes.reduce((sum, probe) => sum + probe.missingEntries, 0);
  const share = stopped === undefined && fetched.lost.size === 0 ? shareOf({ plan }, probes) : 'part';
  return {
    ...base,
    entriesBefore,
    marker,
    state: left,
    share,
    injectedBytes,
    report: {
      ...report,
      ...onRecord(filling, share),
      ...(stopped ?? { state: 'restored' as const }),
      ...moved,
      entriesRestored: Math.min(injected.presentEntries, missingBefore),
      seconds: watch.seconds(),
    },
  };
}

/** What came of packs, those that told of trees among them. */
function sumMoved(packs: FetchResult, index: FetchResult | undefined) {
  const all = joinFetched(index === undefined ? [packs] : [packs, index]);
  const { packsMoved, bytesMoved, bytesByKind, bytesByBuilder } = all;
  return { packsMoved, bytesMoved, bytesByKind, ...(bytesByBuilder !== undefined && { bytesByBuilder }) };
}

/** A build cache that was there before makes a build with restored modules faster than modules alone do. */
function shareOf({ plan }: Pick<Filling, 'plan'>, probes: readonly MountProbe[]): RestoredShare {
  if (plan.share !== 'modules') return plan.share;
  const hasCache = probes.some(({ kind, presentEntries }) => kind === 'gocache' && presentEntries > 0);
  return hasCache ? 'part' : 'modules';
}

function onRecord({ state, caches }: Filling, share: RestoredShare): Pick<RestoreReport, 'onRecord'> {
  const builds = buildsOnRecord(buildsAt(caches.buildPlace, state.united.history), share);
  return builds === undefined ? {} : { onRecord: builds };
}

function decisionOf({ share, by, reason, restoreSeconds, savingSeconds }: RestorePlan): RestoreDecision {
  return {
    share,
    by,
    ...(reason === undefined ? {} : { reason }),
    ...(restoreSeconds === undefined ? {} : { expectedSeconds: restoreSeconds }),
    ...(savingSeconds === undefined ? {} : { expectedSavingSeconds: savingSeconds }),
  };
}

/** No fault: the cache does what it is for, which is not to cost time. */
function tellStopped(context: StoreContext, guard: RestoreWatch): { state: 'stopped'; reason: string } {
  const reason = guard.verdict()?.reason ?? 'it did not pay any more';
  context.onEvent({ type: 'message', level: 'info', text: `the restore is stopped: ${reason}` });
  return { state: 'stopped', reason };
}

/** One line, however many there are: all of them are in the report. */
function warn(context: StoreContext, warnings: readonly string[]): void {
  const [first, ...more] = warnings;
  if (first === undefined) return;
  const text = more.length === 0 ? first : `${first} (and ${more.length} more like it)`;
  if (context.options.isStrict) throw new SlipwayError('STORE_FAILED', text);
  context.onEvent({ type: 'message', level: 'warning', text });
}
