import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { readMachine } from '../../src/bench/machine.ts';
import { toolPath } from '../../test/helpers/tools.ts';
import type { MachineFacts } from './results.ts';

export { settle } from '../../src/bench/machine.ts';

const run = promisify(execFile);

export async function readMachineFacts(directory: string): Promise<MachineFacts> {
  return readMachine(directory, {
    go: (await run('go', ['env', 'GOVERSION'])).stdout.trim(),
    buildkit: (await run(toolPath('buildctl'), ['--version'])).stdout.trim(),
  });
}
