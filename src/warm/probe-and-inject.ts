import { createHash } from 'node:crypto';
import path from 'node:path';
import type { FillBehindLook, RunningFill } from '../buildkit/fill-behind-look.ts';
import type { Look, MountProbe } from '../buildkit/probe-mounts.ts';
import type { PackRecord } from '../pack/types.ts';
import { fitMissing, type Fitting, neededBytes } from './fit-missing.ts';
import { roomFor } from './guard/fit-space.ts';
import type { RestorePlan } from './guard/plan-restore.ts';
import { startInjection, type Injected, type InjectionPlace } from './inject-rounds.ts';
import type { Locations } from './locate-packs.ts';
import { type BuilderPlan, planFetches } from './plan-fetches.ts';
import { wantedNames } from './wanted-names.ts';

export interface FillQuestion extends InjectionPlace {
  readonly plan: RestorePlan;
  /** What is to be in the caches. */
  readonly packs: readonly PackRecord[];
  readonly locations: Promise<Locations>;
}

export interface Filled extends Partial<Injected> {
  /** The plan, or less where the disk has no room for it. */
  readonly plan: RestorePlan;
  readonly marker: string;
  readonly probes: readonly MountProbe[];
  readonly injectedBytes: number;
}

/**
 * Looks into the caches while packs already download; a warm one ends the downloads, a half warm one narrows them. Where there is
 * nothing, the builder fetches on behind its look, and modules are put in place beside that.
 */
export async function probeAndInject(question: FillQuestion): Promise<Filled> {
  const { context, packs, caches, signal, directory, state, watch, modules } = question;
  const planned = planFetches(context, { state, packs, locations: await question.locations });
  const isPlanned = new Set(planned?.all.records.map(({ digest }) => digest));
  const downloaded = packs.filter(({ digest }) => !isPlanned.has(digest));
  const begun = Promise.withResolvers<void>();
  const eager = startInjection(question, downloaded, { others: planned?.all.records, checkAfter: begun.promise });
  const { sums, trees } = modules ?? { sums: undefined, trees: undefined };
  const all = packs.map((pack) => wantedNames(pack, state, { sums, trees }));
  const fill = planned && planBehindLook(question, { ...planned.all, onBytes: eager.onBytesThere });
  let look: Look | undefined;
  let fitting: Fitting;
  try {
    const asked = { packs: all, fetchPlan: planned?.all.plan, fill, onBegun: begun.resolve };
    look = await watch
      .time('probe', () => caches.probe({ signal, state, directory: path.join(directory, 'probe') }, asked))
      .finally(begun.resolve);
    fitting = fitMissing(question, look.probes);
  } catch (error) {
    await endFill(look?.filling, error);
    await eager.stop();
    throw error;
  }
  const { probes, filling } = look;
  const { plan, missing, isMissing } = fitting;
  const marker = markerOf([...packs.filter((_, index) => !isMissing[index]), ...missing]);
  const found = { plan, marker, probes };
  const present = all.filter((_, index) => !isMissing[index]);
  if (planned && filling) {
    const { records } = planned.all;
    if (records.every((record) => missing.includes(record)) && missing.length - records.length === downloaded.length)
      return { ...found, ...(await eager.injectAll({ present, marker, fill: { records, running: filling } })) };
    await endFill(filling, new Error('not all of it is wanted'));
  }
  const canFetch = planned !== undefined && probes.every((probe) => probe.canFetch);
  const there = canFetch ? missing.filter(({ digest }) => isPlanned.has(digest)) : [];
  const here = missing.filter((pack) => !there.includes(pack));
  const order = { present, marker, fetches: there.length === 0 ? undefined : planned?.plan(there) };
  if (missing.length > 0 && here.length === downloaded.length) return { ...found, ...(await eager.injectAll(order)) };
  await eager.stop();
  if (missing.length === 0) return { ...found, injectedBytes: 0 };
  return { ...found, ...(await startInjection(question, here, { others: there }).injectAll(order)) };
}

/** Undefined where the builder isn't the one that fetches all of the build cache. */
function planBehindLook(
  { caches, packs, state, modules }: FillQuestion,
  fetches: BuilderPlan & Pick<FillBehindLook, 'onBytes'>,
): FillBehindLook | undefined {
  const { records } = fetches;
  if (records.length < packs.filter(({ kind }) => kind === 'gocache').length) return undefined;
  const needed = neededBytes(caches.places, packs);
  return {
    ...fetches,
    marker: markerOf(packs),
    roomBytes: roomFor(needed.gocache + needed.gomodcache),
    neededBytes: needed.gocache,
    isUnsigned: records.some(({ digest }) => state.unsigned.has(digest)),
    opensTrees: (modules?.trees?.covered.size ?? 0) > 0,
  };
}

/** Of no use any more: how it ends is nobody's matter, but it has to be over. */
async function endFill(filling: RunningFill | undefined, reason: unknown): Promise<void> {
  filling?.stop(reason);
  await Promise.allSettled([filling?.done]);
}

/** Names the set of packs: equal for equal content, whichever snapshots it came from. */
function markerOf(packs: readonly PackRecord[]): string {
  return createHash('sha256')
    .update(
      packs
        .map(({ digest }) => digest)
        .sort()
        .join('\n'),
    )
    .digest('hex');
}
