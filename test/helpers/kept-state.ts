import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { inject } from 'vitest';
import { logOfPlainBuild } from './plain-build.ts';
import { startWorker, type Worker, type WorkerOptions } from './worker.ts';

const run = promisify(execFile);

declare module 'vitest' {
  interface ProvidedContext {
    /** A directory of this run of the suite, which goes when it ends. */
    readonly keptStates: string;
  }
}

/**
 * A directory with what `make` left in it, at rest, for all test files of a run: the first one that asks has it made. For
 * copying only.
 */
export async function keptState(name: string, make: (directory: string) => Promise<void>): Promise<string> {
  const kept = path.join(inject('keptStates'), name);
  if (existsSync(kept)) return kept;
  // A half of it never has its name.
  const begun = `${kept}.${process.pid}`;
  await mkdir(begun, { recursive: true });
  await make(begun);
  await rename(begun, kept);
  return kept;
}

/** As it is, owners, times and links too, in place of an empty directory or of none. */
export async function copyState(from: string, to: string): Promise<void> {
  await mkdir(path.dirname(to), { recursive: true });
  await run('cp', ['--archive', '--no-target-directory', from, to]);
}

/** A worker on a copy of a kept state, which goes with it. `root` is an empty place for that. */
export async function startWorkerFrom(kept: string, { root, ...options }: WorkerOptions = {}): Promise<Worker> {
  const state = root ?? (await mkdtemp(path.join(tmpdir(), 'slipway-state-')));
  const clear = (): Promise<void> => rm(state, { recursive: true, force: true });
  try {
    await copyState(kept, state);
    const worker = await startWorker({ ...options, root: state });
    const stop = async (): Promise<void> => {
      await worker.stop();
      await clear();
    };
    return { ...worker, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await clear();
    throw error;
  }
}

/** One that has unpacked `golang:1.26` and seen no code: what it takes to get there is shared by all files of a run. */
export async function startGoWorker(options: Omit<WorkerOptions, 'root'> = {}): Promise<Worker> {
  return startWorkerFrom(await keptState('golang', unpackGo), options);
}

/** What `keptState` makes of `golang`: the state of a worker that has that image. */
export async function unpackGo(root: string): Promise<void> {
  await using worker = await startWorker({ root });
  const context = await mkdtemp(path.join(tmpdir(), 'slipway-golang-'));
  try {
    await writeFile(path.join(context, 'Dockerfile'), 'FROM golang:1.26 AS build\nRUN true\n');
    await logOfPlainBuild(worker, context);
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}
