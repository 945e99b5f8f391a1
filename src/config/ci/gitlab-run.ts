import type { Change, Origin, StartedRun, RunRef, Starter } from '../../trust/who-may-write.ts';
import type { Environment } from '../options.ts';
import type { ScopeInput } from '../scopes.ts';
import { filled } from './payload.ts';

/**
 * Sources of pipelines that only a member of the project, or a holder of its tokens, starts; and those that build a
 * change, whose origin then decides. docs.gitlab.com/ci/jobs/job_rules/#ci_pipeline_source-predefined-variable
 */
const INSIDE_SOURCES = new Set(
  'push web webide schedule api trigger pipeline parent_pipeline chat merge_request_event external_pull_request_event'.split(
    ' ',
  ),
);

/** Variables: docs.gitlab.com/ci/variables/predefined_variables/ */
export function gitlabRun({ env, git, user }: ScopeInput): StartedRun {
  const event = env['CI_PIPELINE_SOURCE'] ?? '';
  return {
    system: 'GitLab CI',
    event,
    startedBy: starterOf(event),
    change: readMergeRequest(env) ?? readExternalChange(env),
    ref: refOf(env),
    queueBase: undefined,
    base:
      filled(env['CI_MERGE_REQUEST_TARGET_BRANCH_NAME']) ?? filled(env['CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME']),
    defaultBranch: filled(env['CI_DEFAULT_BRANCH']) ?? git.defaultBranch,
    user,
  };
}

function starterOf(source: string): Starter {
  return INSIDE_SOURCES.has(source) ? 'member' : 'unknown';
}

/** CI_COMMIT_BRANCH is only there when a branch is built: not for a merge request, nor for a child of its pipeline. */
function refOf(env: Environment): RunRef {
  const tag = filled(env['CI_COMMIT_TAG']);
  if (tag !== undefined) return { kind: 'tag', name: tag };
  const branch = filled(env['CI_COMMIT_BRANCH']);
  if (branch !== undefined) return { kind: 'branch', name: branch };
  return { kind: 'other', name: env['CI_COMMIT_REF_NAME'] ?? '' };
}

function readMergeRequest(env: Environment): Change | undefined {
  const number = filled(env['CI_MERGE_REQUEST_IID']);
  if (number === undefined) return undefined;
  const origin = originOf(env['CI_MERGE_REQUEST_SOURCE_PROJECT_ID'], env['CI_MERGE_REQUEST_PROJECT_ID']);
  const branch = origin === 'repository' ? filled(env['CI_MERGE_REQUEST_SOURCE_BRANCH_NAME']) : undefined;
  return { number, word: 'merge request', origin, branch };
}

/** A pull request on GitHub that GitLab builds for. */
function readExternalChange(env: Environment): Change | undefined {
  const number = filled(env['CI_EXTERNAL_PULL_REQUEST_IID']);
  if (number === undefined) return undefined;
  const origin = originOf(
    env['CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY'],
    env['CI_EXTERNAL_PULL_REQUEST_TARGET_REPOSITORY'],
  );
  const branch = origin === 'repository' ? filled(env['CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME']) : undefined;
  return { number, word: 'pull request', origin, branch };
}

function originOf(source: string | undefined, target: string | undefined): Origin {
  if (filled(source) === undefined || filled(target) === undefined) return 'unknown';
  return source === target ? 'repository' : 'fork';
}
