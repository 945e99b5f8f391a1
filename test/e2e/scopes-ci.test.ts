import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { foundEntries, madeBy, writeMadeCache } from '../helpers/made-cache.ts';
import { buildWarm, makeCacheHome } from '../helpers/run-slipway.ts';
import { startWorker, type Worker } from '../helpers/worker.ts';

let directory: string;
let home: string;
let worker: Worker;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-scopes-'));
  home = await makeCacheHome();
  worker = await startWorker();
});

afterAll(async () => {
  await worker?.stop();
  await rm(directory, { recursive: true, force: true });
  await rm(home, { recursive: true, force: true });
});

interface Job {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  readonly event?: object;
  /** Scope that is written; undefined where the job only reads. */
  readonly writes: string | undefined;
  readonly finds: readonly string[];
  readonly git?: Readonly<Record<string, string>>;
}

const REPOSITORY = { default_branch: 'main', full_name: 'us/app' };
const github = (env: Record<string, string>): Record<string, string> => ({
  GITHUB_ACTIONS: 'true',
  GITHUB_REPOSITORY: 'us/app',
  ...env,
});
const gitlab = (env: Record<string, string>): Record<string, string> => ({
  GITLAB_CI: 'true',
  CI_DEFAULT_BRANCH: 'main',
  ...env,
});
const pull = (number: number, head: string) => ({
  repository: REPOSITORY,
  pull_request: { number, head: { repo: { full_name: head } }, base: { repo: { full_name: 'us/app' } } },
});

/** In this order, each on a machine that has never seen the code; each adds an entry by its own name. */
const JOBS: readonly Job[] = [
  {
    name: 'github-main',
    env: github({ GITHUB_EVENT_NAME: 'push', GITHUB_REF: 'refs/heads/main' }),
    event: { repository: REPOSITORY },
    writes: 'main',
    finds: [],
  },
  {
    name: 'github-branch',
    env: github({ GITHUB_EVENT_NAME: 'push', GITHUB_REF: 'refs/heads/feature/login' }),
    event: { repository: REPOSITORY },
    writes: 'feature/login',
    finds: ['github-main'],
  },
  {
    name: 'github-pull-request',
    env: github({
      GITHUB_EVENT_NAME: 'pull_request',
      GITHUB_REF: 'refs/pull/7/merge',
      GITHUB_HEAD_REF: 'feature/login',
      GITHUB_BASE_REF: 'main',
    }),
    event: pull(7, 'us/app'),
    writes: 'pr-7',
    finds: ['github-branch', 'github-main'],
  },
  {
    name: 'github-fork',
    env: github({
      GITHUB_EVENT_NAME: 'pull_request',
      GITHUB_REF: 'refs/pull/8/merge',
      GITHUB_HEAD_REF: 'main',
      GITHUB_BASE_REF: 'main',
    }),
    event: pull(8, 'them/app'),
    writes: undefined,
    finds: ['github-main'],
  },
  {
    name: 'github-main-later',
    env: github({ GITHUB_EVENT_NAME: 'push', GITHUB_REF: 'refs/heads/main' }),
    event: { repository: REPOSITORY },
    writes: 'main',
    finds: ['github-main'],
  },
  {
    name: 'gitlab-branch',
    env: gitlab({ CI_PIPELINE_SOURCE: 'push', CI_COMMIT_BRANCH: 'fix', CI_COMMIT_REF_NAME: 'fix' }),
    writes: 'fix',
    finds: ['github-main', 'github-main-later'],
  },
  {
    name: 'gitlab-merge-request',
    env: gitlab({
      CI_PIPELINE_SOURCE: 'merge_request_event',
      CI_MERGE_REQUEST_IID: '12',
      CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: 'fix',
      CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'main',
      CI_MERGE_REQUEST_SOURCE_PROJECT_ID: '1',
      CI_MERGE_REQUEST_PROJECT_ID: '1',
    }),
    writes: 'pr-12',
    finds: ['github-main', 'github-main-later', 'gitlab-branch'],
  },
  {
    name: 'gitlab-tag',
    env: gitlab({ CI_PIPELINE_SOURCE: 'push', CI_COMMIT_REF_NAME: 'v1', CI_COMMIT_TAG: 'v1' }),
    writes: undefined,
    // A release believes no build cache that nobody signed: ADR 21.
    finds: [],
  },
  {
    name: 'gitlab-tag-that-believes-all',
    env: {
      ...gitlab({ CI_PIPELINE_SOURCE: 'push', CI_COMMIT_REF_NAME: 'v1', CI_COMMIT_TAG: 'v1' }),
      SLIPWAY_TRUST: 'all',
    },
    writes: undefined,
    finds: ['github-main', 'github-main-later'],
  },
  {
    name: 'at-home',
    env: { USER: 'mia' },
    git: { HEAD: 'ref: refs/heads/feature/login\n', 'refs/remotes/origin/HEAD': 'ref: refs/remotes/origin/main\n' },
    writes: 'dev-mia',
    finds: ['github-branch', 'github-main', 'github-main-later'],
  },
  {
    name: 'at-home-again',
    env: { USER: 'mia' },
    git: { HEAD: 'ref: refs/heads/main\n', 'refs/remotes/origin/HEAD': 'ref: refs/remotes/origin/main\n' },
    writes: 'dev-mia',
    // What the first run at home had read is in the snapshot that it wrote.
    finds: ['at-home', 'github-branch', 'github-main', 'github-main-later'],
  },
];

it('jobs read branch, base and default branch, and write a scope of their own', async () => {
  for (const job of JOBS) {
    const context = await writeMadeCache(path.join(directory, job.name));
    for (const [name, text] of Object.entries(job.git ?? {})) {
      await mkdir(path.dirname(path.join(context, '.git', name)), { recursive: true });
      await writeFile(path.join(context, '.git', name), text);
    }
    const event = path.join(directory, `${job.name}.json`);
    await writeFile(event, JSON.stringify(job.event ?? {}));
    const env = {
      ...worker.env,
      XDG_CACHE_HOME: home,
      ...job.env,
      ...(job.event === undefined ? {} : { GITHUB_EVENT_PATH: event }),
    };
    const store = ['--store', `type=local,dest=${path.join(directory, 'store')}`];
    const { report, run } = await buildWarm([...store, ...madeBy(job.name, job.name), context], { env });
    const said = `${job.name}:\n${run.stderr}`;
    expect(run.exitCode, said).toBe(0);
    expect(foundEntries(run.stderr), said).toEqual(job.finds);
    expect(report.save.state, said).toBe(job.writes === undefined ? 'skipped' : 'saved');
    if (job.writes !== undefined) expect(report.scope, said).toBe(job.writes);
    else expect(run.stderr).toMatch(/the store is only read: /);
  }
});
