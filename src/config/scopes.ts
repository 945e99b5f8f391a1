import type { Environment } from './options.ts';

/** What git says of the work tree; undefined where it can't be told (detached HEAD, no checkout). */
export interface GitFacts {
  readonly branch: string | undefined;
  readonly defaultBranch: string | undefined;
}

export interface ScopeInput {
  /** `--scope`. */
  readonly scope: string | undefined;
  readonly env: Environment;
  /** The parsed file at GITHUB_EVENT_PATH. */
  readonly event: unknown;
  readonly git: GitFacts;
  readonly user: string;
}

/** The scope to write, the scopes to read in order (the written one first), and why. */
export interface PlannedScopes {
  readonly write: string;
  readonly read: readonly string[];
  readonly reason: string;
  /** Set where this run must not write: code that nobody on the inside has seen could run in it. */
  readonly readOnlyReason: string | undefined;
}

/**
 * In CI: branch -> base -> default branch as the event tells, since HEAD is detached there; a pull request writes
 * `pr-N`. Elsewhere `dev-<user>` is written, then branch -> default branch are read.
 */
export function planScopes(input: ScopeInput): PlannedScopes {
  const place = ciPlace(input) ?? localPlace(input);
  if (input.scope === undefined) {
    return { ...chain(place.names), reason: place.reason, readOnlyReason: place.readOnlyReason };
  }
  const names = [input.scope, place.defaultBranch];
  return { ...chain(names), reason: '--scope', readOnlyReason: place.readOnlyReason };
}

interface Place {
  readonly names: readonly (string | undefined)[];
  readonly defaultBranch: string | undefined;
  readonly reason: string;
  readonly readOnlyReason: string | undefined;
}

function ciPlace(input: ScopeInput): Place | undefined {
  if (input.env['GITHUB_ACTIONS'] === 'true') return githubPlace(input);
  if (input.env['GITLAB_CI'] === 'true') return gitlabPlace(input);
  return undefined;
}

// Events that run with the default branch's rights on something an outsider sent: docs.github.com, "Events that trigger workflows".
const OUTSIDER_EVENTS = new Set(['pull_request_target', 'issue_comment', 'workflow_run']);

/** Variables and payload: docs.github.com/en/actions/reference/workflows-and-actions/variables and .../events-that-trigger-workflows */
function githubPlace({ env, event, git }: ScopeInput): Place {
  const name = env['GITHUB_EVENT_NAME'] ?? '';
  const ref = env['GITHUB_REF'] ?? '';
  const defaultBranch = textAt(event, 'repository', 'default_branch') ?? git.defaultBranch;
  const base = set(env['GITHUB_BASE_REF']) ?? shortRef(textAt(event, 'merge_group', 'base_ref'));
  const number = numberAt(event, 'pull_request', 'number') ?? /^refs\/pull\/(\d+)\//.exec(ref)?.[1];
  const isOutsider = OUTSIDER_EVENTS.has(name);
  const outsiderReason = isOutsider ? `the event \`${name}\` may run code from outside` : undefined;
  if (number !== undefined) {
    const head = textAt(event, 'pull_request', 'head', 'repo', 'full_name');
    const home = textAt(event, 'pull_request', 'base', 'repo', 'full_name') ?? env['GITHUB_REPOSITORY'];
    // A payload without a head repository is one whose fork was deleted; without a payload nobody can tell.
    const isFork = head === undefined || head !== home;
    const branch = isFork ? undefined : set(env['GITHUB_HEAD_REF']);
    const doubt = event === undefined ? 'may come' : 'comes';
    const forkReason = isFork ? `the pull request ${doubt} from a fork` : undefined;
    return {
      names: [`pr-${number}`, branch, base, defaultBranch],
      defaultBranch,
      reason: `pull request ${number}`,
      readOnlyReason: forkReason ?? outsiderReason,
    };
  }
  return refPlace({ ref, base, defaultBranch, readOnlyReason: outsiderReason });
}

function refPlace(facts: {
  ref: string;
  base: string | undefined;
  defaultBranch: string | undefined;
  readOnlyReason: string | undefined;
}): Place {
  const { ref, base, defaultBranch } = facts;
  const branch = shortRef(ref);
  if (branch === undefined) {
    return {
      names: [base, defaultBranch ?? 'main'],
      defaultBranch,
      reason: `\`${ref}\``,
      readOnlyReason: facts.readOnlyReason ?? `\`${ref}\` is no branch`,
    };
  }
  const { readOnlyReason } = facts;
  return { names: [branch, base, defaultBranch], defaultBranch, reason: `branch ${branch}`, readOnlyReason };
}

/** Variables: docs.gitlab.com/ci/variables/predefined_variables/ */
function gitlabPlace({ env, git }: ScopeInput): Place {
  const defaultBranch = set(env['CI_DEFAULT_BRANCH']) ?? git.defaultBranch;
  const number = set(env['CI_MERGE_REQUEST_IID']);
  const base = set(env['CI_MERGE_REQUEST_TARGET_BRANCH_NAME']);
  if (number !== undefined) {
    const isFork = env['CI_MERGE_REQUEST_SOURCE_PROJECT_ID'] !== env['CI_MERGE_REQUEST_PROJECT_ID'];
    const branch = isFork ? undefined : set(env['CI_MERGE_REQUEST_SOURCE_BRANCH_NAME']);
    return {
      names: [`pr-${number}`, branch, base, defaultBranch],
      defaultBranch,
      reason: `merge request ${number}`,
      readOnlyReason: isFork ? 'the merge request comes from a fork' : undefined,
    };
  }
  const name = set(env['CI_COMMIT_REF_NAME']);
  const ref =
    set(env['CI_COMMIT_TAG']) === undefined && name !== undefined ? `refs/heads/${name}` : `refs/tags/${name}`;
  return refPlace({ ref, base, defaultBranch, readOnlyReason: undefined });
}

function localPlace({ git, user }: ScopeInput): Place {
  return {
    names: [`dev-${user}`, git.branch, git.defaultBranch],
    defaultBranch: git.defaultBranch,
    reason: 'this machine',
    readOnlyReason: undefined,
  };
}

function chain(names: readonly (string | undefined)[]): { readonly write: string; readonly read: readonly string[] } {
  const [write, ...others] = [...new Set(names.filter((name) => name !== undefined && name !== ''))] as string[];
  // What a pull request saved is for that pull request: a branch of such a name must not bring it into another run.
  const read = write === undefined ? [] : [write, ...others.filter((name) => !PULL_REQUEST_SCOPE.test(name))];
  return { write: read[0] ?? 'main', read: read.length === 0 ? ['main'] : read };
}

const PULL_REQUEST_SCOPE = /^pr-\d+$/;

function shortRef(ref: string | undefined): string | undefined {
  return ref?.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : undefined;
}

function set(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

function at(value: unknown, path: readonly string[]): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as Record<string, unknown>)[key];
  }
  return current;
}

function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = at(value, path);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

function numberAt(value: unknown, ...path: readonly string[]): number | undefined {
  const found = at(value, path);
  return typeof found === 'number' ? found : undefined;
}
