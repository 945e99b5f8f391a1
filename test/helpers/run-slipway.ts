import { spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BuildReport } from '../../src/warm/types.ts';
import { PROJECT_ROOT, toolsBin } from './tools.ts';

export interface SlipwayRun {
  readonly exitCode: number | null;
  readonly signalName: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

export interface RunSlipwayOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly stdin?: string;
  /** Called with the child's pid, for signals. */
  readonly onStart?: (pid: number) => void;
  readonly onStderr?: (text: string) => void;
}

/** The cache home of one test file: like a machine's, so a second worker takes another one. */
export async function makeCacheHome(): Promise<string> {
  return mkdtemp(path.join(tmpdir(), 'slipway-home-'));
}

/** Runs the real CLI from source in a process of its own. */
export function runSlipway(args: readonly string[], options: RunSlipwayOptions = {}): Promise<SlipwayRun> {
  const startedAt = performance.now();
  const env = { ...plainEnv(), ...options.env };
  const child = spawn(process.execPath, [path.join(PROJECT_ROOT, 'src/cli/main.ts'), ...args], {
    env: env,
    cwd: options.cwd,
  });
  if (child.pid !== undefined) options.onStart?.(child.pid);
  child.stdin.on('error', () => {});
  child.stdin.end(options.stdin ?? '');
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    options.onStderr?.(chunk.toString());
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signalName) => {
      resolve({ exitCode, signalName, stdout, stderr, seconds: (performance.now() - startedAt) / 1000 });
    });
  });
}

/** Our environment without what would change slipway's choices, with the tools on PATH. */
function plainEnv(): Record<string, string | undefined> {
  const env: Record<string, string | undefined> = {
    ...process.env,
    PATH: `${toolsBin()}:${process.env.PATH}`,
    NO_COLOR: '1',
  };
  for (const name of Object.keys(env)) {
    if (/^(SLIPWAY_(?!TOOLS)|GITHUB_|GITLAB_|CI$|CI_|BUILDX_|BUILDKIT_|DOCKER_|TF_BUILD$|JENKINS_URL$)/.test(name))
      delete env[name];
  }
  // Programs of tests build in seconds, which a restore hardly saves: what the guard does is for its own tests.
  return { ...env, SLIPWAY_GUARD: '0' };
}

/** `slipway build --format json`: the report, with the run it came from. */
export async function buildWarm(
  args: readonly string[],
  options: RunSlipwayOptions = {},
): Promise<{ report: BuildReport; run: SlipwayRun }> {
  const run = await runSlipway(['build', '--format', 'json', '--progress', 'plain', ...args], options);
  if (run.stdout === '') throw new Error(`slipway said nothing on stdout (exit ${run.exitCode}):\n${run.stderr}`);
  return { report: JSON.parse(run.stdout) as BuildReport, run };
}

/** Packages that `go build -v` named in a build's log: those it compiled. */
export function compiledPackages(stderr: string): readonly string[] {
  const log = stderr.split('\n').map((line) => line.replace(/^#\d+ \d+\.\d+ /, ''));
  return log.filter((line) => /^[a-z][\w./-]*$/.test(line) && !line.startsWith('slipway'));
}
