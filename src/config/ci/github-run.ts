import type { Change, Origin, StartedRun, Starter } from '../../trust/who-may-write.ts';
import type { ScopeInput } from '../scopes.ts';
import { filled, numberAt, textAt } from './payload.ts';
import { branchOf, readRef } from './read-ref.ts';

/**
 * Events that only somebody with write access starts, and those that build a change, whose origin then decides. Each
 * other one (a comment, a star, an issue, the end of another run) may be started, or fed, from outside.
 * A reusable workflow (`workflow_call`) sees the event of the workflow that calls it.
 * docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows
 */
const INSIDE_EVENTS = new Set([
  'push',
  'schedule',
  'workflow_dispatch',
  'repository_dispatch',
  'merge_group',
  'release',
]);
const CHANGE_EVENTS = new Set(['pull_request', 'pull_request_review', 'pull_request_review_comment']);

/** docs.github.com/en/code-security/dependabot/troubleshooting-dependabot/troubleshooting-dependabot-on-github-actions */
const DEPENDABOT = 'dependabot[bot]';

/** Variables and payload: docs.github.com/en/actions/reference/workflows-and-actions/variables */
export function githubRun({ env, event, git, user }: ScopeInput): StartedRun {
  const name = env['GITHUB_EVENT_NAME'] ?? '';
  const ref = env['GITHUB_REF'] ?? '';
  const change = readChange({ env, event, ref });
  return {
    system: 'GitHub Actions',
    event: name,
    startedBy: starterOf(name, change, env['GITHUB_ACTOR']),
    change,
    ref: readRef(ref),
    queueBase: name === 'merge_group' ? branchOf(textAt(event, 'merge_group', 'base_ref')) : undefined,
    base: filled(env['GITHUB_BASE_REF']) ?? textAt(event, 'pull_request', 'base', 'ref'),
    defaultBranch: textAt(event, 'repository', 'default_branch') ?? git.defaultBranch,
    user,
  };
}

function starterOf(event: string, change: Change | undefined, actor: string | undefined): Starter {
  const isOfChange = CHANGE_EVENTS.has(event);
  if (event === '' || (isOfChange && change === undefined)) return 'unknown';
  if (!isOfChange && !INSIDE_EVENTS.has(event)) return 'anyone';
  return actor === DEPENDABOT ? 'bot' : 'member';
}

function readChange(run: Pick<ScopeInput, 'env' | 'event'> & { readonly ref: string }): Change | undefined {
  const { env, event, ref } = run;
  const number =
    numberAt(event, 'pull_request', 'number') ?? commentedChange(event) ?? /^refs\/pull\/(\d+)\//.exec(ref)?.[1];
  if (number === undefined) return undefined;
  const origin = originOf(event, env['GITHUB_REPOSITORY']);
  const branch = origin === 'repository' ? filled(env['GITHUB_HEAD_REF']) : undefined;
  return { number: String(number), word: 'pull request', origin, branch };
}

/** A payload without a head repository is one whose fork was deleted; without a payload nobody can tell. */
function originOf(event: unknown, repository: string | undefined): Origin {
  if (typeof event !== 'object' || event === null) return 'unknown';
  const head = textAt(event, 'pull_request', 'head', 'repo', 'full_name');
  const home = textAt(event, 'pull_request', 'base', 'repo', 'full_name') ?? repository;
  return head !== undefined && head === home ? 'repository' : 'fork';
}

function commentedChange(event: unknown): number | undefined {
  const isChange = textAt(event, 'issue', 'pull_request', 'url') !== undefined;
  return isChange ? numberAt(event, 'issue', 'number') : undefined;
}
