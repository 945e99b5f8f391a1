import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostPrograms } from '../../bench/host-programs.ts';
import { isGone } from '../../process/process-life.ts';

/**
 * A directory for the copy of the tree and the workers, below the user's cache directory, where a private buildkitd has its state too:
 * the temporary directory may be in memory. What a bench that was killed left there goes.
 */
export async function makeBenchDirectory(cacheDirectory: string, programs: HostPrograms): Promise<string> {
  const parent = join(cacheDirectory, 'bench');
  await mkdir(parent, { recursive: true, mode: 0o700 });
  for (const name of await readdir(parent)) {
    const pid = /^(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && isGone(Number(pid))) await programs.removeTree(join(parent, name));
  }
  return mkdtemp(join(parent, `${process.pid}-`));
}

/** A buildkitd that is about to end still has mounts in there for a moment. */
const REMOVE = `while kill -0 "$1" 2> /dev/null; do sleep 0.2; done
for try in 1 2 3 4 5 6 7 8 9 10; do
  rm -rf "$2" || rootlesskit rm -rf "$2" || sleep 1
  [ -e "$2" ] || exit 0
done
`;

/** Has a directory removed once this process has ended, by a shell that outlives it: some gigabytes take longer than an interrupt may. */
export function removeAfterExit(directory: string, env: Readonly<Record<string, string | undefined>>): void {
  const words = ['-c', REMOVE, 'slipway', String(process.pid), directory];
  spawn('/bin/sh', words, { detached: true, stdio: 'ignore', env, cwd: '/' }).unref();
}
