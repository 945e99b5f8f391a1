import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startWorker } from '../../../test/helpers/worker.ts';
import { applyEdit, editNamed } from '../../edits.ts';
import { plainBuild, pullBaseImage, slipwayBuild, slipwayRestore } from '../builds.ts';
import { settle } from '../machine.ts';
import { copyProject } from '../project.ts';
import { startStoreRegistry } from '../store-registry.ts';
import { cpuSeconds, startBenchWorker } from './bench-worker.ts';
import type { ImageBench } from './image-bench.ts';
import type { BuildSample, Order } from './results.ts';
import type { ImageVariant } from './variants.ts';

/** One cold `slipway build` fills the store: what it saves is the same whatever image the compiler comes in. */
export async function fillSeed(bench: ImageBench): Promise<void> {
  const source = await copyProject(bench.projectDirectory, join(bench.workDirectory, 'seed-source'));
  await using worker = await startWorker();
  const storage = join(bench.workDirectory, 'first-store');
  await using store = await startStoreRegistry(storage);
  const { seconds, report } = await slipwayBuild(bench, {
    buildkitHost: worker.address,
    source,
    storeHost: store.host,
  });
  if (report.save.state !== 'saved') throw new Error(`the first save ended as \`${report.save.state}\``);
  await cp(storage, bench.seedDirectory, { recursive: true });
  bench.say(`filled the store in ${seconds.toFixed(0)} s`);
}

/** A one-line edit in package main, on a worker without the base image, with all packs in the store. */
export async function measureBuild(
  bench: ImageBench,
  variant: ImageVariant,
  order: Order,
  repeat: number,
): Promise<BuildSample> {
  const image = `golang:${variant.tag}`;
  const source = await editedSource(bench, image, `${bench.runId} ${variant.name} ${order} ${repeat}`);
  await using worker = await startBenchWorker(bench, variant);
  await using store = await startStoreRegistry(join(bench.workDirectory, 'store'), bench.seedDirectory);
  const build = { buildkitHost: worker.address, source, storeHost: store.host, isUnguarded: true };
  await settle(bench.signal);
  bench.registry.takeResponseBytes();
  const cpuBefore = await cpuSeconds(worker.pid);
  const pull = order === 'base-first' ? (await pullBaseImage(bench, worker.address, image)).seconds : 0;
  const parts = order === 'packs-first' ? await restoreThenBuild(bench, build) : await buildAtOnce(bench, build);
  return {
    variant: variant.name,
    order,
    repeat,
    ...parts,
    seconds: pull + parts.seconds,
    cpuSeconds: (await cpuSeconds(worker.pid)) - cpuBefore,
    imageBytes: bench.registry.takeResponseBytes(),
    packBytes: store.takeResponseBytes(),
  };
}

type Parts = Pick<BuildSample, 'seconds' | 'restoreSeconds' | 'buildSeconds'>;
type Build = Parameters<typeof slipwayBuild>[1];

async function buildAtOnce(bench: ImageBench, build: Build): Promise<Parts> {
  const { seconds, report } = await slipwayBuild(bench, build);
  if (report.restore.state !== 'restored') throw new Error(`restore ended as \`${report.restore.state}\``);
  return {
    seconds: seconds - report.save.seconds,
    restoreSeconds: report.restore.seconds,
    buildSeconds: report.buildSeconds,
  };
}

/** \`slipway restore\` pulls nothing beside: the build after it does. The CLI starts once here too. */
async function restoreThenBuild(bench: ImageBench, build: Build): Promise<Parts> {
  await rm(join(bench.workDirectory, 'slipway-home'), { recursive: true, force: true });
  const restored = await slipwayRestore(bench, build);
  if (restored.report.state !== 'restored') throw new Error(`restore ended as \`${restored.report.state}\``);
  const built = await plainBuild(bench, build.buildkitHost, build.source);
  return {
    seconds: restored.seconds + built.seconds,
    restoreSeconds: restored.seconds,
    buildSeconds: built.seconds,
  };
}

async function editedSource(bench: ImageBench, image: string, value: string): Promise<string> {
  const source = join(bench.workDirectory, 'source');
  await rm(source, { recursive: true, force: true });
  await copyProject(bench.projectDirectory, source);
  await applyEdit(source, editNamed('main'), value);
  const dockerfile = join(source, 'Dockerfile');
  const text = await readFile(dockerfile, 'utf8');
  const renamed = text.replace(/^FROM golang:\S+/m, `FROM ${image}`);
  if (renamed === text) throw new Error(`\`${dockerfile}\` has no line that starts with \`FROM golang:\``);
  await writeFile(dockerfile, renamed);
  return source;
}
