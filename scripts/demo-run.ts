import { spawn } from 'node:child_process';

export interface VisibleRun {
  readonly signal: AbortSignal;
  readonly env: Readonly<Record<string, string>>;
}

/** The reason of an abort that came from a terminal's Ctrl-C, which every program in the foreground gets by itself. */
export const SEEN_BY_CHILDREN = 'seen by children';

/**
 * Runs a program whose talk (stderr) goes to the terminal as it comes, and returns its stdout. After an abort it is
 * waited for, as it cleans up after itself, and a second signal would stop it from doing so.
 */
export function runVisibly(command: string, args: readonly string[], options: VisibleRun): Promise<string> {
  const { signal } = options;
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...options.env },
    });
    const onAbort = (): void => {
      if ((signal.reason as Error).cause !== SEEN_BY_CHILDREN) child.kill('SIGINT');
    };
    signal.addEventListener('abort', onAbort, { once: true });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code, endedBy) => {
      signal.removeEventListener('abort', onAbort);
      if (signal.aborted) reject(signal.reason as Error);
      else if (code === 0) resolve(Buffer.concat(chunks).toString('utf8'));
      else reject(new Error(`\`${command} ${args[0]}\` ended with ${endedBy ?? code}`));
    });
  });
}
