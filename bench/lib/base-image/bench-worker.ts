import { readFile } from 'node:fs/promises';
import type { Worker } from '../../../test/helpers/worker.ts';
import type { ImageBench } from './image-bench.ts';
import type { ImageVariant } from './variants.ts';

/** Linux counts process times in these on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;

/** A fresh worker that knows only where the images are, and unpacks as the variant wants it. */
export function startBenchWorker(bench: ImageBench, variant: ImageVariant): Promise<Worker> {
  const { pigzDirectory, registry, workers } = bench;
  const path = process.env['PATH'] ?? '';
  // Containerd's own switches, so that a machine with pigz or igzip measures Go's reader all the same.
  const env: Record<string, string> =
    variant.hasPigz && pigzDirectory !== undefined
      ? { PATH: `${pigzDirectory}:${path}`, CONTAINERD_DISABLE_IGZIP: '1' }
      : { CONTAINERD_DISABLE_PIGZ: '1', CONTAINERD_DISABLE_IGZIP: '1' };
  return workers.start({ mirror: registry.host, snapshotter: variant.snapshotter, env });
}

/** CPU seconds of a process and of its children that have ended. */
export async function cpuSeconds(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name, in brackets, may hold spaces; utime, stime, cutime and cstime are the fields 14 to 17.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0) / TICKS_PER_SECOND;
}
