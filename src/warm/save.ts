import { rm } from 'node:fs/promises';
import type { MountExtract } from '../buildkit/extract-entries.ts';
import { errorMessage, isSlipwayError } from '../core/errors.ts';
import type { MountKind } from '../core/mount-kind.ts';
import type { BuildRecord, Snapshot } from '../pack/types.ts';
import type { BegunSave } from './begin-save.ts';
import { isStoreFault, reportCacheFault } from './cache-fault.ts';
import type { GoCaches } from './caches.ts';
import { mountCaches } from './mount-caches.ts';
import { isRenewalDue } from './plan-signing.ts';
import { prepareSave, type PreparedSave } from './prepare-save.ts';
import { publish } from './publish.ts';
import { refusePublic } from './refuse-public.ts';
import type { RestoreOutcome } from './restore-outcome.ts';
import { emptySaveReport } from './save-report.ts';
import { startStopwatch, type Stopwatch } from './stopwatch.ts';
import { storedAmounts } from './stored-amounts.ts';
import { formatSnapshotName } from './stored-state.ts';
import { withUsedTrees } from './trees/used-trees.ts';
import type { PlannedBuild, SaveContext, SaveReport, SaveState, StoreContext, WarmContext } from './types.ts';
import { whyRefused, whyUnsaved } from './why-unsaved.ts';

export interface SaveInput {
  /** What this process restored before the build; without it the store is read now. */
  readonly restored?: RestoreOutcome;
  readonly build?: {
    readonly seconds: number;
    /** Seconds since the build began, on a clock that doesn't jump. */
    readonly ageSeconds: number;
    readonly ranSteps: readonly string[];
    /** See `BuildRecord`. */
    readonly stepsKey?: string | undefined;
  };
  /** What was begun beside this build. */
  readonly begun?: BegunSave | undefined;
}

/**
 * Saves what the build added to its Go cache mounts. A fault of the cache is told and leaves the store as it was; only an
 * abort (and any fault under `--strict-cache`) is thrown.
 */
export async function save(
  context: WarmContext,
  planned: PlannedBuild,
  input: SaveInput,
  caches: GoCaches = mountCaches(context, planned),
): Promise<SaveReport> {
  const skip = skipMounts(planned);
  if (skip !== undefined) return report(startStopwatch(context.clock), skip.state, { reason: skip.reason });
  return saveCaches(context, caches, input);
}

/** The same for any caches of Go. */
export async function saveCaches(context: SaveContext, caches: GoCaches, input: SaveInput): Promise<SaveReport> {
  const { begun } = input;
  const besideSeconds = begun?.seconds();
  try {
    const saved = await saveBehind(context, caches, input);
    if (begun === undefined || besideSeconds === undefined) return saved;
    return { ...saved, besideSeconds, phases: addSeconds(begun.phases, saved.phases) };
  } finally {
    await begun?.drop();
  }
}

function addSeconds(...all: readonly SaveReport['phases'][]): SaveReport['phases'] {
  const sums: Record<string, number> = {};
  for (const [part, seconds] of all.flatMap(Object.entries<number>)) sums[part] = (sums[part] ?? 0) + seconds;
  return sums;
}

/** What is left to do when the build is over. */
async function saveBehind(context: SaveContext, caches: GoCaches, input: SaveInput): Promise<SaveReport> {
  const watch = startStopwatch(context.clock);
  const skip = whyUnsaved(context);
  if (skip !== undefined) return report(watch, 'skipped', { reason: skip });
  const refused = whyRefused(context);
  if (refused !== undefined) return reportRefused(context, input, watch, refused);
  context.onEvent({ type: 'phase', phase: 'save', state: 'start' });
  try {
    return await saveNew(context, caches, input, watch);
  } catch (error) {
    if (isSlipwayError(error, 'STORE_REFUSED')) return reportRefused(context, input, watch, error.message);
    const isTold = input.restored?.isStoreFaultTold === true && isStoreFault(error);
    return report(watch, 'failed', reportCacheFault(context, 'the cache could not be saved', error, { isTold }));
  } finally {
    context.onEvent({ type: 'phase', phase: 'save', state: 'done' });
  }
}

/** The service's rules for this run, and no fault: restored, not saved, also under `--strict-cache`. */
function reportRefused(context: StoreContext, input: SaveInput, watch: Stopwatch, reason: string): SaveReport {
  const isTold = input.restored?.report.state === 'skipped';
  if (!isTold) context.onEvent({ type: 'message', level: 'info', text: `nothing is saved: ${reason}` });
  return report(watch, 'skipped', { reason });
}

/** What was begun beside the build; where the builder failed at that, it is made anew, now that nothing else runs there. */
async function prepare(
  context: SaveContext,
  caches: GoCaches,
  { begun, restored, build }: SaveInput,
  watch: Stopwatch,
): Promise<PreparedSave> {
  try {
    if (begun !== undefined) return await begun.take();
  } catch (error) {
    context.signal.throwIfAborted();
    if (isStoreFault(error) || isSlipwayError(error, 'STORE_REFUSED')) throw error;
    context.logger.debug(`what was begun beside the build is begun again: ${errorMessage(error)}`);
  }
  return prepareSave(context, caches, { stored: restored?.state, ageSeconds: build?.ageSeconds }, watch);
}

async function saveNew(
  context: SaveContext,
  caches: GoCaches,
  input: SaveInput,
  watch: Stopwatch,
): Promise<SaveReport> {
  const prepared = await prepare(context, caches, input, watch);
  const { stored, signing, extracts, verified, trees, made, directory } = prepared;
  const { state } = signing;
  try {
    for (const object of prepared.compiled) context.onCompiled?.(object);
    const warnings = [
      ...seenWarnings(caches, extracts, input),
      ...(signing.warning === undefined ? [] : [signing.warning]),
    ];
    for (const text of warnings) context.onEvent({ type: 'message', level: 'warning', text });
    const fresh = made?.packs ?? verified.packs;
    tellLeftOut(context, 'damaged entries are not saved', verified.rejected);
    tellLeftOut(context, 'entries that look as if they held a secret are not saved', verified.secrets);
    const used = trees === undefined ? unionUsed(extracts) : withUsedTrees(unionUsed(extracts), trees, made);
    const counts = {
      entriesNew: fresh.reduce((sum, { facts }) => sum + facts.entries.length, 0),
      entriesUsed: extracts.reduce((sum, { usedNames }) => sum + usedNames.length, 0),
      entriesRejected: verified.rejected.length,
      warnings: [...warnings, ...notSaved(verified.rejected), ...notSaved(verified.secrets)],
    };
    const isRenewal = isRenewalDue(context.options, signing, context.clock.now());
    if (fresh.length === 0 && !isRenewal)
      return { ...report(watch, 'nothing-new', {}), ...counts, seconds: watch.seconds() };
    const refusal = await watch.time('ask', () => refusePublic(context, caches.checkout, stored.heads[0]?.name));
    if (refusal !== undefined) {
      const why = reportCacheFault(context, 'nothing is saved', refusal);
      return { ...report(watch, 'skipped', why), ...counts, seconds: watch.seconds() };
    }
    const published = await watch.time('upload', () =>
      publish(context, state, {
        fresh,
        used,
        build: buildRecord(context, caches, input, extracts),
        owners: ownersOf(extracts),
        facts: { ...context.options.facts, ...factsOf(extracts) },
        signingKeys: signing.keys,
        directory,
      }),
    );
    return {
      ...report(watch, 'saved', {}),
      ...counts,
      snapshot: formatSnapshotName(published.name),
      ...(signing.keys.length === 0 ? {} : { signedBy: signing.keys.map(({ publicKey }) => publicKey.keyId) }),
      packsMoved: published.packsMoved,
      bytesMoved: published.bytesMoved,
      bytesByKind: published.bytesByKind,
      stored: storedAmounts(published.packs),
      isCompacted: published.isCompacted,
      seconds: watch.seconds(),
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * One line for entries that stay where they are. A killed compile or a bad disk leaves damaged ones, which Go heals or
 * replaces; a secret is named by its kind and the entry, never by itself.
 */
function tellLeftOut(context: StoreContext, what: string, entries: readonly string[]): void {
  const [first, ...more] = entries;
  if (first === undefined) return;
  const others = more.length === 0 ? '' : ` (and ${more.length} more)`;
  context.onEvent({ type: 'message', level: 'warning', text: `${what}: ${first}${others}` });
}

function notSaved(entries: readonly string[]): readonly string[] {
  return entries.slice(0, 20).map((text) => `not saved: ${text}`);
}

/** Was the mount that was filled the one that the build used? A mount that nobody touched was another one. */
function* seenWarnings(caches: GoCaches, extracts: readonly MountExtract[], input: SaveInput): Generator<string> {
  const { restored, build } = input;
  // A build whose steps all came from the layer cache compiled nowhere.
  const hasRun = build === undefined || build.ranSteps.some((name) => /\bRUN\b/.test(name));
  for (const [index, { kind, marker, usedNames, newNames }] of extracts.entries()) {
    const where = caches.places[index % caches.places.length]?.name ?? kind;
    if (restored?.marker !== undefined && marker === undefined) {
      yield `the ${where} was restored, but the builder has dropped it since: the build started cold`;
    } else if (marker !== undefined && hasRun && kind === 'gocache' && usedNames.length + newNames.length === 0) {
      yield `the ${where} was restored, but the build used nothing of it: it compiled into another directory or mount`;
    }
  }
}

function unionUsed(extracts: readonly MountExtract[]): Partial<Record<MountKind, ReadonlySet<string>>> {
  const used: Partial<Record<MountKind, Set<string>>> = {};
  for (const { kind, usedNames, newNames } of extracts) {
    const names = used[kind] ?? new Set<string>();
    for (const name of usedNames) names.add(name);
    for (const name of newNames) names.add(name);
    used[kind] = names;
  }
  return used;
}

function ownersOf(extracts: readonly MountExtract[]): Snapshot['owners'] {
  return Object.fromEntries(extracts.flatMap(({ kind, owner }) => (owner === undefined ? [] : [[kind, owner]])));
}

/** `uname -m` in the words of GOARCH, which OCI images are described in. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64', armv7l: 'arm' };

function factsOf(extracts: readonly MountExtract[]): Snapshot['facts'] {
  const machine = extracts.find((extract) => extract.machine !== undefined)?.machine;
  const goVersion = extracts.find((extract) => extract.goVersion !== undefined)?.goVersion;
  return {
    ...(goVersion !== undefined && /^go[\w.+-]{1,64}$/.test(goVersion) ? { goVersion } : {}),
    ...(machine === undefined ? {} : { platform: `linux/${ARCHITECTURES[machine] ?? machine}` }),
  };
}

function buildRecord(
  context: StoreContext,
  { buildPlace }: GoCaches,
  input: SaveInput,
  extracts: readonly MountExtract[],
): BuildRecord | undefined {
  if (input.build === undefined || input.restored === undefined) return undefined;
  const { report: restored, share, injectedBytes } = input.restored;
  // A cold build made every entry it left behind.
  const isCold =
    share === 'none' && extracts.every(({ presentEntries, youngEntries }) => youngEntries >= presentEntries * 0.9);
  return {
    finishedAtMs: context.clock.now(),
    buildSeconds: input.build.seconds,
    restoreSeconds: restored.seconds,
    restoredBytes: restored.bytesMoved,
    isCold,
    ...(share === undefined ? {} : { restored: share === 'none' && !isCold ? 'part' : share }),
    ...measured('downloadSeconds', restored.bytesMoved > 0 ? restored.phases['download'] : undefined),
    ...measured('injectedBytes', injectedBytes > 0 ? injectedBytes : undefined),
    ...measured('injectSeconds', injectedBytes > 0 ? restored.phases['inject'] : undefined),
    ...(buildPlace === 'host' ? { place: buildPlace } : {}),
    ...(input.build.stepsKey === undefined ? {} : { stepsKey: input.build.stepsKey }),
  };
}

function measured<K extends string>(key: K, value: number | undefined): { readonly [key in K]?: number } {
  if (value === undefined) return {};
  return { [key]: Math.round(value * 1000) / 1000 } as { readonly [key in K]: number };
}

/** Why there are no mounts to save. */
export function skipMounts({ facts }: PlannedBuild): { state: SaveState; reason: string } | undefined {
  if (!facts.isKnownFrontend)
    return { state: 'skipped', reason: `the frontend \`${facts.syntax}\` is not docker/dockerfile` };
  if (facts.mounts.length === 0) return { state: 'no-mounts', reason: 'the build has no cache mounts for Go' };
  return undefined;
}

function report(watch: Stopwatch, state: SaveState, why: { reason?: string; hint?: string }): SaveReport {
  return { ...emptySaveReport(state, why), seconds: watch.seconds(), phases: watch.phases };
}
