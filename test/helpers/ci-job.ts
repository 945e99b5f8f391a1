import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeBuildxHome } from './buildx-builder.ts';
import type { CiScript, Variables, WorkflowStep } from './ci-files.ts';
import { loginEnvironment } from './registry.ts';
import type { Job } from './runner/job.ts';
import { PROJECT_ROOT, toolPath, toolsBin } from './tools.ts';
import type { Worker } from './worker.ts';

/** A machine for one job, with what an agent has: slipway, docker with buildx, buildctl, a login, a builder. */
export interface CiMachine extends AsyncDisposable {
  readonly worker: Worker;
  /** HOME, with a `tmp` in it. */
  readonly home: string;
  readonly env: Variables;
}

/** `registry`: `host:port` where the job is logged in, as after `docker login`. */
export async function startCiMachine(worker: Worker, registry: string): Promise<CiMachine> {
  const home = await mkdtemp(path.join(tmpdir(), 'slipway-ci-'));
  const docker = await makeBuildxHome({ isPlugin: true });
  const { DOCKER_AUTH_CONFIG: login } = loginEnvironment(registry);
  await writeFile(path.join(docker.env['DOCKER_CONFIG'] ?? '', 'config.json'), login);
  await docker.use('agent', worker.address);
  await mkdir(path.join(home, 'tmp'));
  const env = {
    PATH: `${await installDocker(path.join(home, 'bin'))}${path.join(PROJECT_ROOT, 'bin')}:${toolsBin()}:${process.env['PATH']}`,
    HOME: home,
    TMPDIR: path.join(home, 'tmp'),
    XDG_CACHE_HOME: path.join(home, 'cache'),
    // Programs of tests build in seconds, which a restore hardly saves: what the guard does is for its own tests.
    SLIPWAY_GUARD: '0',
    // Which builder is current goes by DOCKER_HOST, and the files name one.
    BUILDX_BUILDER: 'agent',
    ...docker.env,
  };
  const dispose = async (): Promise<void> => {
    await docker[Symbol.asyncDispose]();
    await rm(home, { recursive: true, force: true });
  };
  return { worker, home, env, [Symbol.asyncDispose]: dispose };
}

/** Where no docker is installed its plugin alone takes the words that the files have; '' where there is one. */
async function installDocker(directory: string): Promise<string> {
  const isThere = (process.env['PATH'] ?? '').split(':').some((each) => existsSync(path.join(each, 'docker')));
  if (isThere) return '';
  const file = path.join(directory, 'docker');
  await mkdir(directory);
  await writeFile(file, `#!/bin/sh\n[ "$1" = buildx ] || exit 127\nshift\nexec ${toolPath('buildx')} "$@"\n`);
  await chmod(file, 0o755);
  return `${directory}:`;
}

export interface ScriptRun {
  readonly exitCode: number | null;
  /** Both streams. */
  readonly log: string;
}

/** Runs a job's script in one shell, as the service's runner does, with its variables over those of the machine. */
export function runScript({ script, env }: CiScript, machine: CiMachine, cwd: string): Promise<ScriptRun> {
  const child = spawn('sh', ['-e', '-c', script], {
    cwd,
    env: { ...machine.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (log += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, log }));
  });
}

/** Steps that make what the machine of a test has already. */
const SET_UP =
  /^(?:actions\/checkout|docker\/setup-buildx-action|docker\/login-action|aws-actions\/configure-aws-credentials)@/;

/**
 * Runs the steps of a workflow: ours as the runner does, `docker/build-push-action` by the command that it starts, scripts in a
 * shell. `values` are those of expressions; one that isn't there is an error. Gives the logs, our second half's at the end.
 */
export async function runWorkflow(steps: readonly WorkflowStep[], job: Job, values: Variables): Promise<string> {
  const logs: string[] = [];
  const fill = (text: string | boolean): string =>
    String(text).replace(/\$\{\{ (.*?) \}\}/g, (_, expression: string) => {
      const value = values[expression];
      if (value === undefined) throw new Error(`the test has no value for \`${expression}\``);
      return value;
    });
  for (const { uses = '', run, with: inputs = {} } of steps) {
    if (SET_UP.test(uses)) continue;
    const given = Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, fill(value)]));
    if (uses.startsWith('OWNER/slipway@')) {
      const step = await job.uses({ with: given });
      logs.push(step.text, ...step.annotations.map(({ level, message }) => `${level}: ${message}`));
    } else if (uses.startsWith('docker/build-push-action@') || run !== undefined) {
      const command = run === undefined ? buildPushWords(given) : ['sh', '-e', '-c', run];
      const { exitCode, output } = await job.run(command);
      logs.push(output);
      if (exitCode !== 0) throw new Error(`\`${command.join(' ')}\` ended with ${exitCode}:\n${logs.join('\n')}`);
    } else {
      throw new Error(`the test can't run \`${uses}\``);
    }
  }
  const ended = await job.end();
  return [
    ...logs,
    ...ended.flatMap(({ text, annotations }) => [text, ...annotations.map(({ message }) => message)]),
  ].join('\n');
}

/** Inputs of docker/build-push-action as words of buildx: github.com/docker/build-push-action, src/context.ts. */
function buildPushWords({ context = '.', tags, push, outputs, ...rest }: Variables): readonly string[] {
  const unknown = Object.keys(rest);
  if (unknown.length > 0) throw new Error(`the test can't give \`${unknown.join('`, `')}\` to buildx`);
  return [
    ...[toolPath('buildx'), 'build', '--progress=plain'],
    ...(tags === undefined ? [] : ['--tag', tags]),
    ...(outputs === undefined ? [] : ['--output', outputs]),
    ...(push === 'true' ? ['--push'] : []),
    context,
  ];
}
