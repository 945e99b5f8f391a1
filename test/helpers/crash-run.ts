import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { runSlipway, type RunSlipwayOptions, type SlipwayRun } from './run-slipway.ts';

const PRELOAD = pathToFileURL(path.join(import.meta.dirname, 'crash-preload.ts')).href;

/** Runs the CLI and tells the steps it took, in order: `rename /a/b`, `spawn buildctl`. */
export async function traceSteps(
  args: readonly string[],
  options: RunSlipwayOptions,
): Promise<{ run: SlipwayRun; steps: readonly string[] }> {
  const directory = await mkdtemp(path.join(tmpdir(), 'slipway-trace-'));
  try {
    const trace = path.join(directory, 'steps');
    const env = { ...options.env, NODE_OPTIONS: `--import=${PRELOAD}`, CRASH_TRACE: trace };
    const run = await runSlipway(args, { ...options, env });
    return { run, steps: (await readFile(trace, 'utf8')).trim().split('\n') };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

export interface Crash {
  /** 1 = before the first step. */
  readonly at: number;
  readonly delayMs: number;
}

/** Runs the CLI until it is killed at that step, then waits until no program that it started is left. */
export async function crash(
  args: readonly string[],
  { at, delayMs }: Crash,
  options: RunSlipwayOptions,
): Promise<SlipwayRun> {
  const mark = randomUUID();
  const env = {
    ...options.env,
    NODE_OPTIONS: `--import=${PRELOAD}`,
    CRASH_AT: String(at),
    CRASH_DELAY_MS: String(delayMs),
    CRASH_MARK: mark,
  };
  const run = await runSlipway(args, { ...options, env });
  await untilGone(mark);
  return run;
}

const LONGEST_WAIT_MS = 15_000;

/** Every child inherits the environment of its parent: that is how they are known. */
export async function untilGone(mark: string, waitMs: number = LONGEST_WAIT_MS): Promise<void> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const left = await processesMarked(mark);
    if (left.length === 0) return;
    if (performance.now() > deadline) throw new Error(`still running: ${left.join('; ')}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Command lines of the processes whose environment holds `CRASH_MARK=<mark>`. */
export async function processesMarked(mark: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
    if (!environment.includes(`CRASH_MARK=${mark}`)) continue;
    found.push((await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')).replaceAll('\0', ' ').trim());
  }
  return found;
}

/** A generator that gives the same numbers for the same seed (mulberry32), so that a failed run can be repeated. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
