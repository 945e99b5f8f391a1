import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { toolsBin } from '../tools.ts';
import { readAssignments, readLog, type StepLog } from './read-log.ts';

export interface JobOptions {
  /** Directory of the staged action. */
  readonly action: string;
  /** GITHUB_WORKSPACE, what `actions/checkout` would have filled. */
  readonly workspace: string;
  /** What started the run. */
  readonly event?: { readonly name: string; readonly ref: string; readonly payload: object };
  /** Variables of every step of the job. */
  readonly env?: Readonly<Record<string, string>>;
  /** Variables that only JavaScript actions get: those of the cache service. */
  readonly service?: Readonly<Record<string, string>>;
}

export interface StepRun extends StepLog {
  readonly exitCode: number | null;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
}

export interface StepOptions {
  readonly with?: Readonly<Record<string, string>>;
  /** Sub-action, such as `restore`; the action itself unless given. */
  readonly sub?: string;
  /** The run is cancelled once the log has this text. */
  readonly cancelAt?: string;
}

/** A job as GitHub's runner runs it: steps in turn, each while those before it were successful, post steps at the end. */
export interface Job extends AsyncDisposable {
  uses(options?: StepOptions): Promise<StepRun>;
  /** A `run:` step, without a shell. One that fails fails the job. */
  run(command: readonly string[]): Promise<{ readonly exitCode: number | null; readonly output: string }>;
  /** The post steps whose `post-if` holds, the last one first. */
  end(): Promise<readonly StepRun[]>;
  readonly status: 'success' | 'failure' | 'cancelled';
  /** RUNNER_TEMP, and HOME. */
  readonly temporary: string;
}

interface Metadata {
  readonly inputs?: Readonly<Record<string, { readonly default?: string }>>;
  readonly runs: { readonly using: string; readonly main: string; readonly post?: string; 'post-if'?: string };
}

const PUSH = {
  name: 'push',
  ref: 'refs/heads/main',
  payload: { repository: { default_branch: 'main', full_name: 'us/app' } },
};

/** The machine is fresh: its home and its temporary directory go with the job. */
export async function startJob({ action, workspace, event = PUSH, env, service }: JobOptions): Promise<Job> {
  const home = await mkdtemp(path.join(tmpdir(), 'slipway-runner-'));
  await writeFile(path.join(home, 'event.json'), JSON.stringify(event.payload));
  const posts: (() => Promise<StepRun>)[] = [];
  let status: Job['status'] = 'success';
  let steps = 0;

  const jobEnv: Readonly<Record<string, string>> = {
    PATH: `${toolsBin()}:${process.env['PATH']}`,
    HOME: home,
    XDG_CACHE_HOME: path.join(home, 'cache'),
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_WORKSPACE: workspace,
    GITHUB_REPOSITORY: 'us/app',
    GITHUB_EVENT_NAME: event.name,
    GITHUB_EVENT_PATH: path.join(home, 'event.json'),
    GITHUB_REF: event.ref,
    GITHUB_ACTOR: 'ann',
    RUNNER_TEMP: home,
    // Programs of tests build in seconds, which a restore hardly saves: what the guard does is for its own tests.
    SLIPWAY_GUARD: '0',
    ...env,
  };

  /** Starts Node as the runner does for `main:` and `post:`, with files of its own to write to. */
  const runNode = async (script: string, stepEnv: Record<string, string>, cancelAt?: string) => {
    const files = path.join(home, `step-${(steps += 1)}`);
    await mkdir(files);
    const [output, state, summary] = ['output', 'state', 'summary'].map((name) => path.join(files, name));
    for (const file of [output, state, summary]) await writeFile(file!, '');
    const child = spawn(process.execPath, [script], {
      cwd: workspace,
      env: {
        ...jobEnv,
        ...service,
        ...stepEnv,
        GITHUB_OUTPUT: output,
        GITHUB_STATE: state,
        GITHUB_STEP_SUMMARY: summary,
      },
    });
    child.stdin.end();
    let log = '';
    const take = (chunk: Buffer): void => {
      log += chunk.toString();
      if (cancelAt === undefined || status === 'cancelled' || !log.includes(cancelAt)) return;
      status = 'cancelled';
      child.kill('SIGINT');
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    const exitCode = await new Promise<number | null>((done) => child.once('close', done));
    if (exitCode !== 0 && status === 'success') status = 'failure';
    return {
      step: {
        ...readLog(log),
        exitCode,
        outputs: readAssignments(await readFile(output!, 'utf8')),
        summary: await readFile(summary!, 'utf8'),
      },
      state: readAssignments(await readFile(state!, 'utf8')),
    };
  };

  return {
    temporary: home,
    get status() {
      return status;
    },
    async uses(options = {}) {
      const directory = path.join(action, options.sub ?? '');
      const metadata = parse(await readFile(path.join(directory, 'action.yml'), 'utf8')) as Metadata;
      const inputs = inputVariables(metadata, options.with ?? {});
      const { main, post, 'post-if': condition = 'always()' } = metadata.runs;
      const { step, state } = await runNode(path.join(directory, main), inputs, options.cancelAt);
      if (post !== undefined) {
        const kept = Object.entries(state).map(([name, value]) => [`STATE_${name}`, value]);
        const postEnv = { ...inputs, ...Object.fromEntries(kept) };
        posts.unshift(async () => {
          if (condition !== 'always()' && condition !== 'success()') throw new Error(`unknown condition ${condition}`);
          if (condition === 'success()' && status !== 'success') return skipped();
          return (await runNode(path.join(directory, post), postEnv)).step;
        });
      }
      return step;
    },
    async run([program = '', ...args]) {
      const child = spawn(program, args, { cwd: workspace, env: jobEnv, stdio: ['ignore', 'pipe', 'pipe'] });
      let output = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
      const exitCode = await new Promise<number | null>((done) => child.once('close', done));
      if (exitCode !== 0) status = 'failure';
      return { exitCode, output };
    },
    async end() {
      const runs: StepRun[] = [];
      for (const post of posts) {
        const step = await post();
        if (step.exitCode !== null) runs.push(step);
      }
      return runs;
    },
    [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }),
  };
}

function skipped(): StepRun {
  return { exitCode: null, text: '', annotations: [], masks: [], outputs: {}, summary: '' };
}

/** The inputs of the metadata with what was given; the runner tells of any other and hands it over all the same. */
function inputVariables(metadata: Metadata, given: Readonly<Record<string, string>>): Record<string, string> {
  const defaults = Object.entries(metadata.inputs ?? {}).map(
    ([name, { default: value = '' }]) => [name, value] as const,
  );
  const unknown = Object.keys(given).filter((name) => metadata.inputs?.[name] === undefined);
  if (unknown.length > 0) throw new Error(`the action has no input ${unknown.join(', ')}`);
  const values = [...defaults, ...Object.entries(given)];
  return Object.fromEntries(values.map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]));
}
