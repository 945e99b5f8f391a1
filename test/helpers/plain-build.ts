import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { toolPath } from './tools.ts';
import type { Worker } from './worker.ts';

const run = promisify(execFile);

export interface PlainBuildOptions {
  /** The Dockerfile's directory, when it isn't the context. */
  readonly dockerfileDirectory?: string;
  /** Further words for buildctl. */
  readonly more?: readonly string[];
}

/** A build by buildctl alone, as BuildKit does it without slipway; answers all that it said. */
export async function runPlainBuild(
  worker: Worker,
  context: string,
  { dockerfileDirectory = context, more = [] }: PlainBuildOptions = {},
): Promise<{ exitCode: number; log: string }> {
  const args = [
    ...['--addr', worker.address, 'build', '--progress=plain', '--frontend', 'dockerfile.v0'],
    ...['--local', `context=${context}`, '--local', `dockerfile=${dockerfileDirectory}`],
    ...more,
  ];
  return run(toolPath('buildctl'), args, { maxBuffer: 64 << 20 }).then(
    ({ stdout, stderr }) => ({ exitCode: 0, log: stdout + stderr }),
    (error: Error & { code?: unknown; stdout?: string; stderr?: string }) => {
      if (typeof error.code !== 'number') throw error;
      return { exitCode: error.code, log: `${error.stdout}${error.stderr}` };
    },
  );
}

/** Such a build of the target `build`, which has to succeed; answers its log. */
export async function logOfPlainBuild(worker: Worker, context: string): Promise<string> {
  const { exitCode, log } = await runPlainBuild(worker, context, { more: ['--opt', 'target=build'] });
  if (exitCode !== 0) throw new Error(`the plain build failed:\n${log}`);
  return log;
}
