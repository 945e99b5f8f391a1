import type { Change, Origin, StartedRun, RunRef } from '../../trust/who-may-write.ts';
import type { Environment } from '../options.ts';
import type { GitFacts, ScopeInput } from '../scopes.ts';
import { filled } from './payload.ts';
import { readRef } from './read-ref.ts';

/** learn.microsoft.com/en-us/azure/devops/pipelines/build/variables: PR builds say whether they come from a fork. */
export function azureRun({ env, git, user }: ScopeInput): StartedRun {
  const event = env['BUILD_REASON'] ?? '';
  const number = filled(env['SYSTEM_PULLREQUEST_PULLREQUESTNUMBER']) ?? filled(env['SYSTEM_PULLREQUEST_PULLREQUESTID']);
  const fork = env['SYSTEM_PULLREQUEST_ISFORK']?.toLowerCase();
  const origin: Origin = fork === 'false' ? 'repository' : fork === 'true' ? 'fork' : 'unknown';
  const isInside = ['Manual', 'IndividualCI', 'BatchedCI', 'Schedule', 'PullRequest'].includes(event);
  return {
    system: 'Azure Pipelines',
    event,
    startedBy: isInside ? 'member' : 'unknown',
    change: changeOf(number, origin, shortBranch(env['SYSTEM_PULLREQUEST_SOURCEBRANCH'])),
    ref: readRef(env['BUILD_SOURCEBRANCH'] ?? ''),
    queueBase: undefined,
    base: shortBranch(env['SYSTEM_PULLREQUEST_TARGETBRANCH']),
    defaultBranch: git.defaultBranch,
    user,
  };
}

/** buildkite.com/docs/pipelines/configure/environment-variables: a build of a change names the repository it comes from. */
export function buildkiteRun({ env, git, user }: ScopeInput): StartedRun {
  const number = env['BUILDKITE_PULL_REQUEST'] === 'false' ? undefined : filled(env['BUILDKITE_PULL_REQUEST']);
  const [source, target] = [env['BUILDKITE_PULL_REQUEST_REPO'], env['BUILDKITE_REPO']].map(repositoryPath);
  const origin: Origin =
    source === undefined || target === undefined ? 'unknown' : source === target ? 'repository' : 'fork';
  const branch = filled(env['BUILDKITE_BRANCH']);
  return {
    system: 'Buildkite',
    event: env['BUILDKITE_SOURCE'] ?? '',
    // Without this variable an agent is so old, or the job so stripped, that nothing else can be relied on.
    startedBy: filled(env['BUILDKITE_PULL_REQUEST']) === undefined ? 'unknown' : 'member',
    change: changeOf(number, origin, branch),
    ref: tagOrBranch(env['BUILDKITE_TAG'], branch),
    queueBase: undefined,
    base: filled(env['BUILDKITE_PULL_REQUEST_BASE_BRANCH']),
    defaultBranch: filled(env['BUILDKITE_PIPELINE_DEFAULT_BRANCH']) ?? git.defaultBranch,
    user,
  };
}

/** jenkins.io/doc/book/pipeline/multibranch: only some sources of branches say that a change comes from a fork. */
export function jenkinsRun({ env, git, user }: ScopeInput): StartedRun {
  const branch = filled(env['BRANCH_NAME']);
  return {
    system: 'Jenkins',
    event: branch === undefined ? '' : 'multibranch',
    startedBy: branch === undefined ? 'unknown' : 'member',
    change: changeOf(
      filled(env['CHANGE_ID']),
      filled(env['CHANGE_FORK']) === undefined ? 'unknown' : 'fork',
      undefined,
    ),
    ref: branch === undefined ? fromGit(git) : tagOrBranch(env['TAG_NAME'], branch),
    queueBase: undefined,
    base: filled(env['CHANGE_TARGET']),
    defaultBranch: env['BRANCH_IS_PRIMARY'] === 'true' ? branch : git.defaultBranch,
    user,
  };
}

/**
 * CircleCI says of a change from a fork that it is one (CIRCLE_PR_NUMBER) only where it is connected to GitHub in its old
 * way, so a branch may be anybody's. circleci.com/docs/reference/variables
 */
export function circleRun({ env, git, user }: ScopeInput): StartedRun {
  const branch = filled(env['CIRCLE_BRANCH']);
  const number = filled(env['CIRCLE_PR_NUMBER']) ?? /^pull\/(\d+)/.exec(branch ?? '')?.[1];
  return {
    system: 'CircleCI',
    event: '',
    startedBy: 'unknown',
    change: changeOf(number, 'fork', undefined),
    ref: tagOrBranch(env['CIRCLE_TAG'], branch),
    queueBase: undefined,
    base: undefined,
    defaultBranch: git.defaultBranch,
    user,
  };
}

/** `CI=true` and nothing that we know: the branch is git's, if it is on one. */
export function unknownRun({ git, user }: ScopeInput): StartedRun {
  return {
    system: 'this CI system (`CI` is set)',
    event: '',
    startedBy: 'unknown',
    change: undefined,
    ref: fromGit(git),
    queueBase: undefined,
    base: undefined,
    defaultBranch: git.defaultBranch,
    user,
  };
}

function fromGit(git: GitFacts): RunRef {
  return git.branch === undefined ? { kind: 'other', name: 'HEAD' } : { kind: 'branch', name: git.branch };
}

function changeOf(number: string | undefined, origin: Origin, branch: string | undefined): Change | undefined {
  if (number === undefined) return undefined;
  return { number, word: 'pull request', origin, branch: origin === 'repository' ? branch : undefined };
}

function tagOrBranch(tag: Environment[string], branch: string | undefined): RunRef {
  if (filled(tag) !== undefined) return { kind: 'tag', name: tag as string };
  return branch === undefined ? { kind: 'other', name: 'HEAD' } : { kind: 'branch', name: branch };
}

function shortBranch(name: string | undefined): string | undefined {
  return filled(name?.replace(/^refs\/heads\//, ''));
}

/** `host/owner/name` of any spelling of a repository's address: `git@host:owner/name.git`, `https://host/owner/name`. */
function repositoryPath(address: string | undefined): string | undefined {
  const match = /^(?:[a-z+]+:\/\/)?(?:[^@/]*@)?([^:/]+)(?::\d+(?=\/))?[:/]+(.+?)(?:\.git)?\/*$/i.exec(address ?? '');
  return match === null ? undefined : `${match[1]}/${match[2]}`.toLowerCase();
}
