import type { BenchMachine } from '../../src/bench/results.ts';
import type { EditName } from '../edits.ts';

/** The cases by the letters of `--only`. */
export const CASES = {
  a: 'cold',
  b: 'persistent',
  c: 'warm-present',
  d: 'warm-missing',
  e: 'base-pull',
  f: 'copy',
  g: 'already-warm',
  h: 'seed',
  i: 'start',
  j: 'unchanged',
} as const;

export type CaseLetter = keyof typeof CASES;
export type CaseName = (typeof CASES)[CaseLetter];

/** One measurement. `values` are seconds, bytes and counts by name; which ones a case has stands in docs/benchmarks.md. */
export interface Sample {
  readonly case: CaseName;
  /** What tells samples of one case apart: the edit, whether the base image was there, the program that was started. */
  readonly variant: string;
  readonly edit?: EditName;
  readonly repeat: number;
  /** Wall time of what the case is about. */
  readonly seconds: number;
  /** True where a limit ended it: it would have taken longer. */
  readonly isCensored?: boolean;
  readonly values: Readonly<Record<string, number>>;
  readonly at: string;
}

export interface ProjectFacts {
  readonly packages: number;
  readonly packagesWithoutStd: number;
  readonly ownPackages: number;
  readonly modules: number;
  readonly goCacheBytes?: number;
  readonly goCacheFiles?: number;
  readonly modCacheBytes?: number;
  readonly modCacheFiles?: number;
}

/** `bench/results/<date>.json`. A field that changes its meaning raises the version. */
export interface Results {
  readonly schemaVersion: 1;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly wallSeconds: number;
  readonly commit: string;
  readonly repeats: number;
  /** What slipway moved of modules; absent: zips. */
  readonly modules?: 'zips' | 'trees';
  readonly machine: BenchMachine;
  readonly project: ProjectFacts;
  readonly samples: readonly Sample[];
}

export function parseResults(text: string): Results {
  const value = JSON.parse(text) as Results;
  if (value.schemaVersion !== 1) throw new Error(`results of schema version ${String(value.schemaVersion)}, want 1`);
  return value;
}

/** The samples of a JSON-lines file; a line cut short by a kill is left out. */
export function parseSamples(text: string): readonly Sample[] {
  return text.split('\n').flatMap((line) => {
    try {
      return line.trim() === '' ? [] : [JSON.parse(line) as Sample];
    } catch {
      return [];
    }
  });
}

export function samplesOf(samples: readonly Sample[], name: CaseName, variant?: string): readonly Sample[] {
  return samples.filter((sample) => sample.case === name && (variant === undefined || sample.variant === variant));
}
