import { appendFile, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FreshWorkers } from './fresh-workers.ts';
import { type Sample, parseSamples } from './results.ts';

/** What one build is given. */
export interface BuildContext {
  readonly signal: AbortSignal;
  readonly projectDirectory: string;
  /** Big temporary things: copies of the project, of the seed store, of the cache directories. */
  readonly workDirectory: string;
  /** Tells values and nonces of this run from those of others. */
  readonly runId: string;
  /** What slipway moves of modules: its `--modules`. */
  readonly modules: 'zips' | 'trees';
  say(line: string): void;
}

/** What every case of `bench/run.ts` is given. */
export interface BenchContext extends BuildContext {
  readonly copyCapSeconds: number;
  readonly workers: FreshWorkers;
  readonly samples: SampleLog;
}

export interface SampleLog {
  all(): readonly Sample[];
  has(key: Pick<Sample, 'case' | 'variant' | 'repeat'>): boolean;
  /** On disk when it returns, so that a killed run can be taken up again. */
  add(sample: Omit<Sample, 'at'>): Promise<void>;
}

/** Samples as JSON lines in a file; a run that is not resumed starts it anew. */
export async function openSampleLog(path: string, isResumed: boolean): Promise<SampleLog> {
  await mkdir(join(path, '..'), { recursive: true });
  if (!isResumed) await rm(path, { force: true });
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const samples: Sample[] = [...parseSamples(text)];
  return {
    all: () => samples,
    has: (key) => samples.some((s) => s.case === key.case && s.variant === key.variant && s.repeat === key.repeat),
    add: async (sample) => {
      const whole: Sample = { ...sample, at: new Date().toISOString() };
      samples.push(whole);
      await appendFile(path, `${JSON.stringify(whole)}\n`);
    },
  };
}
