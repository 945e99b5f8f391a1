import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { readMachine } from '../../src/bench/machine.ts';
import type { BenchMachine } from '../../src/bench/results.ts';
import { toolPath } from '../../test/helpers/tools.ts';

export { settle } from '../../src/bench/machine.ts';

const run = promisify(execFile);

export async function readMachineFacts(directory: string): Promise<BenchMachine> {
  return readMachine(directory, {
    go: (await run('go', ['env', 'GOVERSION'])).stdout.trim(),
    buildkit: (await run(toolPath('buildctl'), ['--version'])).stdout.trim(),
  });
}
