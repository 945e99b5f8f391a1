import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { machine } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { RESTORED_MTIME_SECONDS } from '../../src/buildkit/scripts/inject.ts';
import { writeHelperProgram } from '../../src/buildkit/helper-program.ts';

/**
 * Bytes of one pack with what a build used of a GOCACHE that was restored: Go sets the time of each entry it uses. Packed as a save
 * does it, by the same program at the same level.
 */
export async function packedUsedBytes(gocache: string, directory: string): Promise<number> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  await writeHelperProgram(directory);
  const script = `find . -type f -name '*-[ad]' -newermt @${RESTORED_MTIME_SECONDS + 86_400} | sort | tar -cf - -T - | "$1" pack 3 | wc -c`;
  const program = join(directory, 'bin', machine());
  const { stdout } = await promisify(execFile)('bash', ['-o', 'pipefail', '-c', script, 'bash', program], {
    cwd: gocache,
  });
  await rm(directory, { recursive: true, force: true });
  return Number(stdout);
}
