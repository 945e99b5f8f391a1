import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunReport } from '../../src/cli/run/report.ts';
import {
  gitlabScript,
  jenkinsScript,
  podScript,
  taskScript,
  WORKFLOWS,
  workflowSteps,
  type CiScript,
  type Variables,
} from '../helpers/ci-files.ts';
import { runScript, runWorkflow, startCiMachine, type CiMachine } from '../helpers/ci-job.ts';
import { editGreeting, writeSmallApp } from '../helpers/faulty-app.ts';
import { startGhaServer, type GhaServer } from '../helpers/gha/gha-server.ts';
import { ACCOUNT, startRegistry, type TestRegistry } from '../helpers/registry.ts';
import { compiledPackages } from '../helpers/run-slipway.ts';
import { startJob } from '../helpers/runner/job.ts';
import { stageAction, type StagedAction } from '../helpers/runner/staged-action.ts';
import { startS3, type TestS3 } from '../helpers/s3-server.ts';
import { seededSlice, SLICE_SEED } from '../helpers/seeded-slice.ts';
import { type Worker } from '../helpers/worker.ts';
import { startGoWorker } from '../helpers/kept-state.ts';

/**
 * The scripts of examples/ci, as the guides show them, with the variables of each service: a job on one worker, an edit, a
 * job on another. Only addresses are replaced. What makes the machine (installing, `docker login`, builders) is the test's.
 */
const MAIN = 'example.com/buoy';
const SHA = '0123456789abcdef0123456789abcdef01234567';

let directory: string;
let registry: TestRegistry;
let s3: TestS3;
let service: GhaServer;
let action: StagedAction | undefined;
const workers: Worker[] = [];

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-ci-guides-'));
  registry = await startRegistry({ program: 'registry', auth: 'htpasswd' });
  s3 = await startS3('versitygw');
  service = await startGhaServer();
  workers.push(await startGoWorker(), await startGoWorker());
});

afterAll(async () => {
  for (const worker of workers) await worker.stop();
  await service?.stop();
  await s3?.stop();
  await registry?.stop();
  await action?.[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

/** One of the two jobs: the second stands for a change from outside where the service knows such a thing. */
interface Round {
  readonly machine: CiMachine;
  readonly app: string;
  /** Of its file, as a part of addresses. */
  readonly name: string;
  readonly isFirst: boolean;
}

interface Way {
  readonly name: string;
  /** Gives the log. */
  run(round: Round): Promise<string>;
  /** Image that the first job pushed, as the API of a registry names it below the file's own part. */
  readonly pushes?: string;
  /** The second job only reads, and `slipway.json` says so. */
  readonly isSecondReadOnly?: boolean;
}

/** Each file has a store of its own: the program is the same in all of them. */
function placed(text: string, name: string): string {
  return text
    .replaceAll('registry.example.com/shop', `${registry.host}/${name}`)
    .replace(/s3:\/\/build-cache\/shop\?region=[\w-]+/, () => {
      return `s3://${s3.bucket}/${name}?region=us-east-1&endpoint_url=${s3.endpoint}`;
    });
}

async function runPlaced(
  { script, env }: CiScript,
  { machine, app, name }: Round,
  over: Variables = {},
): Promise<string> {
  const variables = Object.fromEntries(Object.entries(env).map(([key, value]) => [key, placed(value, name)]));
  const isBuildctl = variables['BUILDKIT_HOST'] !== undefined;
  const address: Variables = isBuildctl ? { BUILDKIT_HOST: machine.worker.address } : {};
  const ran = await runScript(
    { script: placed(script, name), env: { ...variables, ...address, ...over } },
    machine,
    app,
  );
  expect(ran.exitCode, ran.log).toBe(0);
  return ran.log;
}

function gitlab({ isFirst, name }: Round): Variables {
  const ours = { CI_MERGE_REQUEST_PROJECT_ID: '7', CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'main' };
  return {
    CI: 'true',
    GITLAB_CI: 'true',
    CI_DEFAULT_BRANCH: 'main',
    CI_COMMIT_SHORT_SHA: SHA.slice(0, 8),
    CI_REGISTRY: registry.host,
    CI_REGISTRY_IMAGE: `${registry.host}/${name}/api`,
    CI_REGISTRY_USER: ACCOUNT.username,
    CI_REGISTRY_PASSWORD: ACCOUNT.password,
    ...(isFirst
      ? { CI_PIPELINE_SOURCE: 'push', CI_COMMIT_BRANCH: 'main', CI_COMMIT_REF_NAME: 'main' }
      : {
          CI_PIPELINE_SOURCE: 'merge_request_event',
          CI_COMMIT_REF_NAME: 'fix',
          CI_MERGE_REQUEST_IID: '8',
          CI_MERGE_REQUEST_SOURCE_PROJECT_ID: '9',
          ...ours,
        }),
  };
}

/** The default branch pushes by the variable of its rule. */
function gitlabWay(name: string, parts: readonly string[]): Way {
  return {
    name,
    pushes: `api/manifests/${SHA.slice(0, 8)}`,
    isSecondReadOnly: true,
    run: (round) => {
      const file = gitlabScript(`examples/ci/${name}/.gitlab-ci.yml`, gitlab(round), parts);
      // The service with its Docker is the worker here.
      const docker = { DOCKER_HOST: '', DOCKER_TLS_VERIFY: '', DOCKER_CERT_PATH: '' };
      return runPlaced(file, round, { ...docker, ...(round.isFirst ? { PUSH: 'true' } : {}) });
    },
  };
}

function githubWay(file: string): Way {
  return {
    name: file.replace(/.*\/image-(\w+)\.yml/, 'github-$1'),
    ...(file.includes('gha') ? {} : { pushes: `api/manifests/${SHA}` }),
    run: async ({ machine, app, name }) => {
      action ??= await stageAction();
      const env = { DOCKER_CONFIG: machine.env['DOCKER_CONFIG'] ?? '', ...s3.env };
      await using job = await startJob({ action: action.directory, workspace: app, env, service: service.jobEnv() });
      const values = { 'github.sha': SHA, "github.event_name == 'push'": 'true', 'runner.temp': job.temporary };
      const steps = JSON.parse(placed(JSON.stringify(workflowSteps(file)), name)) as ReturnType<typeof workflowSteps>;
      return await runWorkflow(steps, job, values);
    },
  };
}

const WAYS: readonly Way[] = [
  ...WORKFLOWS.map(githubWay),
  gitlabWay('gitlab', ['script']),
  gitlabWay('gitlab-buildkitd', ['before_script', 'script']),
  {
    name: 'jenkins',
    isSecondReadOnly: true,
    run: async (round) => {
      const temporary = await mkdtemp(path.join(directory, 'workspace-'));
      const log = await runPlaced(jenkinsScript('examples/ci/jenkins/Jenkinsfile', 'Build'), round, {
        CI: 'true',
        JENKINS_URL: 'https://jenkins.example.com/',
        BUILD_NUMBER: '12',
        WORKSPACE_TMP: temporary,
        ...s3.env,
        ...(round.isFirst
          ? { BRANCH_NAME: 'main', BRANCH_IS_PRIMARY: 'true' }
          : { BRANCH_NAME: 'PR-8', CHANGE_ID: '8', CHANGE_TARGET: 'main' }),
      });
      expect((await stat(path.join(temporary, 'image.tar'))).size).toBeGreaterThan(1e5);
      return log;
    },
  },
  {
    name: 'kubernetes',
    pushes: 'api/manifests/main',
    run: (round) => runPlaced(podScript('examples/ci/kubernetes/job.yaml'), round, dockerConfig(round, false)),
  },
  {
    name: 'kubernetes-driver',
    pushes: 'api/manifests/main',
    // Builder and login lie in one directory here.
    run: (round) => runPlaced(podScript('examples/ci/kubernetes-driver/job.yaml'), round, dockerConfig(round, true)),
  },
  {
    name: 'tekton',
    pushes: 'api/manifests/main',
    run: (round) => {
      const values = {
        'params.image': 'registry.example.com/shop/api:main',
        'params.store': 'type=registry,ref=registry.example.com/shop/cache',
        'params.branch': 'main',
        'params.read-only': '0',
      };
      return runPlaced(taskScript('examples/ci/tekton/task.yaml', values), round, dockerConfig(round, false));
    },
  },
];

function dockerConfig({ machine }: Round, isBuildx: boolean): Variables {
  const config = machine.env['DOCKER_CONFIG'] ?? '';
  return { DOCKER_CONFIG: config, ...(isBuildx ? { BUILDX_CONFIG: path.join(config, 'buildx') } : {}) };
}

async function runRound(way: Way, app: string, isFirst: boolean): Promise<string> {
  const worker = workers[isFirst ? 0 : 1];
  if (worker === undefined) throw new Error('there are two workers');
  await using machine = await startCiMachine(worker, registry.host);
  return await way.run({ machine, app, name: way.name, isFirst });
}

describe(`files of the guides (SLIPWAY_SEED=${SLICE_SEED})`, () => {
  it.each(seededSlice(WAYS, 1))(
    '$name: a second worker starts warm',
    async (way) => {
      const app = await writeSmallApp(path.join(directory, way.name), `ci-${randomUUID()}`);
      const first = await runRound(way, app, true);
      expect(compiledPackages(first).length, first).toBeGreaterThan(10);
      expect(first).toContain('slipway: save done');
      if (way.pushes !== undefined) expect(await isPushed(`${way.name}/${way.pushes}`), way.pushes).toBe(true);

      await editGreeting(app);
      const second = await runRound(way, app, false);
      expect(compiledPackages(second), second).toEqual([MAIN]);
      if (way.isSecondReadOnly !== true) return expect(second).toContain('slipway: save done');
      const report = JSON.parse(await readFile(path.join(app, 'slipway.json'), 'utf8')) as RunReport;
      expect(report.groups).toMatchObject([{ restore: { state: 'restored' }, save: { state: 'skipped' } }]);
    },
    600_000,
  );
});

async function isPushed(manifest: string): Promise<boolean> {
  const login = Buffer.from(`${ACCOUNT.username}:${ACCOUNT.password}`).toString('base64');
  const accept = 'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json';
  const answer = await fetch(`http://${registry.host}/v2/${manifest}`, {
    headers: {
      authorization: `Basic ${login}`,
      accept: `${accept}, application/vnd.docker.distribution.manifest.v2+json`,
    },
  });
  await answer.arrayBuffer();
  return answer.ok;
}
