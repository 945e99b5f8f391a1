import { inMemory, type MemoryDisk } from './memory-disk.ts';

/**
 * The command that runs vitest for a suite, over a disk in memory where one is given. Workers need root; everything else
 * runs as whoever called.
 */
export function vitestCommand(suite: string, args: readonly string[], disk?: MemoryDisk): [string, readonly string[]] {
  const [command, words] = disk === undefined ? ['vitest', args] : inMemory(disk, ['vitest', ...args]);
  if (suite !== 'e2e' || process.getuid?.() === 0) return [command, words];
  return ['sudo', ['-n', '--preserve-env', `PATH=${process.env['PATH']}`, command, ...words]];
}
