import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { injectPacks } from '../buildkit/inject-packs.ts';
import type { HelperTarget } from '../buildkit/helper-dockerfile.ts';
import { probeMounts, type MountProbe, type PackNames, type ProbeRun } from '../buildkit/probe-mounts.ts';
import { SlipwayError } from '../core/errors.ts';
import type { PackRecord } from '../pack/types.ts';
import { isStoreFault, reportCacheFault } from './cache-fault.ts';
import { fetchPacks, type FetchResult } from './fetch-packs.ts';
import { helperImages } from './helper-images.ts';
import { planOwner } from './mount-owner.ts';
import { startStopwatch, type Stopwatch } from './stopwatch.ts';
import { sweepLeftovers } from './sweep-leftovers.ts';
import { formatSnapshotName, readStoredState, withoutPacks, type StoredState } from './stored-state.ts';
import type { PlannedBuild, RestoreReport, RestoreState, WarmContext } from './types.ts';

export interface RestoreOutcome {
  readonly report: RestoreReport;
  /** What the store held; undefined when it wasn't read or couldn't be. */
  readonly state: StoredState | undefined;
  /** First line of the marker that this run left in the mounts. */
  readonly marker: string | undefined;
  /** Entries that the mounts held before. */
  readonly entriesBefore: number | undefined;
  /** The store failed and that was told: a save that fails at it too has nothing new to say. */
  readonly isStoreFaultTold: boolean;
}

/**
 * Fills the build's Go cache mounts with what the store holds for the scope chain. A fault of the cache is told and
 * leaves the build cold; only an abort (and any fault under `--strict-cache`) is thrown.
 */
export async function restore(context: WarmContext, planned: PlannedBuild): Promise<RestoreOutcome> {
  const watch = startStopwatch(context.clock);
  const skip = skipReason(planned);
  if (skip !== undefined) return notRestored(watch, skip.state, skip);
  context.onEvent({ type: 'phase', phase: 'restore', state: 'start' });
  try {
    return await restoreMounts(context, planned, watch);
  } catch (error) {
    const why = reportCacheFault(context, 'the cache could not be restored, the build starts cold', error);
    return { ...notRestored(watch, 'failed', why), isStoreFaultTold: isStoreFault(error) };
  } finally {
    await sweepLeftovers(context);
    context.onEvent({ type: 'phase', phase: 'restore', state: 'done' });
  }
}

async function restoreMounts(context: WarmContext, planned: PlannedBuild, watch: Stopwatch): Promise<RestoreOutcome> {
  const state = await watch.time('read', () => readStoredState(context, context.options.scopes.read));
  const target = planTarget(planned, state);
  const kinds = new Set(planned.facts.mounts.map(({ kind }) => kind));
  const packs = state.packs.filter(({ kind }) => kinds.has(kind));
  warn(context, state.warnings);
  if (packs.length === 0) {
    const { report, ...rest } = notRestored(watch, 'nothing-stored', {});
    return { ...rest, report: { ...report, warnings: state.warnings }, state };
  }
  const named = packs.map((pack) => nameEntries(pack, state));
  const directory = await makeDirectory(context);
  try {
    const run = { ...context, target, images: helperImages(context, planned, 'small-first') };
    const { probes, fetched } = await probeAndFetch(
      context,
      state,
      packs,
      { ...run, directory: path.join(directory, 'probe') },
      watch,
    );
    const marker = markerOf(packs);
    const entriesBefore = probes.reduce((sum, probe) => sum + probe.presentEntries, 0);
    const base = { state, marker, entriesBefore, isStoreFaultTold: false };
    const report = { ...emptyReport(watch), snapshots: state.heads.map(({ name }) => formatSnapshotName(name)) };
    // What a build made warm by itself never had a marker, so none may be missed afterwards.
    if (fetched === undefined)
      return {
        ...base,
        marker: undefined,
        report: { ...report, state: 'already-warm', seconds: watch.seconds() },
      };
    warn(context, fetched.warnings);
    if (fetched.packs.length === 0) {
      const failed = notRestored(watch, 'failed', { reason: 'none of the packs that are missing here can be used' });
      const warnings = [...state.warnings, ...fetched.warnings];
      return { ...failed, report: { ...failed.report, warnings }, state: withoutPacks(state, fetched.lost) };
    }
    const usable = packs.flatMap((pack, index) => {
      const file = fetched.packs.find(({ record }) => record.digest === pack.digest)?.file;
      const isMissing = probes.some(({ missingPacks }) => missingPacks.includes(index));
      return file === undefined && isMissing
        ? []
        : [{ ...(named[index] as PackNames), ...pack, file: isMissing ? file : undefined }];
    });
    const injected = await watch.time('inject', () =>
      injectPacks({ ...run, directory: path.join(directory, 'inject') }, { packs: usable, marker }),
    );
    return {
      ...base,
      state: withoutPacks(state, fetched.lost),
      report: {
        ...report,
        state: 'restored',
        packsMoved: fetched.packsMoved,
        bytesMoved: fetched.bytesMoved,
        entriesRestored: Math.min(
          injected.presentEntries,
          probes.reduce((sum, probe) => sum + probe.missingEntries, 0),
        ),
        seconds: watch.seconds(),
        warnings: [...state.warnings, ...fetched.warnings],
      },
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Looks into the mounts while packs already download; a warm mount ends the downloads, a half warm one narrows them. */
async function probeAndFetch(
  context: WarmContext,
  state: StoredState,
  packs: readonly PackRecord[],
  run: ProbeRun,
  watch: Stopwatch,
): Promise<{ probes: readonly MountProbe[]; fetched: FetchResult | undefined }> {
  const eager = new AbortController();
  const signal = AbortSignal.any([context.signal, eager.signal]);
  const download = watch.time('download', () => fetchPacks(context, state, packs, signal));
  // Looked at below in every case; until then a failure must not count as unhandled.
  download.catch(() => {});
  try {
    const probes = await watch.time('probe', () =>
      probeMounts(
        run,
        packs.map((pack) => nameEntries(pack, state)),
      ),
    );
    const missing = packs.filter((_, index) => probes.some(({ missingPacks }) => missingPacks.includes(index)));
    if (missing.length === packs.length) return { probes, fetched: await download };
    eager.abort(new Error('not all packs are needed'));
    await download.catch(() => {});
    if (missing.length === 0) return { probes, fetched: undefined };
    return { probes, fetched: await watch.time('download', () => fetchPacks(context, state, missing, context.signal)) };
  } catch (error) {
    eager.abort(error);
    await download.catch(() => {});
    throw error;
  }
}

export function planTarget(planned: PlannedBuild, state: StoredState): HelperTarget {
  return {
    mounts: planned.facts.mounts.map((mount) => ({ mount, owner: planOwner(mount, state.united.owners) })),
    userBuild: planned.userBuild,
    dockerfileText: planned.dockerfileText,
  };
}

function nameEntries(pack: PackRecord, state: StoredState): PackNames {
  return { kind: pack.kind, names: (state.entriesByPack.get(pack.digest) ?? []).map((entry) => entry.path) };
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

export async function makeDirectory(context: WarmContext): Promise<string> {
  await mkdir(context.workDirectory, { recursive: true });
  return mkdtemp(path.join(context.workDirectory, 'run-'));
}

/** One line, however many there are: all of them are in the report. */
function warn(context: WarmContext, warnings: readonly string[]): void {
  const [first, ...more] = warnings;
  if (first === undefined) return;
  const text = more.length === 0 ? first : `${first} (and ${more.length} more like it)`;
  if (context.options.isStrict) throw new SlipwayError('STORE_FAILED', text);
  context.onEvent({ type: 'message', level: 'warning', text });
}

function skipReason(planned: PlannedBuild): { state: RestoreState; reason: string; hint?: string } | undefined {
  const { facts, userBuild } = planned;
  if (!facts.isKnownFrontend)
    return { state: 'skipped', reason: `the frontend \`${facts.syntax}\` is not docker/dockerfile` };
  if (facts.mounts.length === 0) {
    return {
      state: 'no-mounts',
      reason: 'the build has no cache mounts for Go',
      hint: 'add `--mount=type=cache,target=/root/.cache/go-build` and `--mount=type=cache,target=/go/pkg/mod` to the RUN that compiles',
    };
  }
  if (userBuild.noCache) return { state: 'skipped', reason: '`--no-cache` makes BuildKit use empty cache mounts' };
  return undefined;
}

function notRestored(watch: Stopwatch, state: RestoreState, why: { reason?: string; hint?: string }): RestoreOutcome {
  const { reason, hint } = why;
  return {
    report: {
      ...emptyReport(watch),
      state,
      seconds: watch.seconds(),
      ...(reason === undefined ? {} : { reason }),
      ...(hint === undefined ? {} : { hint }),
    },
    state: undefined,
    marker: undefined,
    entriesBefore: undefined,
    isStoreFaultTold: false,
  };
}

function emptyReport(watch: Stopwatch): Omit<RestoreReport, 'state'> {
  return {
    snapshots: [],
    packsMoved: 0,
    bytesMoved: 0,
    entriesRestored: 0,
    seconds: 0,
    phases: watch.phases,
    warnings: [],
  };
}
