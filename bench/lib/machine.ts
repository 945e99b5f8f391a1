import { execFile } from 'node:child_process';
import { open, readFile, rm } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toolPath } from '../../test/helpers/tools.ts';
import type { MachineFacts } from './results.ts';

const run = promisify(execFile);

export async function readMachineFacts(directory: string): Promise<MachineFacts> {
  return {
    cores: cpus().length,
    cpu: cpus()[0]?.model ?? 'unknown',
    memoryBytes: totalmem(),
    kernel: release(),
    diskWriteBytesPerSecond: await measureDiskWrite(directory),
    tools: {
      node: process.version,
      go: (await run('go', ['env', 'GOVERSION'])).stdout.trim(),
      buildkit: (await run(toolPath('buildctl'), ['--version'])).stdout.trim(),
    },
  };
}

/** `sync`, then waits until the kernel has little left to write: what the last run left must not throttle the next. */
export async function settle(signal: AbortSignal): Promise<void> {
  await run('sync', { signal });
  for (let tries = 0; tries < 30; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    signal.throwIfAborted();
    if ((await dirtyBytes()) < 16_000_000) return;
  }
}

async function dirtyBytes(): Promise<number> {
  const text = await readFile('/proc/meminfo', 'utf8');
  const kilobytes = [...text.matchAll(/^(?:Dirty|Writeback):\s+(\d+) kB/gm)].map((match) => Number(match[1]));
  return kilobytes.reduce((sum, value) => sum + value, 0) * 1024;
}

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
