import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Worker } from '../../test/helpers/worker.ts';
import { copyIn, copyOut } from '../copy-strategy.ts';
import { applyEdit, type Edit, EDITS, type EditName, editNamed } from '../edits.ts';
import type { BenchContext } from './bench-context.ts';
import { BUNDLE, plainBuild, pullBaseImage, SLIPWAY, slipwayBuild, type SlipwayResult } from './builds.ts';
import { settle } from './machine.ts';
import { packedUsedBytes } from './packed-used.ts';
import { copyProject, measureDirectory } from './project.ts';
import type { Sample } from './results.ts';
import { startStoreRegistry } from './store-registry.ts';

const run = promisify(execFile);

/** What the rounds start from: a store that a cold build filled, and the two caches as directories. */
export interface Seed {
  readonly storeDirectory: string;
  readonly cacheDirectory: string;
  /** The layers of that build. */
  readonly layerDirectory: string;
}

export function seedPaths(context: BenchContext): Seed {
  return {
    storeDirectory: join(context.workDirectory, 'seed-store'),
    cacheDirectory: join(context.workDirectory, 'seed-caches'),
    layerDirectory: join(context.workDirectory, 'seed-layers'),
  };
}

interface SeedWishes {
  /** By slipway, which saves all of it, or plainly. */
  readonly withSlipway: boolean;
  /** The build stores its layers too, as one in CI does. */
  readonly withLayers: boolean;
}

/** Builds the project once on an empty worker, and keeps the caches. */
export async function makeSeed(context: BenchContext, { withSlipway, withLayers }: SeedWishes): Promise<void> {
  const seed = seedPaths(context);
  const source = await freshSource(context);
  await using worker = await context.workers.start();
  if (withSlipway) {
    const storage = join(context.workDirectory, 'store');
    await using registry = await startStoreRegistry(storage);
    await settle(context.signal);
    await rm(seed.layerDirectory, { recursive: true, force: true });
    const layersTo = withLayers ? seed.layerDirectory : undefined;
    const build = { buildkitHost: worker.address, source, storeHost: registry.host, layersTo };
    const result = await slipwayBuild(context, build);
    requireState(result, 'nothing-stored');
    const values = { ...valuesOf(result), requestBodyBytes: registry.takeRequestBytes() };
    await replaceDirectory(storage, seed.storeDirectory);
    await record(context, { case: 'seed', variant: 'seed', repeat: 0, seconds: result.seconds, values });
  } else {
    await plainBuild(context, worker.address, source);
  }
  await rm(seed.cacheDirectory, { recursive: true, force: true });
  await run('mkdir', ['-p', seed.cacheDirectory]);
  const found = await findCacheMounts(worker.root);
  await run('cp', ['-a', found.gocache, join(seed.cacheDirectory, 'go-cache')]);
  await run('cp', ['-a', found.gomodcache, join(seed.cacheDirectory, 'gomod-cache')]);
  const [goCache, modCache] = [await measureDirectory(found.gocache), await measureDirectory(found.gomodcache)];
  await record(context, {
    case: 'seed',
    variant: 'sizes',
    repeat: 0,
    seconds: 0,
    values: {
      goCacheBytes: goCache.bytes,
      goCacheFiles: goCache.files,
      modCacheBytes: modCache.bytes,
      modCacheFiles: modCache.files,
    },
  });
}

/** Cases a and b: an empty worker builds cold, then lives on as the persistent builder and builds each edit. */
export async function measureColdAndPersistent(
  context: BenchContext,
  repeat: number,
  wants: { readonly unchanged: boolean },
): Promise<void> {
  const isUnchangedDone = !wants.unchanged || isDone(context, 'unchanged', 'fresh worker', repeat);
  const isColdDone = isDone(context, 'cold', 'base missing', repeat);
  if (isColdDone && isUnchangedDone && allEdits((name) => isDone(context, 'persistent', name, repeat))) return;
  const source = await freshSource(context);
  await using worker = await context.workers.start();
  await settle(context.signal);
  const cold = await plainBuild(context, worker.address, source);
  await record(context, { case: 'cold', variant: 'base missing', repeat, seconds: cold.seconds, values: {} });
  for (const edit of EDITS) {
    await applyEdit(source, edit, uniqueValue(context, edit, repeat, 'b'));
    await settle(context.signal);
    const result = await plainBuild(context, worker.address, source);
    await record(context, {
      case: 'persistent',
      variant: edit.name,
      edit: edit.name,
      repeat,
      seconds: result.seconds,
      values: {},
    });
    // Back to the seed's text, so that no edit stands on another's shoulders.
    await rm(source, { recursive: true });
    await copyProject(context.projectDirectory, source);
  }
  if (wants.unchanged) await measureUnchanged(context, repeat, { address: worker.address, source });
}

/**
 * Case j: nothing has changed since the cold build. The persistent builder has it all; the fresh worker has the layers of that build as
 * a cache.
 */
async function measureUnchanged(
  context: BenchContext,
  repeat: number,
  persistent: { readonly address: string; readonly source: string },
): Promise<void> {
  if (isDone(context, 'unchanged', 'fresh worker', repeat)) return;
  const { address, source } = persistent;
  await settle(context.signal);
  const { seconds } = await plainBuild(context, address, source);
  await record(context, { case: 'unchanged', variant: 'persistent', repeat, seconds, values: {} });
  const { storeDirectory, layerDirectory } = seedPaths(context);
  await using worker = await context.workers.start();
  await using registry = await startStoreRegistry(join(context.workDirectory, 'store'), storeDirectory);
  await settle(context.signal);
  const build = { buildkitHost: worker.address, source, storeHost: registry.host, layersFrom: layerDirectory };
  const result = await slipwayBuild(context, build);
  requireState(result, 'not-needed', 'nothing-new');
  const sample = { variant: 'fresh worker', repeat, seconds: result.seconds, values: valuesOf(result) };
  await record(context, { case: 'unchanged', ...sample });
}

/** Case a with the base image there. */
export async function measureColdWithBase(context: BenchContext, repeat: number): Promise<void> {
  if (isDone(context, 'cold', 'base present', repeat)) return;
  const source = await freshSource(context);
  await using worker = await context.workers.start();
  await pullBaseImage(context, worker.address);
  await settle(context.signal);
  const { seconds } = await plainBuild(context, worker.address, source);
  await record(context, { case: 'cold', variant: 'base present', repeat, seconds, values: {} });
}

/** Case e on a fresh worker, which then has the base image and goes on as case c when `edit` is given. */
export async function measurePullAndWarm(
  context: BenchContext,
  repeat: number,
  wants: { edit: EditName; pull: boolean; warm: boolean },
): Promise<void> {
  const isPullDone = !wants.pull || isDone(context, 'base-pull', `before ${wants.edit}`, repeat);
  const isWarmDone = !wants.warm || isDone(context, 'warm-present', wants.edit, repeat);
  if (isPullDone && isWarmDone) return;
  await using worker = await context.workers.start();
  await settle(context.signal);
  const pull = await pullBaseImage(context, worker.address);
  if (!isPullDone) {
    const variant = `before ${wants.edit}`;
    await record(context, { case: 'base-pull', variant, repeat, seconds: pull.seconds, values: {} });
  }
  if (!isWarmDone) await measureWarm(context, worker, 'warm-present', editNamed(wants.edit), repeat);
}

/** Case d. */
export async function measureWarmMissing(context: BenchContext, repeat: number, edit: EditName): Promise<void> {
  if (isDone(context, 'warm-missing', edit, repeat)) return;
  await using worker = await context.workers.start();
  await measureWarm(context, worker, 'warm-missing', editNamed(edit), repeat);
}

async function measureWarm(
  context: BenchContext,
  worker: Worker,
  name: 'warm-present' | 'warm-missing',
  edit: Edit,
  repeat: number,
): Promise<void> {
  const source = await freshSource(context);
  await applyEdit(source, edit, uniqueValue(context, edit, repeat, name));
  const storage = join(context.workDirectory, 'store');
  await using registry = await startStoreRegistry(storage, seedPaths(context).storeDirectory);
  await settle(context.signal);
  const result = await slipwayBuild(context, { buildkitHost: worker.address, source, storeHost: registry.host });
  requireState(result, 'restored');
  const { gocache } = await findCacheMounts(worker.root);
  const values = {
    ...valuesOf(result),
    bytesUsedPacked: await packedUsedBytes(gocache, join(context.workDirectory, 'used')),
    requestBodyBytes: registry.takeRequestBytes(),
    responseBodyBytes: registry.takeResponseBytes(),
  };
  await record(context, { case: name, variant: edit.name, edit: edit.name, repeat, seconds: result.seconds, values });
}

/** Case f: base image present, whole directories in, the build, whole directories out (up to the limit). */
export async function measureCopy(context: BenchContext, repeat: number): Promise<void> {
  if (isDone(context, 'copy', 'main', repeat)) return;
  const source = await freshSource(context);
  const edit = editNamed('main');
  await applyEdit(source, edit, uniqueValue(context, edit, repeat, 'f'));
  await using worker = await context.workers.start();
  await pullBaseImage(context, worker.address);
  const shared = {
    buildkitHost: worker.address,
    workDirectory: context.workDirectory,
    nonce: `${context.runId}-${repeat}`,
    signal: context.signal,
  };
  const out = join(context.workDirectory, 'copied-out');
  try {
    await settle(context.signal);
    const goingIn = await copyIn({ ...shared, directory: seedPaths(context).cacheDirectory });
    const build = await plainBuild(context, worker.address, source);
    const goingOut = await copyOut({ ...shared, directory: out, capSeconds: context.copyCapSeconds });
    const copied = await measureDirectory(out);
    await record(context, {
      case: 'copy',
      variant: 'main',
      edit: 'main',
      repeat,
      seconds: goingIn.seconds + build.seconds + goingOut.seconds,
      isCensored: goingOut.isCapped,
      values: {
        copyIn: goingIn.seconds,
        build: build.seconds,
        copyOut: goingOut.seconds,
        inAndOut: goingIn.seconds + goingOut.seconds,
        copiedOutFiles: copied.files,
        copiedOutBytes: copied.bytes,
      },
    });
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

/** Case i: the three programs by turns, each started once before the clock counts. */
export async function measureStart(context: BenchContext, repeats: number): Promise<void> {
  const programs: Record<string, readonly string[]> = {
    node: [process.execPath, '-e', '0'],
    source: [SLIPWAY, '--help'],
    ...(existsSync(BUNDLE) ? { bundle: [process.execPath, BUNDLE, '--help'] } : {}),
  };
  await settle(context.signal);
  for (const words of Object.values(programs)) startOnce(words);
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    for (const [variant, words] of Object.entries(programs)) {
      if (isDone(context, 'start', variant, repeat)) continue;
      context.signal.throwIfAborted();
      await context.samples.add({ case: 'start', variant, repeat, seconds: startOnce(words), values: {} });
    }
  }
  context.say(`start: ${Object.keys(programs).join(', ')}, ${repeats} times each`);
}

function startOnce([command, ...args]: readonly string[]): number {
  const started = performance.now();
  const result = spawnSync(command as string, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const seconds = (performance.now() - started) / 1000;
  if (result.status !== 0)
    throw new Error(`\`${command} ${args.join(' ')}\` exited with ${result.status}: ${result.stderr.toString()}`);
  return seconds;
}

function valuesOf(result: SlipwayResult): Record<string, number> {
  const { report } = result;
  const prefixed = (prefix: string, phases: Readonly<Record<string, number>>): Record<string, number> =>
    Object.fromEntries(Object.entries(phases).map(([name, seconds]) => [`${prefix}.${name}`, seconds]));
  return {
    restore: report.restore.seconds,
    ...prefixed('restore', report.restore.phases),
    build: report.buildSeconds,
    save: report.save.seconds,
    ...prefixed('save', report.save.phases),
    // What the report doesn't account for (node's start, planning) counts as restore + build.
    restoreAndBuild: result.seconds - report.save.seconds,
    restoreAndSave: report.restore.seconds + report.save.seconds,
    packsDown: report.restore.packsMoved,
    bytesDown: report.restore.bytesMoved,
    bytesDownGocache: report.restore.bytesByKind?.gocache ?? 0,
    bytesByBuilder: report.restore.bytesByBuilder ?? 0,
    entriesRestored: report.restore.entriesRestored,
    packsUp: report.save.packsMoved,
    bytesUp: report.save.bytesMoved,
    entriesNew: report.save.entriesNew,
    entriesUsed: report.save.entriesUsed,
    peakBytes: result.peakBytes,
  };
}

/** A sample of something else than what the case is about is worse than none. */
function requireState(result: SlipwayResult, restore: string, save = 'saved'): void {
  const { report } = result;
  if (report.restore.state !== restore) {
    throw new Error(`restore ended as \`${report.restore.state}\` (${report.restore.reason}), expected \`${restore}\``);
  }
  if (report.save.state !== save) throw new Error(`save ended as \`${report.save.state}\` (${report.save.reason})`);
}

/** BuildKit's overlay snapshotter keeps a cache mount as `runc-overlayfs/snapshots/snapshots/<n>/fs`. */
async function findCacheMounts(root: string): Promise<{ gocache: string; gomodcache: string }> {
  const snapshots = join(root, 'runc-overlayfs', 'snapshots', 'snapshots');
  const paths = (await readdir(snapshots)).map((name) => join(snapshots, name, 'fs'));
  const gocache = paths.find((path) => existsSync(join(path, 'trim.txt')) || existsSync(join(path, '00')));
  const gomodcache = paths.find((path) => existsSync(join(path, 'cache', 'download')));
  if (gocache === undefined || gomodcache === undefined)
    throw new Error('the cache mounts were not found in the worker');
  return { gocache, gomodcache };
}

export async function freshSource(context: BenchContext): Promise<string> {
  const source = join(context.workDirectory, 'source');
  await rm(source, { recursive: true, force: true });
  return await copyProject(context.projectDirectory, source);
}

async function replaceDirectory(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await run('cp', ['-a', from, to]);
}

function uniqueValue(context: BenchContext, edit: Edit, repeat: number, where: string): string {
  return `${edit.name} ${context.runId} ${where} ${repeat}`;
}

function allEdits(test: (name: EditName) => boolean): boolean {
  return EDITS.every((edit) => test(edit.name));
}

export function isDone(context: BenchContext, name: Sample['case'], variant: string, repeat: number): boolean {
  return context.samples.has({ case: name, variant, repeat });
}

export async function record(context: BenchContext, sample: Omit<Sample, 'at'>): Promise<void> {
  if (isDone(context, sample.case, sample.variant, sample.repeat)) return;
  await context.samples.add(sample);
  const more = ['restore', 'build', 'save', 'copyIn', 'copyOut'].flatMap((key) =>
    sample.values[key] === undefined ? [] : [`${key} ${sample.values[key].toFixed(1)}`],
  );
  const cut = sample.isCensored === true ? ' (cut off)' : '';
  const parts = more.length === 0 ? '' : ` = ${more.join(' + ')}`;
  context.say(`${sample.case} ${sample.variant} #${sample.repeat + 1}: ${sample.seconds.toFixed(1)} s${parts}${cut}`);
}
