import type { BenchMachine } from '../../../src/bench/results.ts';

/** What an image is: the same in every sample. Bytes as the registry holds them. */
export interface ImageFacts {
  readonly variant: string;
  readonly layers: number;
  readonly bytes: number;
  /** All that the worker's disk holds after the pull: the layers as they came, and what they hold. */
  readonly diskFiles: number;
  readonly diskBytes: number;
}

export interface PullSample {
  readonly variant: string;
  readonly repeat: number;
  /** Wall time of `FROM image` and `RUN true` on a fresh worker. */
  readonly seconds: number;
  /** Of buildkitd and the programs it started: it hardly depends on what else the machine does. */
  readonly cpuSeconds: number;
  /** What came from the registry. */
  readonly bytes: number;
}

/** When the base image comes: beside the packs as `slipway build` has it, after them, or before them. */
export const ORDERS = ['beside', 'packs-first', 'base-first'] as const;
export type Order = (typeof ORDERS)[number];

export interface BuildSample {
  readonly variant: string;
  readonly order: Order;
  readonly repeat: number;
  /** Wall time until the image is there, without the save. */
  readonly seconds: number;
  readonly restoreSeconds: number;
  readonly buildSeconds: number;
  readonly cpuSeconds: number;
  /** Of the base image; for packs see `packBytes`. */
  readonly imageBytes: number;
  readonly packBytes: number;
}

/** `bench/results/base-image.json`. */
export interface BaseImageResults {
  readonly schemaVersion: 1;
  readonly startedAt: string;
  readonly commit: string;
  readonly machine: BenchMachine;
  readonly images: readonly ImageFacts[];
  readonly pulls: readonly PullSample[];
  readonly builds: readonly BuildSample[];
}

/** One line for each measurement. */
export function formatResults({ images, pulls, builds, ...rest }: BaseImageResults): string {
  const lines = (name: string, items: readonly unknown[]): string =>
    `"${name}":[\n${items.map((item) => JSON.stringify(item)).join(',\n')}\n]`;
  const lists = [lines('images', images), lines('pulls', pulls), lines('builds', builds)];
  return `${JSON.stringify(rest).slice(0, -1)},${lists.join(',')}}\n`;
}
