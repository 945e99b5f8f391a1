import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { signalGroup } from './run-child.ts';

export interface PassThroughOptions {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborting hands `signalName` on, and SIGKILL after `graceMs`. */
  readonly signal: AbortSignal;
  readonly signalName: () => NodeJS.Signals;
  readonly graceMs: number;
  /**
   * One of our streams is a terminal. The command then stays in our process group, so that it may read from the terminal, which
   * also sends ^C to both of us; else it gets a group of its own, which ends as a whole.
   */
  readonly isOnTerminal: boolean;
}

const LOOK_EVERY_MS = 50;

/**
 * Runs a program on our own standard streams, without a shell, and answers its exit code: 128 and the number of the signal
 * where one ended it. Rejects only when it can't be started. It never outlives this process.
 */
export async function passThrough(command: string, options: PassThroughOptions): Promise<number> {
  options.signal.throwIfAborted();
  const child = spawn(command, [...options.args], {
    env: options.env,
    stdio: 'inherit',
    detached: !options.isOnTerminal,
  });
  const killNow = (): void => send(child, 'SIGKILL', options);
  process.once('exit', killNow);
  let killTimer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    const name = options.signalName();
    if (!(options.isOnTerminal && name === 'SIGINT')) send(child, name, options);
    killTimer = setTimeout(killNow, options.graceMs);
  };
  options.signal.addEventListener('abort', onAbort, { once: true });
  try {
    const [exitCode, signalName] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, name) => resolve([code, name]));
    });
    if (options.signal.aborted && !options.isOnTerminal) await untilGroupEnds(child);
    return exitCode ?? 128 + (signalName === null ? 0 : constants.signals[signalName]);
  } finally {
    options.signal.removeEventListener('abort', onAbort);
    clearTimeout(killTimer);
    process.off('exit', killNow);
  }
}

function send(child: ChildProcess, name: NodeJS.Signals, { isOnTerminal }: PassThroughOptions): void {
  if (isOnTerminal) child.kill(name);
  else signalGroup(child, name);
}

/** What the program started may take longer to end than itself; the grace holds for all of them. */
async function untilGroupEnds({ pid }: ChildProcess): Promise<void> {
  while (pid !== undefined && isGroupAlive(pid)) await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
}

function isGroupAlive(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}
