import type { Environment } from './options.ts';
import { formatRepository } from './repository-name.ts';

/** What the snapshots of a run say of it; also what is signed of it. Absent where it isn't known. */
export interface RunFacts {
  /** `github.com/owner/name`, in small letters. */
  readonly repository?: string;
  /** `refs/heads/main` */
  readonly ref?: string;
  /** What started the run: `push`, `pull_request`, `schedule`; `local` outside CI. */
  readonly event?: string;
  readonly workflow?: string;
  readonly run?: string;
  /** The machine that the client ran on. */
  readonly builder?: string;
  readonly writer?: string;
}

export interface RunFactsInput {
  readonly env: Environment;
  /** `--repository`: counts more than what CI or git say. */
  readonly repository: string | undefined;
  /** URL of git's remote `origin`. */
  readonly originUrl: string | undefined;
  readonly branch: string | undefined;
  readonly hostName: string;
  readonly version: string;
}

/**
 * Variables: docs.github.com/en/actions/reference/workflows-and-actions/variables and
 * docs.gitlab.com/ci/variables/predefined_variables/
 */
export function planRunFacts(input: RunFactsInput): RunFacts {
  const { env } = input;
  const place =
    env['GITHUB_ACTIONS'] === 'true'
      ? githubFacts(env)
      : env['GITLAB_CI'] === 'true'
        ? gitlabFacts(env)
        : localFacts(input);
  const repository = input.repository === undefined ? place.repository : formatRepository(input.repository);
  return cleanFacts({ ...place, repository, writer: `slipway ${input.version}` });
}

type Facts = { readonly [name in keyof RunFacts]: string | undefined };

function githubFacts(env: Environment): Facts {
  const server = env['GITHUB_SERVER_URL'] || 'https://github.com';
  const repository = env['GITHUB_REPOSITORY'];
  return {
    repository: repository ? formatRepository(`${server}/${repository}`) : undefined,
    ref: env['GITHUB_REF'],
    event: env['GITHUB_EVENT_NAME'],
    workflow: env['GITHUB_WORKFLOW_REF'] || env['GITHUB_WORKFLOW'],
    run: join('/', env['GITHUB_RUN_ID'], env['GITHUB_RUN_ATTEMPT']),
    builder: join(' ', env['RUNNER_ENVIRONMENT'], env['RUNNER_NAME']),
  };
}

function gitlabFacts(env: Environment): Facts {
  const server = env['CI_SERVER_URL'] || `https://${env['CI_SERVER_HOST'] || 'gitlab.com'}`;
  const project = env['CI_PROJECT_PATH'];
  const name = env['CI_COMMIT_REF_NAME'];
  const branchOrTag = name ? `refs/${env['CI_COMMIT_TAG'] ? 'tags' : 'heads'}/${name}` : undefined;
  return {
    repository: project ? formatRepository(`${server}/${project}`) : undefined,
    ref: env['CI_MERGE_REQUEST_REF_PATH'] || branchOrTag,
    event: env['CI_PIPELINE_SOURCE'],
    workflow: join('#', env['CI_CONFIG_PATH'], env['CI_JOB_NAME']),
    run: env['CI_JOB_ID'],
    builder: env['CI_RUNNER_DESCRIPTION'] || env['CI_RUNNER_ID'],
  };
}

function localFacts({ originUrl, branch, hostName }: RunFactsInput): Facts {
  return {
    repository: originUrl === undefined ? undefined : formatRepository(originUrl),
    ref: branch === undefined ? undefined : `refs/heads/${branch}`,
    event: 'local',
    workflow: undefined,
    run: undefined,
    builder: hostName,
  };
}

function join(separator: string, ...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(separator);
}

const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

/** As a snapshot takes them: 1 to 512 printable characters. */
function cleanFacts(facts: Facts): RunFacts {
  const pairs = Object.entries(facts).map(([name, text]) => {
    const printable = (text ?? '').replace(UNPRINTABLE, ' ').trim();
    return [name, Array.from(printable).slice(0, 512).join('')] as const;
  });
  return Object.fromEntries(pairs.filter(([, text]) => text !== ''));
}
