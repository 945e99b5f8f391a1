import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';

export interface ChildOptions {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Text for standard input, `inherit` to hand ours on; default: none. */
  readonly stdin?: { readonly text: string } | 'inherit';
  /** `inherit` leaves our standard output to the child untouched; default: lines. */
  readonly stdout?: 'inherit' | 'lines';
  readonly onStdoutLine?: (line: string) => void;
  readonly onStderrLine?: (line: string) => void;
  /** Aborting sends SIGINT to the child's group, and SIGKILL after `graceMs`. */
  readonly signal?: AbortSignal;
  readonly graceMs?: number;
  /** Told the ID of the process, and of its group. */
  readonly onStart?: (pid: number) => void;
}

export interface ChildResult {
  /** null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signalName: NodeJS.Signals | null;
  /** The last lines of standard error, oldest first. */
  readonly stderrTail: readonly string[];
}

const TAIL_LINES = 40;
const LONGEST_LINE = 8 << 20;
const DEFAULT_GRACE_MS = 3000;

/**
 * Runs a program without a shell, in a process group of its own, and waits for it. Rejects only when it can't be
 * started (ENOENT and the like); how it ended is a value. The group makes sure that grandchildren end with an abort.
 */
export async function runChild(command: string, options: ChildOptions): Promise<ChildResult> {
  options.signal?.throwIfAborted();
  const child = spawn(command, [...options.args], {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    stdio: [
      options.stdin === 'inherit' ? 'inherit' : options.stdin === undefined ? 'ignore' : 'pipe',
      options.stdout === 'inherit' ? 'inherit' : 'pipe',
      'pipe',
    ],
  });
  if (child.pid !== undefined) options.onStart?.(child.pid);
  const stopWatching = watchAbort(child, options);
  const tail: string[] = [];
  const reading = Promise.all([
    child.stdout && eachLine(child.stdout, (line) => options.onStdoutLine?.(line)),
    child.stderr &&
      eachLine(child.stderr, (line) => {
        tail.push(line);
        if (tail.length > TAIL_LINES) tail.shift();
        options.onStderrLine?.(line);
      }),
  ]);
  try {
    feed(child, options);
    const [exitCode, signalName] = await ended(child);
    await reading;
    return { exitCode, signalName, stderrTail: tail };
  } finally {
    stopWatching();
  }
}

function ended(child: ChildProcess): Promise<[number | null, NodeJS.Signals | null]> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve([code, signal]));
  });
}

function feed(child: ChildProcess, options: ChildOptions): void {
  if (child.stdin === null) return;
  // A child that ends without reading its input breaks the pipe; how it ended is told by its exit code.
  child.stdin.once('error', () => {});
  child.stdin.end(typeof options.stdin === 'object' ? options.stdin.text : '');
}

function watchAbort(child: ChildProcess, options: ChildOptions): () => void {
  const { signal } = options;
  let killTimer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    signalGroup(child, 'SIGINT');
    killTimer = setTimeout(() => signalGroup(child, 'SIGKILL'), options.graceMs ?? DEFAULT_GRACE_MS);
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  return () => {
    signal?.removeEventListener('abort', onAbort);
    clearTimeout(killTimer);
  };
}

/** Signals every process of the child's group; one that is gone already is no error. */
export function signalGroup(child: { readonly pid?: number | undefined }, name: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Cuts a stream into lines; a line over 8 MiB is handed on in pieces, so that memory stays bounded. */
export async function eachLine(stream: Readable, onLine: (line: string) => void): Promise<void> {
  stream.setEncoding('utf8');
  let rest = '';
  for await (const chunk of stream) {
    rest += chunk as string;
    let start = 0;
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n', start)) {
      onLine(rest.slice(start, rest[end - 1] === '\r' ? end - 1 : end));
      start = end + 1;
    }
    rest = rest.slice(start);
    if (rest.length > LONGEST_LINE) {
      onLine(rest);
      rest = '';
    }
  }
  if (rest !== '') onLine(rest);
}
