import { describe, expect, it } from 'vitest';
import { planRunFacts, type RunFacts, type RunFactsInput } from '../../../src/config/run-facts.ts';
import type { Environment } from '../../../src/config/options.ts';

const plan = (env: Environment, more: Partial<RunFactsInput> = {}): RunFacts =>
  planRunFacts({
    env,
    repository: undefined,
    originUrl: 'git@github.com:ann/app.git',
    branch: 'fix',
    hostName: 'laptop',
    version: '0.1.0',
    ...more,
  });

const GITHUB = {
  GITHUB_ACTIONS: 'true',
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'Team/App',
  GITHUB_REF: 'refs/heads/main',
  GITHUB_EVENT_NAME: 'push',
  GITHUB_WORKFLOW_REF: 'Team/App/.github/workflows/ci.yml@refs/heads/main',
  GITHUB_RUN_ID: '4711',
  GITHUB_RUN_ATTEMPT: '2',
  RUNNER_ENVIRONMENT: 'github-hosted',
  RUNNER_NAME: 'GitHub Actions 5',
};

it('on GitHub Actions', () => {
  expect(plan(GITHUB)).toEqual({
    repository: 'github.com/team/app',
    ref: 'refs/heads/main',
    event: 'push',
    workflow: 'Team/App/.github/workflows/ci.yml@refs/heads/main',
    run: '4711/2',
    builder: 'github-hosted GitHub Actions 5',
    writer: 'slipway 0.1.0',
  });
});

it('on GitLab CI', () => {
  const env = {
    GITLAB_CI: 'true',
    CI_SERVER_URL: 'https://git.example.com:8443',
    CI_PROJECT_PATH: 'team/app',
    CI_COMMIT_REF_NAME: 'main',
    CI_PIPELINE_SOURCE: 'push',
    CI_CONFIG_PATH: '.gitlab-ci.yml',
    CI_JOB_NAME: 'image',
    CI_JOB_ID: '99',
    CI_RUNNER_DESCRIPTION: 'shared-1',
  };
  expect(plan(env)).toEqual({
    repository: 'git.example.com/team/app',
    ref: 'refs/heads/main',
    event: 'push',
    workflow: '.gitlab-ci.yml#image',
    run: '99',
    builder: 'shared-1',
    writer: 'slipway 0.1.0',
  });
  expect(plan({ ...env, CI_COMMIT_TAG: 'v1', CI_COMMIT_REF_NAME: 'v1' }).ref).toBe('refs/tags/v1');
  expect(plan({ ...env, CI_MERGE_REQUEST_REF_PATH: 'refs/merge-requests/3/head' }).ref).toBe(
    'refs/merge-requests/3/head',
  );
});

it('anywhere else, from git', () => {
  expect(plan({})).toEqual({
    repository: 'github.com/ann/app',
    ref: 'refs/heads/fix',
    event: 'local',
    builder: 'laptop',
    writer: 'slipway 0.1.0',
  });
  expect(plan({}, { originUrl: undefined, branch: undefined })).toEqual({
    event: 'local',
    builder: 'laptop',
    writer: 'slipway 0.1.0',
  });
});

describe('the repository', () => {
  it('is the same for a checkout and for CI', () => {
    const there = plan({}, { originUrl: 'https://github.com/team/app' });
    expect(there.repository).toBe(plan(GITHUB).repository);
  });

  it('is what was configured, where something was', () => {
    expect(plan(GITHUB, { repository: 'github.com/Upstream/App' }).repository).toBe('github.com/upstream/app');
  });

  it('is not git’s in CI, where the checkout may be of anything', () => {
    expect(plan({ GITHUB_ACTIONS: 'true' }).repository).toBeUndefined();
  });
});

it('takes out what a snapshot would refuse', () => {
  const facts = plan({ ...GITHUB, GITHUB_REF: 'a\u001b[31m\nb', RUNNER_NAME: `😀${'x'.repeat(600)}` });
  expect(facts.ref).toBe('a [31m b');
  expect(Array.from(facts.builder ?? '')).toHaveLength(512);
  expect(plan({ ...GITHUB, GITHUB_EVENT_NAME: ' \n ' }).event).toBeUndefined();
});
