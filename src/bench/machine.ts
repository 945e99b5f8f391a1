import { execFile } from 'node:child_process';
import { open, readFile, rm } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BenchMachine } from './results.ts';

const run = promisify(execFile);

/** Below this the kernel's writing disturbs nobody. */
const FEW_BYTES = 16_000_000;
const LONGEST_WAIT_SECONDS = 30;

/** Facts that results are worth little without. `directory`: on the disk that builds work on. */
export async function readMachine(directory: string, tools: BenchMachine['tools']): Promise<BenchMachine> {
  return {
    cores: cpus().length,
    cpu: cpus()[0]?.model ?? 'unknown',
    memoryBytes: totalmem(),
    kernel: release(),
    diskWriteBytesPerSecond: await measureDiskWrite(directory),
    tools: { node: process.version, ...tools },
  };
}

/**
 * `sync`, then waits until the kernel has little left to write: what the last sample left must not throttle the next. Where that
 * doesn't get less, somebody else is writing, and no waiting helps.
 */
export async function settle(signal: AbortSignal): Promise<void> {
  await run('sync', { signal });
  let least = Number.POSITIVE_INFINITY;
  for (let seconds = 0; seconds < LONGEST_WAIT_SECONDS; seconds += 1) {
    const bytes = await dirtyBytes();
    if (bytes < FEW_BYTES || bytes >= least) return;
    least = bytes;
    await new Promise((resolve) => setTimeout(resolve, 1000));
    signal.throwIfAborted();
  }
}

async function dirtyBytes(): Promise<number> {
  const text = await readFile('/proc/meminfo', 'utf8');
  const kilobytes = [...text.matchAll(/^(?:Dirty|Writeback):\s+(\d+) kB/gm)].map((match) => Number(match[1]));
  return kilobytes.reduce((sum, value) => sum + value, 0) * 1024;
}

/** 512 MB in one file, with what is still in memory brought to the disk. */
async function measureDiskWrite(directory: string): Promise<number> {
  const path = join(directory, 'disk-write');
  const chunk = Buffer.alloc(4 << 20, 0xa5);
  const count = 128;
  const started = performance.now();
  const file = await open(path, 'w');
  try {
    for (let index = 0; index < count; index += 1) await file.write(chunk);
    await file.sync();
  } finally {
    await file.close();
    await rm(path, { force: true });
  }
  return Math.round((chunk.length * count) / ((performance.now() - started) / 1000));
}
