import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeBuildxHome, type BuildxHome } from '../helpers/buildx-builder.ts';
import { editGreeting, runProgram, writeSmallApp } from '../helpers/faulty-app.ts';
import { startGhaServer, type GhaServer } from '../helpers/gha/gha-server.ts';
import { compiledPackages } from '../helpers/run-slipway.ts';
import { startJob, type Job } from '../helpers/runner/job.ts';
import { stageAction, type StagedAction } from '../helpers/runner/staged-action.ts';
import { toolPath } from '../helpers/tools.ts';
import { startWorker, type Worker } from '../helpers/worker.ts';

/** The action in jobs as GitHub's runner runs them: real builders, the double of the cache service, the bundle of the code at hand. */
const MAIN = 'example.com/buoy';

let directory: string;
let app: string;
let action: StagedAction;
let service: GhaServer;
const workers: Worker[] = [];
const homes: BuildxHome[] = [];

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-action-e2e-'));
  action = await stageAction();
  service = await startGhaServer();
  app = await writeSmallApp(path.join(directory, 'app'), 'action');
});

afterAll(async () => {
  for (const worker of workers) await worker.stop();
  for (const home of homes) await home[Symbol.asyncDispose]();
  await service?.stop();
  await action?.[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

/** A machine that has never seen the code, after `docker/setup-buildx-action`. */
async function freshMachine(): Promise<BuildxHome['env']> {
  const worker = await startWorker();
  workers.push(worker);
  const home = await makeBuildxHome();
  homes.push(home);
  await home.use('setup', worker.address);
  return home.env;
}

/** What `docker/build-push-action` starts for `context: .`. */
async function build(job: Job, ...args: readonly string[]) {
  const out = await mkdtemp(path.join(directory, 'out-'));
  const command = [toolPath('buildx'), 'build', '--progress=plain', `--output=type=local,dest=${out}`, ...args];
  const { exitCode, output } = await job.run([...command, ...(args.length === 0 ? ['.'] : [])]);
  return { exitCode, output, out, compiled: compiledPackages(output) };
}

it('a job on one worker saves, a job on another starts warm', async () => {
  await using first = await startJob({
    action: action.directory,
    workspace: app,
    env: await freshMachine(),
    service: service.jobEnv(),
  });
  const cold = await first.uses();
  expect(cold.exitCode, cold.text).toBe(0);
  expect(cold.annotations).toEqual([]);
  expect(cold.outputs).toMatchObject({ hit: 'false', 'restored-bytes': '0', scope: 'main' });
  expect((await build(first)).compiled.length).toBeGreaterThan(10);
  const [saved] = await first.end();
  expect(saved?.annotations, saved?.text).toEqual([]);
  expect(saved?.summary).toMatch(/\| Dockerfile \| saved \| [\d.]+ MB \|/);

  const wanted = await editGreeting(app);
  await using second = await startJob({
    action: action.directory,
    workspace: app,
    env: await freshMachine(),
    service: service.jobEnv(),
  });
  const warm = await second.uses();
  expect(warm.annotations, warm.text).toEqual([]);
  expect(warm.outputs, warm.text).toMatchObject({ hit: 'true', scope: 'main' });
  expect(Number(warm.outputs['restored-bytes'])).toBeGreaterThan(1e6);
  expect(JSON.parse(warm.outputs['report'] ?? '')).toMatchObject([
    { image: 'Dockerfile', restore: { state: 'restored' } },
  ]);
  expect(warm.summary).toMatch(/\| Dockerfile \| restored \| [\d.]+ MB \|/);
  const built = await build(second);
  expect(built.compiled, built.output).toEqual([MAIN]);
  expect(await runProgram(path.join(built.out, 'app'))).toBe(wanted);
  const [next] = await second.end();
  expect(next?.summary, next?.text).toContain('| Dockerfile | saved |');
});
