import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { startWorker, type Worker, type WorkerOptions } from '../../test/helpers/worker.ts';

const run = promisify(execFile);

/**
 * ext4 without a journal hands out no inode that was deleted less than 60 s ago, and looks at each such one when a file is made: a worker that
 * starts when the state of another was just removed writes its files at half the speed.
 * Source: RECENTCY_MIN and recently_deleted in github.com/torvalds/linux/blob/v6.18/fs/ext4/ialloc.c
 */
const FORGOTTEN_MS = 65_000;

/** Workers that have seen nothing, on a disk that nothing was just removed from, as a worker of a CI service has it. */
export interface FreshWorkers {
  /** One that stays on the disk when it stops. */
  start(options?: Omit<WorkerOptions, 'root'>): Promise<Worker>;
  /** Removes what stopped workers left, and waits until the disk has forgotten it. */
  clear(signal: AbortSignal): Promise<void>;
}

/** Removes directories, and waits until the disk has forgotten them. */
export async function removeForgotten(directories: readonly string[], signal: AbortSignal): Promise<void> {
  await run('rm', ['-rf', ...directories]);
  await run('sync');
  await sleep(FORGOTTEN_MS, undefined, { signal });
}

export function freshWorkers(directory: string): FreshWorkers {
  let roots: string[] = [];
  let count = 0;
  return {
    start: async (options) => {
      const root = join(directory, String((count += 1)));
      await rm(root, { recursive: true, force: true });
      await mkdir(directory, { recursive: true });
      roots.push(root);
      return startWorker({ ...options, root });
    },
    clear: async (signal) => {
      if (roots.length === 0) return;
      await removeForgotten(roots, signal);
      roots = [];
    },
  };
}
