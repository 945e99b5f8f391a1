import { fileURLToPath } from 'node:url';
import { runChild } from '../process/run-child.ts';
import type { Environment } from './runner.ts';

/** The command line interface, bundled beside the action: whatever it decides, the action does too. */
export const CLI: string = fileURLToPath(new URL('./slipway.js', import.meta.url));

/** After its SIGINT the runner waits 7.5 s, of which slipway takes at most 5 s to clean up. */
const GRACE_MS = 6500;

export interface Fault {
  readonly message: string;
  /** What to write instead, one sentence. */
  readonly hint: string | undefined;
  /** slipway's code, such as `DOCKERFILE_MISSING`. */
  readonly code: string;
}

export interface SlipwayRun {
  readonly exitCode: number;
  readonly stdout: string;
  /** Set where slipway ended with an error of its own. */
  readonly fault: Fault | undefined;
}

export interface RunOptions {
  readonly env: Environment;
  readonly cwd?: string | undefined;
  readonly signal: AbortSignal;
  /** Takes what slipway says, line by line; left out, nobody is told. */
  readonly onLine?: (line: string) => void;
}

export async function runSlipway(words: readonly string[], options: RunOptions): Promise<SlipwayRun> {
  const out: string[] = [];
  const result = await runChild(process.execPath, {
    args: [CLI, ...words],
    env: options.env,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    signal: options.signal,
    graceMs: GRACE_MS,
    onStdoutLine: (line) => out.push(line),
    onStderrLine: (line) => options.onLine?.(line),
  });
  options.signal.throwIfAborted();
  const exitCode = result.exitCode ?? 3;
  const stdout = out.join('\n');
  return { exitCode, stdout, fault: readFault(result.stderrTail) ?? silentEnd(result, stdout) };
}

/** `slipway: error: MESSAGE [CODE]` and the hint below it, as every command ends that fails. */
export function readFault(lines: readonly string[]): Fault | undefined {
  const index = lines.findLastIndex((line) => line.startsWith('slipway: error: '));
  const [, message, code] = /^slipway: error: (.*) \[([A-Z_]+)\]$/.exec(lines[index] ?? '') ?? [];
  if (message === undefined || code === undefined) return undefined;
  const hint = lines.slice(index).find((line) => line.startsWith('slipway: hint: '));
  return { message, code, hint: hint?.slice('slipway: hint: '.length) };
}

/** Killed, or a fault of Node's: no report came, and no error was said. */
function silentEnd(
  { exitCode, signalName }: { readonly exitCode: number | null; readonly signalName: string | null },
  stdout: string,
): Fault | undefined {
  if (stdout !== '' || exitCode === 0) return undefined;
  return {
    message: `slipway ended ${signalName === null ? `with exit code ${exitCode}` : `by ${signalName}`}`,
    hint: 'What it said is in the log of this step.',
    code: 'INTERNAL',
  };
}
