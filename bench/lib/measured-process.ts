import { spawn } from 'node:child_process';
import { readFile, readlink, writeFile } from 'node:fs/promises';

export interface ProcessRequest {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly signal: AbortSignal;
  /** Where stderr goes in case somebody wants to read it; its end is part of the error. */
  readonly logPath?: string;
  /** Ends the process after so many seconds, which is a result and not an error. */
  readonly capSeconds?: number;
}

export interface ProcessResult {
  readonly exitCode: number;
  readonly seconds: number;
  readonly stdout: string;
  /** Highest resident size of any node process in the tree. */
  readonly peakBytes: number;
  readonly isCapped: boolean;
}

/** Runs a program in a process group of its own, with its wall time and its peak memory. A failing exit code throws. */
export async function runMeasured(request: ProcessRequest): Promise<ProcessResult> {
  request.signal.throwIfAborted();
  const started = performance.now();
  const child = spawn(request.command, request.args, {
    cwd: request.cwd,
    env: { ...process.env, ...request.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const killGroup = (): void => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
      process.kill(-child.pid, 'SIGTERM');
  };
  let isCapped = false;
  const cap =
    request.capSeconds === undefined
      ? undefined
      : setTimeout(() => {
          isCapped = true;
          killGroup();
        }, request.capSeconds * 1000);
  request.signal.addEventListener('abort', killGroup, { once: true });
  const watch = watchPeak(child.pid ?? 0);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  try {
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve(code ?? 1));
    });
    const seconds = (performance.now() - started) / 1000;
    const log = Buffer.concat(stderr).toString('utf8');
    if (request.logPath !== undefined) await writeFile(request.logPath, log);
    request.signal.throwIfAborted();
    if (exitCode !== 0 && !isCapped) {
      throw new Error(`\`${request.command}\` exited with ${exitCode}:\n${log.split('\n').slice(-25).join('\n')}`);
    }
    return { exitCode, seconds, stdout: Buffer.concat(stdout).toString('utf8'), peakBytes: watch.stop(), isCapped };
  } finally {
    clearTimeout(cap);
    watch.stop();
    request.signal.removeEventListener('abort', killGroup);
  }
}

interface PeakWatch {
  stop(): number;
}

/** The kernel keeps the high-water mark (VmHWM, proc_pid_status(5)); it has to be read while the process still lives. */
function watchPeak(rootPid: number): PeakWatch {
  let peak = 0;
  let isReading = false;
  const read = async (): Promise<void> => {
    if (isReading) return;
    isReading = true;
    for (const pid of await processTree(rootPid)) peak = Math.max(peak, await nodePeak(pid));
    isReading = false;
  };
  const timer = setInterval(() => void read(), 40);
  return {
    stop: () => {
      clearInterval(timer);
      return peak;
    },
  };
}

async function processTree(pid: number): Promise<readonly number[]> {
  const text = await readOrEmpty(`/proc/${pid}/task/${pid}/children`);
  const children = text.split(' ').filter(Boolean).map(Number);
  return [pid, ...(await Promise.all(children.map(processTree))).flat()];
}

async function nodePeak(pid: number): Promise<number> {
  // Shells in front of node and BuildKit's clients behind it are not the CLI.
  const program = await readlink(`/proc/${pid}/exe`).catch(() => '');
  if (!program.endsWith('/node')) return 0;
  const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(await readOrEmpty(`/proc/${pid}/status`))?.[1];
  return Number(kilobytes ?? 0) * 1024;
}

// Processes come and go between two reads.
function readOrEmpty(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
