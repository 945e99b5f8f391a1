import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pullBaseImage } from '../builds.ts';
import { settle } from '../machine.ts';
import { cpuSeconds, startBenchWorker } from './bench-worker.ts';
import { layersOf } from './image-layers.ts';
import type { ImageBench } from './image-bench.ts';
import type { ImageFacts, PullSample } from './results.ts';
import type { ImageVariant } from './variants.ts';

/** The pull alone; the first of a variant also looks at what came to the disk. */
export async function measurePull(
  bench: ImageBench,
  variant: ImageVariant,
  repeat: number,
): Promise<{ readonly sample: PullSample; readonly facts: ImageFacts | undefined }> {
  await using worker = await startBenchWorker(bench, variant);
  await settle(bench.signal);
  bench.registry.takeResponseBytes();
  const cpuBefore = await cpuSeconds(worker.pid);
  const { seconds } = await pullBaseImage(bench, worker.address, `golang:${variant.tag}`);
  const sample: PullSample = {
    variant: variant.name,
    repeat,
    seconds,
    cpuSeconds: (await cpuSeconds(worker.pid)) - cpuBefore,
    bytes: bench.registry.takeResponseBytes(),
  };
  if (repeat > 0) return { sample, facts: undefined };
  const unpacked = await filesOnDisk(join(worker.root, `runc-${variant.snapshotter}`));
  const sizes = await layersOf(bench.registry.host, variant.tag);
  return {
    sample,
    facts: {
      variant: variant.name,
      layers: sizes.length,
      bytes: sizes.reduce((sum, size) => sum + size, 0),
      ...unpacked,
    },
  };
}

/** What lies below a directory on its own disk: layers that are mounted from the registry are no part of it. */
async function filesOnDisk(directory: string): Promise<Pick<ImageFacts, 'diskFiles' | 'diskBytes'>> {
  const args = [directory, '-xdev', '-type', 'f', '-printf', '%s\\n'];
  const { stdout } = await promisify(execFile)('find', args, { maxBuffer: 16 << 20 });
  const sizes = stdout.trim().split('\n').map(Number);
  return { diskFiles: sizes.length, diskBytes: sizes.reduce((sum, size) => sum + size, 0) };
}
