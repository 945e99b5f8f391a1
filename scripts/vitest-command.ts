/** The command that runs vitest for a suite. Workers need root; everything else runs as whoever called. */
export function vitestCommand(suite: string, args: readonly string[]): [string, readonly string[]] {
  if (suite !== 'e2e' || process.getuid?.() === 0) return ['vitest', args];
  return ['sudo', ['-n', '--preserve-env', `PATH=${process.env['PATH']}`, 'vitest', ...args]];
}
