import { copyFile, link, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { SlipwayError } from '../core/errors.ts';
import { runHelperScript } from './helper-run.ts';
import { formatNames, writeNameLists, type PackNames, type ProbeRun } from './probe-mounts.ts';
import { INJECT_SCRIPT } from './scripts/inject.ts';

/** A pack as the mount shall hold it; `file` is its verified copy here, undefined when the mount has it already. */
export interface PackToInject extends PackNames {
  readonly file: string | undefined;
  readonly uncompressedBytes: number;
}

export interface InjectRequest {
  readonly packs: readonly PackToInject[];
  /** First line of the marker, written last: which snapshots the mount holds. */
  readonly marker: string;
}

export interface InjectResult {
  /** Entries present afterwards of those wanted, over all mounts. */
  readonly presentEntries: number;
  readonly wantedEntries: number;
}

/** One inject build that fills every mount. Throws MOUNT_EMPTY when a mount isn't warm afterwards, INJECT_FAILED when it breaks. */
export async function injectPacks(run: ProbeRun, request: InjectRequest): Promise<InjectResult> {
  await writeNameLists(run.directory, 'lists', request.packs);
  await writeFile(path.join(run.directory, 'marker.txt'), `${request.marker}\n`);
  for (const [index, { mount }] of run.target.mounts.entries()) {
    await placePacks(
      run.directory,
      index,
      request.packs.filter((pack) => pack.kind === mount.kind),
    );
  }
  const answers = await runHelperScript({ ...run, phase: 'restore', scriptName: 'inject.sh', script: INJECT_SCRIPT });
  const counts = answers.filter(([word]) => word === 'slipway-injected').map((words) => words.slice(2).map(Number));
  if (counts.length !== run.target.mounts.length) {
    throw new SlipwayError(
      'INJECT_FAILED',
      `the inject build reported ${counts.length} of ${run.target.mounts.length} mounts`,
    );
  }
  for (const [index, [present = 0, wanted = 0]] of counts.entries()) {
    if (present === wanted) continue;
    const kind = run.target.mounts[index]?.mount.kind;
    throw new SlipwayError('MOUNT_EMPTY', `after inject the ${kind} mount holds ${present} of ${wanted} entries`);
  }
  return {
    presentEntries: counts.reduce((sum, [present = 0]) => sum + present, 0),
    wantedEntries: counts.reduce((sum, [, wanted = 0]) => sum + wanted, 0),
  };
}

async function placePacks(directory: string, mountIndex: number, packs: readonly PackToInject[]): Promise<void> {
  const packDirectory = path.join(directory, 'packs', String(mountIndex));
  const freshDirectory = path.join(directory, 'fresh', String(mountIndex));
  const needed = packs.reduce((sum, pack) => sum + (pack.file === undefined ? 0 : pack.uncompressedBytes), 0);
  await mkdir(path.join(directory, 'need'), { recursive: true });
  await writeFile(path.join(directory, 'need', String(mountIndex)), `${Math.ceil(needed / 1024)}\n`);
  await mkdir(packDirectory, { recursive: true });
  await mkdir(freshDirectory, { recursive: true });
  for (const [number, pack] of packs.entries()) {
    if (pack.file === undefined) continue;
    await linkOrCopy(pack.file, path.join(packDirectory, `${number}.tar.gz`));
    await writeFile(path.join(freshDirectory, String(number)), formatNames(pack.names));
  }
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await copyFile(from, to);
  }
}
