import { spawn } from 'node:child_process';

export interface VisibleRun {
  readonly signal: AbortSignal;
  readonly env: Readonly<Record<string, string>>;
}

/** Runs a program whose talk (stderr) goes to the terminal as it comes, and returns its stdout. */
export function runVisibly(command: string, args: readonly string[], options: VisibleRun): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...options.env },
      signal: options.signal,
      killSignal: 'SIGINT',
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    // On an abort `error` comes at once; the child is waited for, as it cleans up after itself.
    let failure: Error | undefined;
    child.on('error', (error) => {
      failure = error;
      if (child.pid === undefined) reject(error);
    });
    child.on('close', (code, signal) => {
      if (failure !== undefined) reject(options.signal.aborted ? options.signal.reason : failure);
      else if (code === 0) resolve(Buffer.concat(chunks).toString('utf8'));
      else reject(new Error(`\`${command} ${args[0]}\` ended with ${signal ?? code}`));
    });
  });
}
