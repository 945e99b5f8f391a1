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
  const place = await findGitDirectories(directory);
  if (place === undefined) return { branch: undefined, defaultBranch: undefined };
  const { gitDirectory, commonDirectory } = place;
  const head = await readOptional(join(gitDirectory, 'HEAD'));
  return {
    branch: BRANCH_REF.exec(head?.trim() ?? '')?.[1],
    defaultBranch: await readDefaultBranch(commonDirectory),
  };
}

/** The URL of the remote `origin` as it stands in the repository's own configuration. */
export async function readOriginUrl(directory: string): Promise<string | undefined> {
  const place = await findGitDirectories(directory);
  const text = place && (await readOptional(join(place.commonDirectory, 'config')));
  let isOrigin = false;
  for (const line of text?.split(/\r?\n/) ?? []) {
    const section = /^\s*\[(.*)\]\s*$/.exec(line)?.[1];
    if (section !== undefined) isOrigin = section.trim() === 'remote "origin"';
    // Quotes and comments may be in a value, which no URL that git wrote has: git-scm.com/docs/git-config, "Syntax".
    const url = isOrigin ? /^\s*url\s*=\s*"?([^"#;\s]+)/i.exec(line)?.[1] : undefined;
    if (url !== undefined) return url;
  }
  return undefined;
}

interface GitDirectories {
  readonly gitDirectory: string;
  /** The same but for linked work trees, which share branches and configuration with it. */
  readonly commonDirectory: string;
}

async function findGitDirectories(directory: string): Promise<GitDirectories | undefined> {
  const root = await findGitRoot(directory);
  if (root === undefined) return undefined;
  const gitDirectory = await locateGitDirectory(root);
  const common = await readOptional(join(gitDirectory, 'commondir'));
  return { gitDirectory, commonDirectory: common === undefined ? gitDirectory : resolve(gitDirectory, common.trim()) };
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
