import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readGitFacts, readOriginUrl } from '../../../src/config/read-git-facts.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'slipway-git-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

function git(cwd: string, ...args: string[]): void {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'protocol.file.allow=always'];
  execFileSync('git', [...identity, ...args], { cwd, env, stdio: 'pipe' });
}

async function repository(branch: string): Promise<string> {
  const path = join(directory, 'origin');
  await mkdir(path);
  git(path, 'init', '-q', `--initial-branch=${branch}`);
  git(path, 'commit', '-q', '--allow-empty', '-m', 'first');
  return path;
}

it('knows nothing outside a checkout', async () => {
  expect(await readGitFacts(directory)).toEqual({ branch: undefined, defaultBranch: undefined });
});

it.each(['main', 'master'])('takes %s for the default branch where there is no remote', async (branch) => {
  const path = await repository(branch);
  git(path, 'checkout', '-q', '-b', 'feature/x');
  expect(await readGitFacts(path)).toEqual({ branch: 'feature/x', defaultBranch: branch });
  git(path, 'pack-refs', '--all');
  expect(await readGitFacts(path)).toEqual({ branch: 'feature/x', defaultBranch: branch });
});

it("takes the remote's HEAD for the default branch of a clone, from any directory and with HEAD detached", async () => {
  await repository('trunk');
  git(directory, 'clone', '-q', 'origin', 'clone');
  const path = join(directory, 'clone');
  await mkdir(join(path, 'a/b'), { recursive: true });
  expect(await readGitFacts(join(path, 'a/b'))).toEqual({ branch: 'trunk', defaultBranch: 'trunk' });
  git(path, 'checkout', '-q', '--detach');
  expect(await readGitFacts(path)).toEqual({ branch: undefined, defaultBranch: 'trunk' });
});

it('follows the .git file of a worktree', async () => {
  const path = await repository('main');
  git(path, 'worktree', 'add', '-q', '-b', 'other', '../tree');
  expect(await readGitFacts(join(directory, 'tree'))).toEqual({ branch: 'other', defaultBranch: 'main' });
});

it('lives with a broken .git', async () => {
  await writeFile(join(directory, '.git'), 'nonsense');
  expect(await readGitFacts(directory)).toEqual({ branch: undefined, defaultBranch: undefined });
});

it('reads the address of `origin`, in a linked work tree too, and of no other remote', async () => {
  const path = await repository('main');
  expect(await readOriginUrl(path)).toBeUndefined();
  git(path, 'remote', 'add', 'fork', 'https://example.com/fork/app');
  expect(await readOriginUrl(path)).toBeUndefined();
  git(path, 'remote', 'add', 'origin', 'git@example.com:team/app.git');
  git(path, 'remote', 'add', 'other', 'https://example.com/other/app');
  expect(await readOriginUrl(path)).toBe('git@example.com:team/app.git');
  const linked = join(directory, 'linked');
  git(path, 'worktree', 'add', '-q', '-b', 'x', linked);
  expect(await readOriginUrl(linked)).toBe('git@example.com:team/app.git');
  expect(await readOriginUrl(directory)).toBeUndefined();
});
