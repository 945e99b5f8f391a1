import { readOptional } from '../core/read-optional.ts';
import { join, resolve } from 'node:path';
import { findGitRoot } from './find-config-file.ts';
import type { GitFacts } from './scopes.ts';

const BRANCH_REF = /^ref: refs\/heads\/(.+)$/;
const REMOTE_HEAD = /^ref: refs\/remotes\/origin\/(.+)$/;

/**
 * Current and default branch, read from git's own files so that no git program is needed.
 * Layout: git-scm.com/docs/gitrepository-layout (HEAD, refs, packed-refs, commondir; `.git` as a file in worktrees).
 */
export async function readGitFacts(directory: string): Promise<GitFacts> {
  const root = await findGitRoot(directory);
  if (root === undefined) return { branch: undefined, defaultBranch: undefined };
  const gitDirectory = await locateGitDirectory(root);
  const common = await readOptional(join(gitDirectory, 'commondir'));
  const commonDirectory = common === undefined ? gitDirectory : resolve(gitDirectory, common.trim());
  const head = await readOptional(join(gitDirectory, 'HEAD'));
  return {
    branch: BRANCH_REF.exec(head?.trim() ?? '')?.[1],
    defaultBranch: await readDefaultBranch(commonDirectory),
  };
}

async function locateGitDirectory(root: string): Promise<string> {
  const path = join(root, '.git');
  const pointer = await readOptional(path);
  const target = /^gitdir: (.+)$/m.exec(pointer ?? '')?.[1];
  return target === undefined ? path : resolve(root, target.trim());
}

/** What the clone's remote calls HEAD; a repository without a remote has `main` or `master`, whichever is there. */
async function readDefaultBranch(directory: string): Promise<string | undefined> {
  const remote = await readOptional(join(directory, 'refs/remotes/origin/HEAD'));
  const name = REMOTE_HEAD.exec(remote?.trim() ?? '')?.[1];
  if (name !== undefined) return name;
  const packed = (await readOptional(join(directory, 'packed-refs'))) ?? '';
  for (const branch of ['main', 'master']) {
    if ((await readOptional(join(directory, 'refs/heads', branch))) !== undefined) return branch;
    if (new RegExp(`^[0-9a-f]+ refs/(?:heads|remotes/origin)/${branch}$`, 'm').test(packed)) return branch;
  }
  return undefined;
}
