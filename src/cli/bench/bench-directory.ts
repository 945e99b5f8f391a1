import { mkdir, mkdtemp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostPrograms } from '../../bench/host-programs.ts';

/**
 * A directory for the copy of the tree and the workers, below the user's cache directory, where a private buildkitd has its state too:
 * the temporary directory may be in memory. What a bench that was killed left there goes.
 */
export async function makeBenchDirectory(cacheDirectory: string, programs: HostPrograms): Promise<string> {
  const parent = join(cacheDirectory, 'bench');
  await mkdir(parent, { recursive: true, mode: 0o700 });
  for (const name of await readdir(parent)) {
    const pid = /^(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await programs.removeTree(join(parent, name));
  }
  return mkdtemp(join(parent, `${process.pid}-`));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
