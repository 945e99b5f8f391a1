import { execFile } from 'node:child_process';
import { cp, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface TreeCopy {
  readonly directory: string;
  /** Commit of the checkout; undefined outside of git. */
  readonly revision: string | undefined;
  /** It holds changes that no commit has. */
  readonly isDirty: boolean;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Copies what git tracks and what it doesn't ignore, as it is on disk now; outside of git, all but `.git`. `from` is only read. */
export async function copyTree(
  from: string,
  to: string,
  { env, signal }: { readonly env: Env; readonly signal: AbortSignal },
): Promise<TreeCopy> {
  await mkdir(to, { recursive: true });
  const git = async (...args: readonly string[]): Promise<string | undefined> => {
    try {
      // Reading the state would otherwise write a fresher index into the user's repository.
      const own = { ...env, GIT_OPTIONAL_LOCKS: '0' };
      return (await run('git', [...args], { cwd: from, env: own, signal, maxBuffer: 256 << 20 })).stdout;
    } catch (error) {
      signal.throwIfAborted();
      const { code } = error as { code?: unknown };
      // No git, no repository, or one that is somebody else's; 1: there is no commit yet.
      if (code === 'ENOENT' || code === 128 || code === 1) return undefined;
      throw error;
    }
  };
  const listed = await git('ls-files', '--cached', '--others', '--exclude-standard', '-z');
  if (listed === undefined) {
    await copyEntry(from, to);
    return { directory: to, revision: undefined, isDirty: false };
  }
  for (const path of new Set(listed.split('\0').filter((name) => name !== ''))) {
    signal.throwIfAborted();
    await mkdir(dirname(join(to, path)), { recursive: true });
    await copyEntry(join(from, path), join(to, path));
  }
  const revision = (await git('rev-parse', '--verify', '--quiet', 'HEAD'))?.trim();
  const status = await git('status', '--porcelain', '--', '.');
  return { directory: to, revision, isDirty: status !== undefined && status.trim() !== '' };
}

/** One that git knows and that is gone from the disk is gone from the copy too. */
async function copyEntry(from: string, to: string): Promise<void> {
  try {
    await cp(from, to, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !/(?:^|\/)\.git$/.test(path),
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
