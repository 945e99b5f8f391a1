import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toolPath } from '../../../test/helpers/tools.ts';
import { startWorker } from '../../../test/helpers/worker.ts';
import { applyEdit, editNamed } from '../../edits.ts';
import type { BuildContext } from '../bench-context.ts';
import { plainBuild, plainBuildLog, pullBaseImage, slipwayBuild } from '../builds.ts';
import { settle } from '../machine.ts';
import { copyProject } from '../project.ts';
import { startStoreRegistry, type StoreRegistry } from '../store-registry.ts';
import { mountFrom } from './mount-from.ts';
import { digestOfTag } from './remake-image.ts';
import type { ImageName, TransportName, TransportSample } from './results.ts';
import { makeWorkDisk } from './slow-disk.ts';

export interface SampleRequest {
  readonly transport: TransportName;
  readonly diskLimit: number;
  readonly repeat: number;
  /** The registry's storage, which is copied for each sample. */
  readonly store: string;
}

/** A fresh worker on a disk of its own, the base image there already, a one-line edit in package main. */
export async function measureTransport(context: BuildContext, request: SampleRequest): Promise<TransportSample> {
  const { transport, diskLimit, repeat } = request;
  const load = loadavg()[0] ?? 0;
  await using disk = await makeWorkDisk(context.workDirectory);
  // What the client writes comes to the same disk, as on a runner; the registry is elsewhere.
  const workDirectory = join(disk.directory, 'client');
  await mkdir(workDirectory);
  const onDisk: BuildContext = { ...context, workDirectory };
  await using worker = await startWorker({ root: join(disk.directory, 'worker') });
  await pullBaseImage(onDisk, worker.address);
  const source = await copyProject(context.projectDirectory, join(workDirectory, 'source'));
  await applyEdit(source, editNamed('main'), `transport ${context.runId} ${transport} ${diskLimit} ${repeat}`);
  await using registry = await startStoreRegistry(join(context.workDirectory, 'store'), request.store);
  await settle(context.signal);
  const before = await disk.writtenBytes();
  if (diskLimit > 0) await disk.limit(diskLimit * 1e6);
  const started = performance.now();
  const place: Place = { context: onDisk, buildkitHost: worker.address, source, registry };
  const build = await buildBy(transport, place);
  const written = (await disk.writtenBytes()) - before;
  const settledSeconds = (performance.now() - started) / 1000;
  return {
    ...{
      transport,
      modules: context.modules,
      diskLimit,
      repeat,
      load,
      ...build,
      settledSeconds,
      writtenBytes: written,
    },
    downBytes: registry.takeResponseBytes(),
    mountBytes: await bytesInMounts(worker.address),
  };
}

interface Place {
  readonly context: BuildContext;
  readonly buildkitHost: string;
  readonly source: string;
  readonly registry: StoreRegistry;
}

type BuildTimes = Pick<TransportSample, 'seconds' | 'compileSeconds' | 'saveSeconds'>;

async function buildBy(transport: TransportName, place: Place): Promise<BuildTimes> {
  if (transport === 'builder') return await injected(place, 'auto');
  if (transport === 'injection') return await injected(place, 'client');
  if (transport !== 'injection-memory') return await mounted(place, transport);
  const workDirectory = await mkdtemp('/dev/shm/slipway-transport-');
  try {
    return await injected({ ...place, context: { ...place.context, workDirectory } }, 'client');
  } finally {
    await rm(workDirectory, { recursive: true, force: true });
  }
}

async function injected(place: Place, fetch: 'auto' | 'client'): Promise<BuildTimes> {
  const { context, buildkitHost, source, registry } = place;
  const { report, seconds } = await slipwayBuild(context, { buildkitHost, source, storeHost: registry.host, fetch });
  const { restore, save } = report;
  if (restore.state !== 'restored') throw new Error(`restore ended as \`${restore.state}\` (${restore.reason})`);
  if (save.state !== 'saved') throw new Error(`save ended as \`${save.state}\` (${save.reason})`);
  const compileSeconds = readStepSeconds(await readFile(join(context.workDirectory, 'last-slipway-build.log'), 'utf8'));
  return { seconds: seconds - save.seconds, compileSeconds, saveSeconds: save.seconds };
}

async function mounted({ context, buildkitHost, source, registry }: Place, image: ImageName): Promise<BuildTimes> {
  const digest = await digestOfTag(`http://${registry.host}/v2/heavy/cache`, image);
  const fileName = join(source, 'Dockerfile');
  const options = { fileName, buildArgs: {} };
  const text = mountFrom(await readFile(fileName, 'utf8'), `${registry.host}/heavy/cache@${digest}`, options);
  const directory = join(context.workDirectory, 'dockerfile');
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'Dockerfile'), text);
  const { seconds } = await plainBuild(context, buildkitHost, source, directory);
  return { seconds, compileSeconds: readStepSeconds(await readFile(plainBuildLog(context), 'utf8')) };
}

/** Of the step that runs `go build`, from the plain progress: `#9 [build 4/4] RUN …` and later `#9 DONE 9.1s`. */
export function readStepSeconds(log: string): number {
  const number = /^#(\d+) \[[^\]]*\] RUN .*go build/m.exec(log)?.[1];
  const seconds = new RegExp(`^#${number} DONE ([\\d.]+)s`, 'm').exec(log)?.[1];
  if (seconds === undefined) throw new Error(`the log tells of no step that runs go build:\n${log.slice(-2000)}`);
  return Number(seconds);
}

async function bytesInMounts(buildkitHost: string): Promise<number> {
  const args = ['--addr', buildkitHost, 'du', '--filter', 'type==exec.cachemount', '--format', '{{json .}}'];
  const { stdout } = await promisify(execFile)(toolPath('buildctl'), args);
  const records = JSON.parse(stdout) as readonly { readonly size: number }[];
  return records.reduce((sum, { size }) => sum + size, 0);
}
