import { describe, expect, it } from 'vitest';
import { planScopes, type PlannedScopes, type ScopeInput } from '../../../src/config/scopes.ts';

const NO_GIT = { branch: undefined, defaultBranch: undefined };
const GITHUB = { GITHUB_ACTIONS: 'true', GITHUB_REPOSITORY: 'me/app' };
const REPOSITORY = { repository: { default_branch: 'trunk' } };

function plan(input: Partial<ScopeInput>): PlannedScopes {
  return planScopes({ scope: undefined, env: {}, event: undefined, git: NO_GIT, user: 'ann', ...input });
}

function pullRequest(head: string | null): object {
  const repo = head === null ? null : { full_name: head };
  return { ...REPOSITORY, pull_request: { number: 7, head: { repo }, base: { repo: { full_name: 'me/app' } } } };
}

describe('planScopes on GitHub', () => {
  const PR_ENV = {
    ...GITHUB,
    GITHUB_EVENT_NAME: 'pull_request',
    GITHUB_REF: 'refs/pull/7/merge',
    GITHUB_HEAD_REF: 'feature/x',
    GITHUB_BASE_REF: 'release',
  };

  it('writes the branch of a push and falls back to the default branch', () => {
    const env = {
      ...GITHUB,
      GITHUB_EVENT_NAME: 'push',
      GITHUB_REF: 'refs/heads/feature/x',
      GITHUB_HEAD_REF: '',
      GITHUB_BASE_REF: '',
    };
    expect(plan({ env, event: REPOSITORY })).toEqual({
      write: 'feature/x',
      read: ['feature/x', 'trunk'],
      reason: 'branch feature/x',
      readOnlyReason: undefined,
    });
  });

  it('names the default branch once', () => {
    const env = { ...GITHUB, GITHUB_EVENT_NAME: 'schedule', GITHUB_REF: 'refs/heads/trunk' };
    expect(plan({ env, event: REPOSITORY })).toMatchObject({ write: 'trunk', read: ['trunk'] });
  });

  it('gives a pull request a scope of its own, and reads branch, base and default branch', () => {
    expect(plan({ env: PR_ENV, event: pullRequest('me/app') })).toEqual({
      write: 'pr-7',
      read: ['pr-7', 'feature/x', 'release', 'trunk'],
      reason: 'pull request 7',
      readOnlyReason: undefined,
    });
  });

  it.each([
    ['a fork', pullRequest('evil/app'), 'the pull request comes from a fork'],
    ['a deleted fork', pullRequest(null), 'the pull request comes from a fork'],
    ['nobody knows where, without a payload', undefined, 'the pull request may come from a fork'],
  ])('only reads for a pull request from %s, and never its branch name', (_what, event, reason) => {
    const planned = plan({ env: PR_ENV, event, git: { branch: undefined, defaultBranch: 'trunk' } });
    expect(planned.readOnlyReason).toBe(reason);
    expect(planned.read).toEqual(['pr-7', 'release', 'trunk']);
  });

  it.each(['pull_request_target', 'issue_comment', 'workflow_run'])('only reads on %s', (name) => {
    const env = { ...GITHUB, GITHUB_EVENT_NAME: name, GITHUB_REF: 'refs/heads/trunk' };
    expect(plan({ env, event: REPOSITORY }).readOnlyReason).toContain(`\`${name}\``);
  });

  it('reads the base of a merge queue', () => {
    const env = {
      ...GITHUB,
      GITHUB_EVENT_NAME: 'merge_group',
      GITHUB_REF: 'refs/heads/gh-readonly-queue/release/pr-7-abc',
    };
    const event = { ...REPOSITORY, merge_group: { base_ref: 'refs/heads/release' } };
    expect(plan({ env, event }).read).toEqual(['gh-readonly-queue/release/pr-7-abc', 'release', 'trunk']);
  });

  it('reads the default branch for a tag and writes nothing', () => {
    const env = { ...GITHUB, GITHUB_EVENT_NAME: 'push', GITHUB_REF: 'refs/tags/v1' };
    expect(plan({ env, event: REPOSITORY })).toMatchObject({
      read: ['trunk'],
      readOnlyReason: '`refs/tags/v1` is no branch',
    });
  });

  it('keeps an outsider from writing under a scope of its own choice', () => {
    const planned = plan({ scope: 'trunk', env: PR_ENV, event: pullRequest('evil/app') });
    expect(planned).toMatchObject({ write: 'trunk', readOnlyReason: 'the pull request comes from a fork' });
  });

  it.each([undefined, null, 5, [], { pull_request: 5 }, { repository: { default_branch: 5 } }])(
    'lives with the payload %j',
    (event) => {
      const env = { ...GITHUB, GITHUB_EVENT_NAME: 'push', GITHUB_REF: 'refs/heads/main' };
      expect(plan({ env, event })).toMatchObject({ write: 'main', read: ['main'] });
    },
  );
});

describe('planScopes on GitLab', () => {
  const BRANCH = { GITLAB_CI: 'true', CI_COMMIT_REF_NAME: 'feature', CI_DEFAULT_BRANCH: 'trunk' };
  const REQUEST = {
    ...BRANCH,
    CI_MERGE_REQUEST_IID: '12',
    CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: 'feature',
    CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'release',
    CI_MERGE_REQUEST_PROJECT_ID: '1',
    CI_MERGE_REQUEST_SOURCE_PROJECT_ID: '1',
  };

  it.each([
    ['a branch', BRANCH, ['feature', 'trunk'], undefined],
    ['a merge request', REQUEST, ['pr-12', 'feature', 'release', 'trunk'], undefined],
    [
      'a merge request from a fork',
      { ...REQUEST, CI_MERGE_REQUEST_SOURCE_PROJECT_ID: '2' },
      ['pr-12', 'release', 'trunk'],
      'the merge request comes from a fork',
    ],
    ['a tag', { ...BRANCH, CI_COMMIT_REF_NAME: 'v1', CI_COMMIT_TAG: 'v1' }, ['trunk'], '`refs/tags/v1` is no branch'],
  ])('%s', (_what, env, read, readOnlyReason) => {
    expect(plan({ env })).toMatchObject({ write: read[0], read, readOnlyReason });
  });
});

describe('planScopes elsewhere', () => {
  it.each([
    [{ branch: 'feature', defaultBranch: 'main' }, ['dev-ann', 'feature', 'main']],
    [{ branch: 'main', defaultBranch: 'main' }, ['dev-ann', 'main']],
    [NO_GIT, ['dev-ann']],
  ])('%j', (git, read) => {
    expect(plan({ git })).toEqual({ write: 'dev-ann', read, reason: 'this machine', readOnlyReason: undefined });
  });

  it('writes and reads --scope, then the default branch', () => {
    const git = { branch: 'feature', defaultBranch: 'main' };
    expect(plan({ scope: 'shared', git })).toMatchObject({ write: 'shared', read: ['shared', 'main'] });
  });
});

describe('what a pull request saved', () => {
  const env = { ...GITHUB, GITHUB_EVENT_NAME: 'push', GITHUB_REF: 'refs/heads/trunk' };

  it.each<[string, Partial<ScopeInput>]>([
    ['a default branch of such a name', { env, event: { repository: { default_branch: 'pr-7' } } }],
    [
      'a merge queue into such a branch',
      { env, event: { ...REPOSITORY, merge_group: { base_ref: 'refs/heads/pr-7' } } },
    ],
    ['a checkout of such a branch', { git: { branch: 'pr-7', defaultBranch: 'main' } }],
    ['such a default branch beside --scope', { scope: 'main', git: { branch: 'x', defaultBranch: 'pr-7' } }],
  ])('is read by nobody else, whatever branches are called: %s', (_, input) => {
    expect(plan(input).read.filter((name) => name.startsWith('pr-'))).toEqual([]);
  });

  it('is read by that pull request alone, though its branch has the name of another one', () => {
    const request = {
      ...env,
      GITHUB_EVENT_NAME: 'pull_request',
      GITHUB_REF: 'refs/pull/7/merge',
      GITHUB_HEAD_REF: 'pr-8',
    };
    expect(plan({ env: request, event: pullRequest('me/app') }).read).toEqual(['pr-7', 'trunk']);
  });
});
