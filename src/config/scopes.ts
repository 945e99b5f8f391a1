import { branchScope, whoMayWrite, type StartedRun, type ScopeVerdict } from '../trust/who-may-write.ts';
import { githubRun } from './ci/github-run.ts';
import { gitlabRun } from './ci/gitlab-run.ts';
import { azureRun, buildkiteRun, circleRun, jenkinsRun, unknownRun } from './ci/other-runs.ts';
import type { Environment } from './options.ts';

/** What git says of the work tree; undefined where it can't be told (detached HEAD, no checkout). */
export interface GitFacts {
  readonly branch: string | undefined;
  readonly defaultBranch: string | undefined;
}

export interface ScopeInput {
  /** `--scope`. */
  readonly scope: string | undefined;
  /** The scope is from the configuration file: who changes the checkout changes it. */
  readonly isScopeOfCheckout?: boolean;
  readonly env: Environment;
  /** The parsed file at GITHUB_EVENT_PATH. */
  readonly event: unknown;
  readonly git: GitFacts;
  readonly user: string;
}

export type PlannedScopes = ScopeVerdict;

/** By a variable that the system always sets, which CI this is. */
const SYSTEMS: readonly { is(env: Environment): boolean; read(input: ScopeInput): StartedRun }[] = [
  { is: (env) => env['GITHUB_ACTIONS'] === 'true', read: githubRun },
  { is: (env) => env['GITLAB_CI'] === 'true', read: gitlabRun },
  { is: (env) => env['TF_BUILD']?.toLowerCase() === 'true', read: azureRun },
  { is: (env) => env['BUILDKITE'] === 'true', read: buildkiteRun },
  { is: (env) => env['CIRCLECI'] === 'true', read: circleRun },
  { is: (env) => (env['JENKINS_URL'] ?? '') !== '', read: jenkinsRun },
  { is: (env) => !['', '0', 'false'].includes((env['CI'] ?? '').toLowerCase()), read: unknownRun },
];

/**
 * The scopes of a run, from the event that started it or from git. A scope that somebody names is written in place of
 * the run's own; one that a checkout names not by a change, which could else write what its base reads.
 */
export function planScopes(input: ScopeInput): PlannedScopes {
  const run = SYSTEMS.find(({ is }) => is(input.env))?.read(input) ?? localRun(input);
  const verdict = whoMayWrite(run);
  const { scope } = input;
  if (scope === undefined) return verdict;
  if (input.isScopeOfCheckout === true && run.change !== undefined) {
    const own = verdict.read.filter((name) => name === verdict.write);
    return { ...verdict, read: unique([...own, scope, ...verdict.read]) };
  }
  const rest = run.defaultBranch === undefined ? [] : [branchScope(run.defaultBranch)];
  return { ...verdict, write: scope, read: unique([scope, ...rest]), reason: '--scope' };
}

function localRun({ git, user }: ScopeInput): StartedRun {
  const ref = git.branch === undefined ? ({ kind: 'other', name: 'HEAD' } as const) : branchRef(git.branch);
  return {
    system: undefined,
    event: '',
    startedBy: 'member',
    change: undefined,
    ref,
    queueBase: undefined,
    base: undefined,
    defaultBranch: git.defaultBranch,
    user,
  };
}

function branchRef(name: string): StartedRun['ref'] {
  return { kind: 'branch', name };
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
