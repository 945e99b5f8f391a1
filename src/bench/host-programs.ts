import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Copying and removing trees with foreign owners, sockets and device files. */
export interface HostPrograms {
  /** All of it, with owners, times and attributes; by reference where the disk can. `to` must not exist. */
  copyTree(from: string, to: string): Promise<void>;
  /**
   * The same for a buildkitd's state without cache mounts: what is in its snapshots and blobs never changes, so those are hard links,
   * which cost neither space nor writing; everything else is copied.
   */
  linkState(from: string, to: string): Promise<void>;
  /** After an abort it does nothing: what is left then goes behind this process, which has little time. */
  removeTree(path: string): Promise<void>;
}

type Env = Readonly<Record<string, string | undefined>>;

/** `$1` becomes `$2`: links first, then a file of its own for all that buildkitd writes to. */
const LINK_STATE = `set -e
cp -al "$1" "$2"
find "$2" -path '*/snapshots/snapshots' -prune -o -path '*/content/blobs' -prune -o -type f -exec sh -c '
for file; do cp -p "$file" "$file.own"; mv "$file.own" "$file"; done' sh {} +
`;

/** Without root the files of a rootless buildkitd belong to users that exist inside of its user namespace only: a second try is in there. */
export function hostPrograms(env: Env, signal: AbortSignal): HostPrograms {
  const isRoot = process.getuid?.() === 0;
  const make = async (to: string, command: string, args: readonly string[]): Promise<void> => {
    try {
      await run(command, [...args], { env, signal });
    } catch (error) {
      signal.throwIfAborted();
      if (isRoot) throw error;
      await removeTree(to, { env, isRoot });
      await run('rootlesskit', [command, ...args], { env, signal });
    }
  };
  return {
    copyTree: (from, to) => make(to, 'cp', ['-a', '--reflink=auto', from, to]),
    linkState: (from, to) => make(to, '/bin/sh', ['-c', LINK_STATE, 'slipway', from, to]),
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
