import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Copying and removing trees with foreign owners, sockets and device files. */
export interface HostPrograms {
  /** All of it, with owners, times and attributes; by reference where the disk can. `to` must not exist. */
  copyTree(from: string, to: string): Promise<void>;
  /** After an abort it does nothing: what is left then goes behind this process, which has little time. */
  removeTree(path: string): Promise<void>;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Without root the files of a rootless buildkitd belong to users that exist inside of its user namespace only: a second try is in there. */
export function hostPrograms(env: Env, signal: AbortSignal): HostPrograms {
  const isRoot = process.getuid?.() === 0;
  return {
    copyTree: async (from, to) => {
      const words = ['-a', '--reflink=auto', from, to];
      try {
        await run('cp', words, { env, signal });
      } catch (error) {
        signal.throwIfAborted();
        if (isRoot) throw error;
        await removeTree(to, { env, isRoot });
        await run('rootlesskit', ['cp', ...words], { env, signal });
      }
    },
    removeTree: async (path) => {
      if (!signal.aborted) await removeTree(path, { env, isRoot });
    },
  };
}

async function removeTree(
  path: string,
  { env, isRoot }: { readonly env: Env; readonly isRoot: boolean },
): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (isRoot || (code !== 'EACCES' && code !== 'EPERM')) throw error;
    await run('rootlesskit', ['rm', '-rf', path], { env });
  }
}
