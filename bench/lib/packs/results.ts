import type { BenchMachine } from '../../../src/bench/results.ts';
import type { Manner } from './split-entries.ts';

/** One way to split a build cache into packs. */
export interface Split {
  readonly manner: Manner;
  readonly packs: number;
}

/** A pack with what it takes one processor to fetch, check and write it. */
export interface PackFacts {
  readonly packedBytes: number;
  readonly uncompressedBytes: number;
  readonly entries: number;
  /** Alone, on one processor; the median of the rounds. */
  readonly secondsAlone: number;
}

export interface SplitResult extends Split {
  readonly packFacts: readonly PackFacts[];
  /** Wall times of all packs, on all processors of this machine: one for each round. */
  readonly fetchSeconds: readonly number[];
}

/** `bench/results/packs.json`. */
export interface PacksResults {
  readonly schemaVersion: 1;
  readonly startedAt: string;
  readonly commit: string;
  readonly machine: BenchMachine;
  readonly rounds: number;
  readonly splits: readonly SplitResult[];
}
