import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The few programs of the host that trees of a foreign owner, sockets and device files need. */
export interface HostPrograms {
  /** All of it, with owners, times and attributes; by reference where the disk can. `to` must not exist. */
  copyTree(from: string, to: string): Promise<void>;
  removeTree(path: string): Promise<void>;
}

/** Without root the files of a rootless buildkitd belong to users that exist inside of its user namespace only. */
export function hostPrograms(env: Readonly<Record<string, string | undefined>>, signal: AbortSignal): HostPrograms {
  const prefix = process.getuid?.() === 0 ? [] : ['rootlesskit'];
  const call = async (words: readonly string[], abort?: AbortSignal): Promise<void> => {
    const [command, ...args] = [...prefix, ...words];
    await run(command ?? '', args, { env, signal: abort });
  };
  return {
    copyTree: (from, to) => call(['cp', '-a', '--reflink=auto', from, to], signal),
    // Also after an abort.
    removeTree: (path) => call(['rm', '-rf', path]),
  };
}
