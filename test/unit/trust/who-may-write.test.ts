import { describe, expect, it } from 'vitest';
import { planScopes, type GitFacts, type PlannedScopes } from '../../../src/config/scopes.ts';
import { branchScope } from '../../../src/trust/who-may-write.ts';

type Env = Readonly<Record<string, string>>;

interface Run {
  readonly env: Env;
  readonly event?: unknown;
  readonly git?: GitFacts;
}

/** What the run is, what it writes (`-` = nothing), what it reads, and what is said where it must not write. */
type Row = readonly [what: string, run: Run, writes: string, reads: string, says?: RegExp];

const GIT: GitFacts = { branch: undefined, defaultBranch: 'main' };
const REPOSITORY = { default_branch: 'main', full_name: 'us/app' };

function github(name: string, ref: string, rest: { env?: Env; event?: object | null } = {}): Run {
  const env: Env = {
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_REPOSITORY: 'us/app',
    GITHUB_ACTOR: 'ann',
    GITHUB_EVENT_NAME: name,
    GITHUB_REF: ref,
    // Credentials are everywhere, and decide nothing.
    ACTIONS_RUNTIME_TOKEN: 'token',
    AWS_ACCESS_KEY_ID: 'key',
    ...rest.env,
  };
  return { env, event: rest.event === null ? undefined : { repository: REPOSITORY, ...rest.event } };
}

const pull = (head: string | null, number = 7, user = 'ann') => ({
  pull_request: {
    number,
    user: { login: user },
    head: { ref: 'feature', repo: head === null ? null : { full_name: head } },
    base: { ref: 'release', repo: { full_name: 'us/app' } },
  },
});
const PULL_ENV = { GITHUB_HEAD_REF: 'feature', GITHUB_BASE_REF: 'release' };
const MERGE_REF = 'refs/pull/7/merge';
const DEPENDABOT = { GITHUB_ACTOR: 'dependabot[bot]' };
const outside = /can be started from outside/;
const fork = /comes from a fork$/;
const doubt = /may come from a fork$/;
const release = /^a release is built \(tag v1\)$/;
const bot = /^Dependabot started it/;

const onBranch = (name: string): Row => [
  `${name} on a branch`,
  github(name, 'refs/heads/feature'),
  'feature',
  'feature main',
];
const onMain = (name: string): Row => [
  `${name} on the default branch`,
  github(name, 'refs/heads/main'),
  'main',
  'main',
];
const onTag = (name: string): Row => [`${name} on a tag`, github(name, 'refs/tags/v1'), '-', 'main', release];
const fromOutside = (name: string): Row => [name, github(name, 'refs/heads/main'), '-', 'main', outside];
const ofChange = (name: string): readonly Row[] => {
  const run = (head: string | null, env: Env = {}): Run =>
    github(name, MERGE_REF, { env: { ...PULL_ENV, ...env }, event: pull(head) });
  return [
    [`${name} of this repository`, run('us/app'), 'pr-7', 'pr-7 feature release main'],
    [`${name} of a fork`, run('them/app'), '-', 'pr-7 release main', fork],
    [`${name} of a fork that is gone`, run(null), '-', 'pr-7 release main', fork],
    [`${name} by Dependabot`, run('us/app', DEPENDABOT), '-', 'pr-7 release main', bot],
    [
      `${name} without payload`,
      github(name, MERGE_REF, { env: PULL_ENV, event: null }),
      '-',
      'pr-7 release main',
      doubt,
    ],
  ];
};

const GITHUB: readonly Row[] = [
  ...['push', 'schedule', 'workflow_dispatch', 'repository_dispatch'].map(onMain),
  ...['push', 'workflow_dispatch'].map(onBranch),
  ...['push', 'workflow_dispatch', 'release'].map(onTag),
  ...['pull_request', 'pull_request_review', 'pull_request_review_comment'].flatMap(ofChange),
  ...'workflow_run issues issue_comment discussion discussion_comment watch fork gollum label milestone public'
    .split(' ')
    .map(fromOutside),
  ...'check_run check_suite status deployment page_build registry_package member workflow_call something_new'
    .split(' ')
    .map(fromOutside),
  [
    'pull_request_target of this repository',
    github('pull_request_target', 'refs/heads/release', { env: PULL_ENV, event: pull('us/app') }),
    '-',
    'release main',
    outside,
  ],
  [
    'pull_request_target of a fork',
    github('pull_request_target', 'refs/heads/main', { event: pull('them/app') }),
    '-',
    'release main',
    outside,
  ],
  [
    'issue_comment under a change',
    github('issue_comment', 'refs/heads/main', { event: { issue: { number: 7, pull_request: { url: 'https://x' } } } }),
    '-',
    'main',
    outside,
  ],
  [
    'merge_group',
    github('merge_group', 'refs/heads/gh-readonly-queue/release/pr-7-abc', {
      event: { merge_group: { base_ref: 'refs/heads/release' } },
    }),
    'gh-readonly-queue/release',
    'gh-readonly-queue/release release main',
  ],
  ['push by Dependabot', github('push', 'refs/heads/dependabot/go', { env: DEPENDABOT }), '-', 'main', bot],
  [
    'push to a branch called like a change',
    github('push', 'refs/heads/pr-7'),
    'refs/heads/pr-7',
    'refs/heads/pr-7 main',
  ],
  [
    'push to a branch called like a laptop',
    github('push', 'refs/heads/dev-ann'),
    'refs/heads/dev-ann',
    'refs/heads/dev-ann main',
  ],
  ['push of something that is no branch', github('push', 'refs/notes/x'), '-', 'main', /is no branch$/],
  ['no event', github('', 'refs/heads/main'), '-', 'main', /does not say what started this run$/],
  ['pull_request that is nowhere', github('pull_request', 'refs/heads/main', { event: null }), '-', 'main', /no event/],
];

function gitlab(source: string, env: Env): Run {
  return { env: { CI: 'true', GITLAB_CI: 'true', CI_DEFAULT_BRANCH: 'main', CI_PIPELINE_SOURCE: source, ...env } };
}

const LAB_BRANCH = { CI_COMMIT_BRANCH: 'feature', CI_COMMIT_REF_NAME: 'feature', CI_COMMIT_REF_PROTECTED: 'false' };
const LAB_MAIN = { CI_COMMIT_BRANCH: 'main', CI_COMMIT_REF_NAME: 'main', CI_COMMIT_REF_PROTECTED: 'true' };
const LAB_TAG = { CI_COMMIT_TAG: 'v1', CI_COMMIT_REF_NAME: 'v1', CI_COMMIT_REF_PROTECTED: 'true' };
const LAB_REQUEST = {
  CI_COMMIT_REF_NAME: 'feature',
  CI_MERGE_REQUEST_IID: '12',
  CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: 'feature',
  CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'release',
  CI_MERGE_REQUEST_PROJECT_ID: '1',
  CI_MERGE_REQUEST_SOURCE_PROJECT_ID: '1',
};
const without = (env: Env, name: string): Env =>
  Object.fromEntries(Object.entries(env).filter(([key]) => key !== name));
const LAB_EXTERNAL = {
  CI_COMMIT_BRANCH: 'feature',
  CI_EXTERNAL_PULL_REQUEST_IID: '9',
  CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY: 'us/app',
  CI_EXTERNAL_PULL_REQUEST_TARGET_REPOSITORY: 'us/app',
  CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME: 'feature',
  CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME: 'main',
};

const GITLAB: readonly Row[] = [
  ...'push web webide schedule api trigger pipeline parent_pipeline chat'
    .split(' ')
    .map((source): Row => [`GitLab: ${source} on the default branch`, gitlab(source, LAB_MAIN), 'main', 'main']),
  ...['push', 'trigger'].map(
    (source): Row => [
      `GitLab: ${source} on an unprotected branch`,
      gitlab(source, LAB_BRANCH),
      'feature',
      'feature main',
    ],
  ),
  ...['push', 'schedule'].map(
    (source): Row => [`GitLab: ${source} on a tag`, gitlab(source, LAB_TAG), '-', 'main', release],
  ),
  ...['merge_request_event', 'parent_pipeline'].flatMap((source): readonly Row[] => [
    [`${source}: merge request`, gitlab(source, LAB_REQUEST), 'pr-12', 'pr-12 feature release main'],
    [
      `${source}: merge request of a fork`,
      gitlab(source, { ...LAB_REQUEST, CI_MERGE_REQUEST_SOURCE_PROJECT_ID: '2' }),
      '-',
      'pr-12 release main',
      fork,
    ],
    ...['CI_MERGE_REQUEST_SOURCE_PROJECT_ID', 'CI_MERGE_REQUEST_PROJECT_ID'].map(
      (name): Row => [
        `${source} without ${name}`,
        gitlab(source, without(LAB_REQUEST, name)),
        '-',
        'pr-12 release main',
        doubt,
      ],
    ),
  ]),
  [
    'the child of a merge request pipeline that passes nothing on',
    gitlab('parent_pipeline', { CI_COMMIT_REF_NAME: 'feature' }),
    '-',
    'main',
    /`feature` is no branch/,
  ],
  ['an external pull request', gitlab('external_pull_request_event', LAB_EXTERNAL), 'pr-9', 'pr-9 feature main'],
  [
    'an external pull request of a fork',
    gitlab('external_pull_request_event', { ...LAB_EXTERNAL, CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY: 'them/app' }),
    '-',
    'pr-9 main',
    fork,
  ],
  ...['external', 'ondemand_dast_scan', 'security_orchestration_policy', 'something_newer'].map(
    (source): Row => [source, gitlab(source, LAB_MAIN), '-', 'main', /is no event that is known/],
  ),
  ['no source', gitlab('', LAB_MAIN), '-', 'main', /does not say what started/],
];

const azure = (reason: string, ref: string, env: Env = {}): Run => ({
  env: { TF_BUILD: 'True', BUILD_REASON: reason, BUILD_SOURCEBRANCH: ref, ...env },
});
const AZURE_PULL = {
  SYSTEM_PULLREQUEST_PULLREQUESTID: '5001',
  SYSTEM_PULLREQUEST_PULLREQUESTNUMBER: '7',
  SYSTEM_PULLREQUEST_SOURCEBRANCH: 'refs/heads/feature',
  SYSTEM_PULLREQUEST_TARGETBRANCH: 'release',
};
const buildkite = (env: Env): Run => ({
  env: {
    CI: 'true',
    BUILDKITE: 'true',
    BUILDKITE_PULL_REQUEST: 'false',
    BUILDKITE_BRANCH: 'feature',
    BUILDKITE_REPO: 'git@github.com:us/app.git',
    BUILDKITE_PIPELINE_DEFAULT_BRANCH: 'trunk',
    ...env,
  },
});
const BUILDKITE_PULL = { BUILDKITE_PULL_REQUEST: '7', BUILDKITE_PULL_REQUEST_BASE_BRANCH: 'release' };
const jenkins = (env: Env): Run => ({ env: { JENKINS_URL: 'https://ci.example.com/', ...env } });
const circle = (env: Env): Run => ({ env: { CI: 'true', CIRCLECI: 'true', ...env } });
const silent = /does not say what started this run$/;

const OTHERS: readonly Row[] = [
  ['Azure: a push', azure('IndividualCI', 'refs/heads/main'), 'main', 'main'],
  ['Azure: a schedule', azure('Schedule', 'refs/heads/feature'), 'feature', 'feature main'],
  ['Azure: a tag', azure('IndividualCI', 'refs/tags/v1'), '-', 'main', release],
  [
    'Azure: a pull request',
    azure('PullRequest', MERGE_REF, { ...AZURE_PULL, SYSTEM_PULLREQUEST_ISFORK: 'False' }),
    'pr-7',
    'pr-7 feature release main',
  ],
  [
    'Azure: a pull request of a fork',
    azure('PullRequest', MERGE_REF, { ...AZURE_PULL, SYSTEM_PULLREQUEST_ISFORK: 'True' }),
    '-',
    'pr-7 release main',
    fork,
  ],
  ['Azure: a pull request of who knows', azure('PullRequest', MERGE_REF, AZURE_PULL), '-', 'pr-7 release main', doubt],
  ['Azure: another pipeline', azure('ResourceTrigger', 'refs/heads/main'), '-', 'main', /no event that is known/],
  ['Buildkite: a branch', buildkite({}), 'feature', 'feature trunk'],
  ['Buildkite: a tag', buildkite({ BUILDKITE_TAG: 'v1' }), '-', 'trunk', release],
  [
    'Buildkite: a pull request',
    buildkite({ ...BUILDKITE_PULL, BUILDKITE_PULL_REQUEST_REPO: 'git://github.com/us/app.git' }),
    'pr-7',
    'pr-7 feature release trunk',
  ],
  [
    'Buildkite: a pull request of a fork',
    buildkite({ ...BUILDKITE_PULL, BUILDKITE_PULL_REQUEST_REPO: 'https://github.com/them/app' }),
    '-',
    'pr-7 release trunk',
    fork,
  ],
  ['Buildkite: a pull request of who knows', buildkite(BUILDKITE_PULL), '-', 'pr-7 release trunk', doubt],
  ['Buildkite: half an environment', buildkite({ BUILDKITE_PULL_REQUEST: '' }), '-', 'feature trunk', silent],
  ['Jenkins: a branch', jenkins({ BRANCH_NAME: 'feature' }), 'feature', 'feature main'],
  ['Jenkins: its primary branch', jenkins({ BRANCH_NAME: 'trunk', BRANCH_IS_PRIMARY: 'true' }), 'trunk', 'trunk'],
  ['Jenkins: a tag', jenkins({ BRANCH_NAME: 'v1', TAG_NAME: 'v1' }), '-', 'main', release],
  [
    'Jenkins: a change',
    jenkins({ BRANCH_NAME: 'PR-7', CHANGE_ID: '7', CHANGE_TARGET: 'release' }),
    '-',
    'pr-7 release main',
    doubt,
  ],
  [
    'Jenkins: a change of a fork',
    jenkins({ BRANCH_NAME: 'PR-7', CHANGE_ID: '7', CHANGE_FORK: 'them/app', CHANGE_TARGET: 'release' }),
    '-',
    'pr-7 release main',
    fork,
  ],
  ['Jenkins: a plain job', jenkins({}), '-', 'ci main', silent],
  ['CircleCI: a branch', circle({ CIRCLE_BRANCH: 'feature' }), '-', 'feature main', silent],
  ['CircleCI: a fork', circle({ CIRCLE_BRANCH: 'pull/7' }), '-', 'pr-7 main', fork],
  ['CircleCI: a tag', circle({ CIRCLE_TAG: 'v1' }), '-', 'main', silent],
  ['another CI, on a branch', { env: { CI: '1' }, git: { ...GIT, branch: 'feature' } }, '-', 'feature main', silent],
  ['another CI, detached', { env: { CI: 'true' } }, '-', 'ci main', silent],
  [
    'another CI, no git',
    { env: { CI: 'true' }, git: { branch: undefined, defaultBranch: undefined } },
    '-',
    'ci',
    silent,
  ],
  [
    'CI switched off by name',
    { env: { CI: 'false' }, git: { ...GIT, branch: 'feature' } },
    'dev-ann',
    'dev-ann feature main',
  ],
  ['a laptop', { env: {}, git: { ...GIT, branch: 'main' } }, 'dev-ann', 'dev-ann main'],
  [
    'a laptop on a branch called like another',
    { env: {}, git: { ...GIT, branch: 'dev-mia' } },
    'dev-ann',
    'dev-ann refs/heads/dev-mia main',
  ],
];

const ROWS: readonly Row[] = [...GITHUB, ...GITLAB, ...OTHERS];

function plan({ env, event, git = GIT }: Run, scope?: { name: string; isOfCheckout: boolean }): PlannedScopes {
  const named = scope === undefined ? {} : { isScopeOfCheckout: scope.isOfCheckout };
  return planScopes({ scope: scope?.name, ...named, env, event, git, user: 'ann' });
}

describe('the matrix', () => {
  it('has its rows', () => {
    expect(GITHUB.length).toBeGreaterThanOrEqual(50);
    expect(ROWS.length).toBeGreaterThanOrEqual(110);
    expect(new Set(ROWS.map(([what]) => what)).size).toBe(ROWS.length);
  });

  it.each(ROWS.map((row) => ({ what: row[0], row })))('$what', ({ row: [, run, writes, reads, says] }) => {
    const planned = plan(run);
    expect(planned.read.join(' ')).toBe(reads);
    expect(planned.readOnlyReason === undefined ? planned.write : '-').toBe(writes);
    if (writes === '-') expect(planned.readOnlyReason).toMatch(says ?? /./);
    else expect(says).toBeUndefined();
  });
});

describe('what holds in every row', () => {
  it('a branch never reads what a change, a laptop or an event wrote', () => {
    const branches = ROWS.map(([, run]) => plan(run)).filter(({ reason }) => reason.startsWith('branch '));
    expect(branches.length).toBeGreaterThan(25);
    for (const { read } of branches) expect(read.filter((name) => /^(pr-\d|dev-|event-)/.test(name))).toEqual([]);
  });

  it('no run whose ban is lifted writes what the default branch reads', () => {
    for (const [what, run] of ROWS) {
      const planned = plan(run);
      if (planned.readOnlyReason !== undefined) expect(planned.write, what).not.toBe('main');
      else if (planned.write === 'main') expect(planned.reason, what).toMatch(/^branch main$/);
    }
    const lifted = (env: Record<string, string>, git?: Run['git']): string => plan({ env, ...(git && { git }) }).write;
    expect(lifted({ GITHUB_ACTIONS: 'true', GITHUB_EVENT_NAME: 'push', GITHUB_REF: 'refs/tags/v1' })).toBe('ci');
    expect(lifted({ GITHUB_ACTIONS: 'true', GITHUB_EVENT_NAME: 'release', GITHUB_REF: 'refs/tags/main' })).toBe('ci');
    // Which branch is the default can't be told: any may be.
    const unknown = { branch: 'trunk', defaultBranch: undefined };
    expect(lifted({ CI: '1' }, unknown)).toBe('ci');
    expect(lifted({ CI: '1' }, { branch: 'feature', defaultBranch: 'trunk' })).toBe('feature');
  });

  it('a scope of the checkout is read by a change, never written', () => {
    for (const [what, run, writes] of ROWS) {
      const planned = plan(run, { name: 'api', isOfCheckout: true });
      const isChange = /^(pull|merge) request/.test(planned.reason) || planned.read.some((name) => /^pr-\d/.test(name));
      expect(planned.read, what).toContain('api');
      if (isChange && writes !== '-') expect([planned.write, planned.read[0]], what).toEqual([writes, writes]);
      else if (isChange) expect(planned.write, what).not.toBe('api');
      else expect(planned.write, what).toBe('api');
    }
  });

  it('a scope of a flag is written by who may write, and the ban stays', () => {
    for (const [what, run, writes] of ROWS) {
      const planned = plan(run, { name: 'api', isOfCheckout: false });
      expect(planned.write, what).toBe('api');
      expect(planned.readOnlyReason === undefined, what).toBe(writes !== '-');
    }
  });

  const strange: readonly (readonly [string, Run, string | undefined])[] = [
    [
      'a default branch called like a change',
      { ...github('push', 'refs/heads/x'), event: { repository: { default_branch: 'pr-7' } } },
      undefined,
    ],
    ['a checkout of such a branch', { env: {}, git: { branch: 'pr-7', defaultBranch: 'main' } }, undefined],
    ['such a default branch beside --scope', { env: {}, git: { branch: 'x', defaultBranch: 'pr-7' } }, 'main'],
    [
      'a merge queue into such a branch',
      github('merge_group', 'refs/heads/gh-readonly-queue/pr-7/x', {
        event: { merge_group: { base_ref: 'refs/heads/pr-7' } },
      }),
      undefined,
    ],
  ];

  it.each(strange)('%s does not read what a change wrote', (_what, run, scope) => {
    const { read } = plan(run, scope === undefined ? undefined : { name: scope, isOfCheckout: false });
    expect(read.filter((name) => name.startsWith('pr-'))).toEqual([]);
  });

  it('a change whose branch is called like another change reads its own alone', () => {
    const run = github('pull_request', MERGE_REF, { env: { GITHUB_HEAD_REF: 'pr-8' }, event: pull('us/app') });
    expect(plan(run).read.filter((name) => name.startsWith('pr-'))).toEqual(['pr-7']);
  });

  it('only a tag is a release', () => {
    const releases = ROWS.filter(([, run]) => plan(run).isRelease).map(([what]) => what);
    expect(releases.filter((what) => !what.endsWith('tag'))).toEqual([]);
    expect(releases.length).toBeGreaterThan(8);
  });

  it.each([
    undefined,
    null,
    5,
    [],
    'x',
    { pull_request: 5 },
    { repository: { default_branch: 5 } },
    { merge_group: [] },
  ])('the payload %j does no harm', (event) => {
    const run = github('push', 'refs/heads/main');
    expect(plan({ ...run, event })).toMatchObject({ write: 'main', read: ['main'], readOnlyReason: undefined });
    const change = github('pull_request', MERGE_REF, { env: PULL_ENV });
    expect(plan({ ...change, event }).readOnlyReason).toMatch(/fork$/);
  });
});

describe('branchScope', () => {
  it.each([
    ['main', 'main'],
    ['feature/pr-7', 'feature/pr-7'],
    ['pr-7', 'refs/heads/pr-7'],
    ['pr-7-fix', 'pr-7-fix'],
    ['dev-ann', 'refs/heads/dev-ann'],
    ['develop', 'develop'],
    ['event-push', 'refs/heads/event-push'],
  ])('%s -> %s', (branch, scope) => {
    expect(branchScope(branch)).toBe(scope);
  });
});
