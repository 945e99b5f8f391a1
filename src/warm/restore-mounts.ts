import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { InjectResult } from '../buildkit/inject-packs.ts';
import { probeMounts, type MountProbe } from '../buildkit/probe-mounts.ts';
import { SlipwayError } from '../core/errors.ts';
import type { PackRecord } from '../pack/types.ts';
import type { FetchResult } from './fetch-packs.ts';
import { helperImages } from './helper-images.ts';
import { planTarget } from './helper-target.ts';
import { startInjection, type InjectionPlace } from './inject-rounds.ts';
import { emptyReport, notRestored, type RestoreOutcome } from './restore-outcome.ts';
import { makeRunDirectory } from './run-directory.ts';
import type { Stopwatch } from './stopwatch.ts';
import { formatSnapshotName, packNames, readStoredState, withoutPacks } from './stored-state.ts';
import type { PlannedBuild, WarmContext } from './types.ts';

/** Reads what the store holds for the build's mounts and brings into them what is missing there. */
export async function restoreMounts(
  context: WarmContext,
  planned: PlannedBuild,
  watch: Stopwatch,
): Promise<RestoreOutcome> {
  const state = await watch.time('read', () => readStoredState(context, context.options.scopes.read));
  const kinds = new Set(planned.facts.mounts.map(({ kind }) => kind));
  const packs = state.packs.filter(({ kind }) => kinds.has(kind));
  warn(context, state.warnings);
  if (packs.length === 0) {
    const { report, ...rest } = notRestored(watch, 'nothing-stored', {});
    return { ...rest, report: { ...report, warnings: state.warnings }, state };
  }
  const directory = await makeRunDirectory(context);
  try {
    const run = {
      ...context,
      target: planTarget(planned, state),
      images: helperImages(context, planned, 'small-first'),
      directory,
    };
    return await fillMounts({ context, state, packs, run, watch });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

interface Filling extends InjectionPlace {
  readonly packs: readonly PackRecord[];
}

async function fillMounts(filling: Filling): Promise<RestoreOutcome> {
  const { context, state, packs, watch } = filling;
  const marker = markerOf(packs);
  const { probes, fetched, injected } = await probeAndInject(filling, marker);
  const entriesBefore = probes.reduce((sum, probe) => sum + probe.presentEntries, 0);
  const base = { state, marker, entriesBefore, isStoreFaultTold: false };
  const report = { ...emptyReport(watch), snapshots: state.heads.map(({ name }) => formatSnapshotName(name)) };
  // What a build made warm by itself never had a marker, so none may be missed afterwards.
  if (fetched === undefined) {
    return { ...base, marker: undefined, report: { ...report, state: 'already-warm', seconds: watch.seconds() } };
  }
  warn(context, fetched.warnings);
  const warnings = [...state.warnings, ...fetched.warnings];
  const left = withoutPacks(state, fetched.lost);
  if (injected === undefined) {
    const failed = notRestored(watch, 'failed', { reason: 'none of the packs that are missing here can be used' });
    return { ...failed, report: { ...failed.report, warnings }, state: left };
  }
  const missingBefore = probes.reduce((sum, probe) => sum + probe.missingEntries, 0);
  return {
    ...base,
    state: left,
    report: {
      ...report,
      state: 'restored',
      packsMoved: fetched.packsMoved,
      bytesMoved: fetched.bytesMoved,
      entriesRestored: Math.min(injected.presentEntries, missingBefore),
      seconds: watch.seconds(),
      warnings,
    },
  };
}

interface Filled {
  readonly probes: readonly MountProbe[];
  /** Undefined when nothing was missing. */
  readonly fetched: FetchResult | undefined;
  /** Undefined when nothing was missing, or nothing of it could be used. */
  readonly injected: InjectResult | undefined;
}

/** Looks into the mounts while packs already download; a warm mount ends the downloads, a half warm one narrows them. */
async function probeAndInject(filling: Filling, marker: string): Promise<Filled> {
  const { packs, run, state, watch } = filling;
  const eager = startInjection(filling, packs);
  const all = packs.map((pack) => packNames(pack, state));
  let probes: readonly MountProbe[];
  try {
    probes = await watch.time('probe', () =>
      probeMounts({ ...run, directory: path.join(run.directory, 'probe') }, all),
    );
  } catch (error) {
    await eager.stop();
    throw error;
  }
  const isMissing = packs.map((_, index) => probes.some(({ missingPacks }) => missingPacks.includes(index)));
  const present = all.filter((_, index) => !isMissing[index]);
  if (present.length === 0) return { probes, ...(await eager.injectAll([], marker)) };
  await eager.stop();
  if (present.length === packs.length) return { probes, fetched: undefined, injected: undefined };
  const missing = packs.filter((_, index) => isMissing[index]);
  return { probes, ...(await startInjection(filling, missing).injectAll(present, marker)) };
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

/** One line, however many there are: all of them are in the report. */
function warn(context: WarmContext, warnings: readonly string[]): void {
  const [first, ...more] = warnings;
  if (first === undefined) return;
  const text = more.length === 0 ? first : `${first} (and ${more.length} more like it)`;
  if (context.options.isStrict) throw new SlipwayError('STORE_FAILED', text);
  context.onEvent({ type: 'message', level: 'warning', text });
}
